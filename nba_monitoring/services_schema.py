"""The JSON schema of a services file: editors complete fields, explain them and mark errors.

It covers single fields. That `feeds` names a stage, and that no service appears twice, is found on loading.
"""

from __future__ import annotations

from typing import Any

from pydantic.json_schema import models_json_schema

from nba_monitoring.core.service_entries import SERVICE_NAME
from nba_monitoring.services_file import ImageAlone, ServiceEntry, ServicesFile
from nba_monitoring.stages_file.schema import describe

_REF = "#/$defs/{model}"


def services_schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of a services file."""
    kinds = (ServicesFile, ServiceEntry, ImageAlone)
    _, models = models_json_schema([(kind, "validation") for kind in kinds], ref_template=_REF, title="Services")
    definitions = models["$defs"]
    for kind in kinds:
        describe(kind, definitions)
    file = definitions.pop("ServicesFile")
    entries = [{"$ref": _REF.format(model=kind.__name__)} for kind in (ServiceEntry, ImageAlone)]
    file["properties"]["services"] = {
        "type": "object",
        "description": file["properties"]["services"]["description"],
        "propertyNames": {"pattern": SERVICE_NAME},
        "additionalProperties": {"anyOf": entries},
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **file,
        "title": "Services",
        "$defs": definitions,
    }
