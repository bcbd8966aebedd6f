"""What `status --json` prints for other programs: a line a stage, each with what holds for today as a whole."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from nba_monitoring.core.codec import field_texts, json_schema, to_json_values
from nba_monitoring.core.features_ready import FeaturesReady
from nba_monitoring.core.pipeline_status import PipelineStatus, StageStatus

_PARTS = (StageStatus, FeaturesReady)


def status_lines(found: PipelineStatus) -> Iterator[dict[str, Any]]:
    """A line a stage, in the pipeline's order."""
    today = to_json_values(found.today)
    return (to_json_values(stage) | today for stage in found.stages)


def status_schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of a line. Later versions may add keys, so it does not forbid them."""
    fields: dict[str, Any] = {}
    definitions: dict[str, Any] = {}
    for part in _PARTS:
        schema, texts = json_schema(part), field_texts(part)
        definitions |= schema.get("$defs", {})
        for name, field in schema["properties"].items():
            fields[name] = field | ({"description": texts[name]} if name in texts else {})
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A line of nba-monitoring status --json",
        "description": "One stage, and what holds for today as a whole, which is the same on every line.",
        "type": "object",
        "properties": fields,
        "required": list(fields),
        "$defs": definitions,
    }
