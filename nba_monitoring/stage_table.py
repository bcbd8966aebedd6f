"""The table of stages, read from YAML: the shipped one, or the file that the settings name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from nba_monitoring.core.stages import Stage, StageTable

SHIPPED = Path(__file__).with_name("stages.yaml")


def load_stages(path: Path | None = None) -> StageTable:
    """The stages of a file, or the shipped ones."""
    written: dict[str, Any] = yaml.load((path or SHIPPED).read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    return StageTable(tuple(_stage(name, entry, written["states"]) for name, entry in written["stages"].items()))


def _stage(name: str, entry: dict[str, Any], states: dict[str, Any]) -> Stage:
    state = {"excused_by": states[entry["excused_by"]]} if "excused_by" in entry else {}
    return Stage.model_validate({**entry, "name": name, **state})
