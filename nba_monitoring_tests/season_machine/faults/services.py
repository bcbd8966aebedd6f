"""A Cloud Run service that fails, and drags the stage that it fills."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from nba_monitoring_tests.season_machine.answers import Planted
from nba_monitoring_tests.season_machine.clock import HALF_HOUR, eastern
from nba_monitoring_tests.season_machine.faults.absence import a_stage_is_missing
from nba_monitoring_tests.season_machine.season import Outage, Season


def a_service_fails(season: Season, day: date) -> Planted | None:
    """A stage has no rows for a date, because its service answered no request until they came."""
    planted = a_stage_is_missing(season, day)
    if planted is None or planted.due is None:
        return None
    until = planted.recovered or eastern(day, 24)
    season.outages.append(Outage(planted.stage, planted.due - HALF_HOUR, until))
    return replace(planted, kind="a service fails", service=season.service_of(planted.stage))


def a_service_fails_and_the_rows_come(season: Season, day: date) -> Planted | None:
    """A service fails after its rows have come: no alert about data."""
    if day not in season.hours:
        return None
    stage = season.rng.choice(("phase4", "feature_store", "predictions"))
    due = season.hours[day].due[stage]
    season.outages.append(Outage(stage, due, due + 4 * HALF_HOUR))
    return Planted("a service fails and the rows come", day)
