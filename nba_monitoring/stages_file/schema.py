"""The JSON schema of a stages file: editors complete fields, explain them and mark errors.

It covers single fields. Problems between entries, such as an upstream stage that comes later, are found on loading.
"""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from nba_monitoring.core.codec import field_texts
from nba_monitoring.core.stage_fields import STAGE_NAME
from nba_monitoring.core.stages import Stage, State
from nba_monitoring.stages_file.loading import SHIPPED, StagesFile
from nba_monitoring.stages_file.problems import models_in
from nba_monitoring.stages_file.yaml_text import read_yaml

Schema = dict[str, Any]

_REF = "#/$defs/{model}"
_AFTER = {
    "type": "string",
    "description": "The stage that it follows directly; `schedule` to be the first. Default: a new stage is the last.",
}


def stages_schema() -> Schema:
    """JSON Schema (draft 2020-12) of a stages file, whole or extending the shipped one."""
    _, models = models_json_schema(
        [(model, "validation") for model in (StagesFile, Stage, State)], ref_template=_REF, title="Stages"
    )
    shipped = StagesFile.model_validate(read_yaml(SHIPPED, "NBA_MONITORING_STAGES").data)
    definitions = models["$defs"]
    for model in (StagesFile, Stage, State):
        describe(model, definitions)
    file = definitions.pop("StagesFile")
    stage, state = definitions["Stage"], definitions["State"]
    added = stage | {"properties": stage["properties"] | {"after": _AFTER}}
    definitions |= {"AddedStage": added, "ChangedStage": _changed(added), "ChangedState": _changed(state)}
    extending = file["properties"] | {
        "states": _entries(file, "states", "State", dict.fromkeys(shipped.states, "ChangedState")),
        "stages": _entries(file, "stages", "AddedStage", dict.fromkeys(shipped.stages, "ChangedStage")),
    }
    whole = {"states": _entries(file, "states", "State"), "stages": _entries(file, "stages", "Stage")}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Stages",
        "description": file["description"],
        "type": "object",
        "if": {"required": ["extend"]},
        "then": {"properties": extending, "additionalProperties": False},
        "else": {"properties": whole, "additionalProperties": False, "required": ["stages"]},
        "$defs": definitions,
    }


def describe(model: type[BaseModel], definitions: Schema) -> None:
    """Describe the fields of a model, and of the models in them, by the docstrings under them."""
    fields = definitions[model.__name__]["properties"]
    for name, text in field_texts(model).items():
        if name in fields:
            fields[name]["description"] = text
    for info in model.model_fields.values():
        for inner in models_in(info.annotation):
            if inner.__name__ in definitions:
                describe(inner, definitions)


def _entries(file: Schema, field: str, model: str, known: dict[str, str] | None = None) -> Schema:
    """Entries by name, of one model; those with a known name, of another."""
    schema: Schema = {
        "type": "object",
        "description": file["properties"][field]["description"],
        "additionalProperties": {"$ref": _REF.format(model=model)},
    }
    if known:
        schema["properties"] = {name: {"$ref": _REF.format(model=changed)} for name, changed in known.items()}
    return schema | ({"propertyNames": {"pattern": STAGE_NAME}} if field == "stages" else {})


def _changed(entry: Schema) -> Schema:
    """An entry whose fields are all optional; an empty one removes the shipped value."""
    fields = {name: {"anyOf": [field, {"type": "null"}]} for name, field in entry["properties"].items()}
    return {name: value for name, value in entry.items() if name != "required"} | {"properties": fields}
