"""Slates as they happened, or could: what each source listed, and what was to be played. Data for one test."""

from __future__ import annotations

from nba_monitoring_tests.core.slate.scenarios import (
    days_off,
    incidents,
    parts_of_the_season,
    postponements,
    without_teams,
    witnesses,
)
from nba_monitoring_tests.core.slate.scenarios.scenario import Scenario

SCENARIOS: list[Scenario] = [
    *incidents.SCENARIOS,
    *parts_of_the_season.SCENARIOS,
    *postponements.SCENARIOS,
    *witnesses.SCENARIOS,
    *days_off.SCENARIOS,
    *without_teams.SCENARIOS,
]
