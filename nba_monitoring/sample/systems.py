"""The prediction systems, and what the platform's register says of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class System:
    """A prediction system."""

    name: str
    version: str  # that it writes
    since: date | None = None  # the first game date it wrote for; None: from the first on
    is_shadow: bool = False  # its rows are not active


# Six in January 2026. On 2026-02-05 there were eight; which the other two were is not on record.
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

# In the register, switched off, and so never among the predictions.
_BLOCKED = "lgbm_v1_blocked"


def systems_on(day: date) -> tuple[System, ...]:
    """Those that write predictions for a game date."""
    return tuple(system for system in SYSTEMS if system.since is None or system.since <= day)


def register_rows() -> list[dict[str, object]]:
    """`nba_predictions.model_registry`, which has no dates: how it stands today."""
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
