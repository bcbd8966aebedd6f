"""How long a season's incidents took, in the middle and at worst."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import pandas as pd

from nba_monitoring.core.incidents import Incident
from nba_monitoring.core.response_times import ResponseTimes
from nba_monitoring.core.stages import Due


@dataclass(frozen=True, slots=True)
class Spread:
    """Minutes of one step over the incidents that came to it."""

    step: str
    incidents: int
    median: float
    worst: float
    worst_of: str  # the incident's id


def response_spreads(incidents: Sequence[Incident]) -> tuple[Spread, ...]:
    """Of each step that some incident came to. What was left counts the incidents that are due before the tip-off."""
    before_tip = [incident for incident in incidents if incident.due is Due.BEFORE_TIP]
    all_times, left = _times(incidents), _times(before_tip)
    steps = (
        ("to detect", all_times, "minutes_to_detect", True),
        ("to tell", all_times, "minutes_to_tell", True),
        ("to recover", all_times, "minutes_to_recover", True),
        ("left to the first tip-off when told", left, "minutes_left_told", False),
    )
    spreads = (
        _spread(step, times[column].dropna(), is_long_bad)
        for step, times, column, is_long_bad in steps
        if column in times
    )
    return tuple(spread for spread in spreads if spread is not None)


def _times(incidents: Sequence[Incident]) -> pd.DataFrame:
    index = [incident.incident_id for incident in incidents]
    return pd.DataFrame([asdict(ResponseTimes.of(incident)) for incident in incidents], index=index).astype(float)


def _spread(step: str, minutes: pd.Series[float], is_long_bad: bool) -> Spread | None:
    if minutes.empty:
        return None
    worst = minutes.idxmax() if is_long_bad else minutes.idxmin()
    return Spread(step, len(minutes), float(minutes.median()), float(minutes[worst]), str(worst))
