"""The prediction systems, and the platform's register of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class System:
    """A prediction system."""

    name: str
    version: str
    since: date | None = None  # its first game date; None: the first of all
    is_shadow: bool = False  # its rows are not active


# Six in January 2026, eight on 2026-02-05; which two were added is not on record.
SYSTEMS = (
    System("moving_average", "v1"),
    System("zone_matchup_v1", "v1"),
    System("similarity_balanced_v1", "v1"),
    System("xgboost_v1", "v1"),
    System("catboost_v8", "v8"),
    System("ensemble_v1", "v1"),
    System("catboost_v9", "v9", since=date(2026, 2, 1), is_shadow=True),
    System("ensemble_v1_1", "v1_1", since=date(2026, 2, 1), is_shadow=True),
)

# Disabled in the register, so it has no predictions.
_BLOCKED = "lgbm_v1_blocked"


def systems_on(day: date) -> tuple[System, ...]:
    """The systems that predict a game date."""
    return tuple(system for system in SYSTEMS if system.since is None or system.since <= day)


def register_rows() -> list[dict[str, object]]:
    """Rows of `nba_predictions.model_registry`, which has no dates: its current state."""
    rows: list[dict[str, object]] = [
        {
            "model_id": system.name,
            "enabled": True,
            "is_production": not system.is_shadow,
            "status": "shadow" if system.is_shadow else "active",
        }
        for system in SYSTEMS
    ]
    return [*rows, {"model_id": _BLOCKED, "enabled": False, "is_production": False, "status": "blocked"}]
