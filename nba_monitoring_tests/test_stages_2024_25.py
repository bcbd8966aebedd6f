"""The real season 2024-25 by stage: seven real tables, checked once everything was due."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, time, timedelta

import duckdb
import pytest

from nba_monitoring.core.eastern import dates_between, eastern_instant
from nba_monitoring.core.stages import Due
from nba_monitoring.core.status import Status
from nba_monitoring.core.verdict import DateVerdict
from nba_monitoring.monitor import Monitor
from nba_monitoring.settings import Settings
from nba_monitoring.warehouse import Warehouse
from nba_monitoring.warehouse.engines.duckdb import DuckDBEngine
from nba_monitoring_tests.evidence import DATES_WITH_GAMES, FIRST_DATE, LAST_DATE
from nba_monitoring_tests.evidence_stages import BY_DATE, BY_GAME, fill_stages_from_evidence

# In one worker: the season is checked once for all of them.
pytestmark = [pytest.mark.thorough, pytest.mark.xdist_group("stages_2024_25"), pytest.mark.timeout(600)]

DATES = dates_between(FIRST_DATE, LAST_DATE)
THIN_DATES = (date(2025, 2, 20), date(2025, 2, 21))


@pytest.fixture(scope="module")
def platform() -> Iterator[Warehouse]:
    with duckdb.connect() as connection:
        fill_stages_from_evidence(connection)
        yield Warehouse(DuckDBEngine(connection))


@pytest.fixture(scope="module")
def verdicts(platform: Warehouse) -> Mapping[date, DateVerdict]:
    """The verdict on each date on the afternoon after its week."""
    found: dict[date, DateVerdict] = {}
    for first in DATES[::7]:
        found |= _look(platform, first, min(first + timedelta(days=6), LAST_DATE))
    return found


def _look(platform: Warehouse, first: date, last: date) -> Mapping[date, DateVerdict]:
    """The verdicts on the dates as of 3 PM Eastern of the day after the last."""
    now = eastern_instant(last + timedelta(days=1), time(15))
    monitor = Monitor(platform, Settings.load(), first, last, now, is_clock_real=False)
    return {day: monitor.verdict(day) for day in monitor.dates}


def dates_of(verdicts: Mapping[date, DateVerdict], stage: str, status: Status) -> list[date]:
    return [day for day, verdict in verdicts.items() if verdict.stages[stage].status is status]


def days(first: int, last: int) -> list[date]:
    """Game dates by days after the opener."""
    return [FIRST_DATE + timedelta(days=n) for n in range(first, last + 1)]


# Day 14, an election, had no games.
NOTHING_YET: Mapping[str, list[date]] = {
    "player_context": [],
    "phase4": days(0, 13),
    "predictions": days(0, 13),
    "daily_cache": days(0, 13),
    "shot_zones": [*days(0, 13), *days(15, 16)],
    "team_defense": [*days(0, 13), *days(15, 24)],
    "player_summary": [],
}
THIN: Mapping[str, tuple[date, ...]] = dict.fromkeys(("player_context", "daily_cache", "phase4"), THIN_DATES)


@pytest.mark.parametrize("stage", [*BY_GAME, *BY_DATE])
def test_every_date_of_a_stage_gets_the_right_verdict(verdicts: Mapping[date, DateVerdict], stage: str) -> None:
    with_games = [day for day, verdict in verdicts.items() if verdict.slate.expected]
    assert len(with_games) == DATES_WITH_GAMES
    thin = list(THIN.get(stage, ()))
    assert dates_of(verdicts, stage, Status.BOOTSTRAP) == NOTHING_YET[stage]
    assert dates_of(verdicts, stage, Status.PARTIAL_DATA) == thin
    covered = [day for day in with_games if day not in NOTHING_YET[stage] and day not in thin]
    assert dates_of(verdicts, stage, Status.AVAILABLE) == covered
    assert dates_of(verdicts, stage, Status.NO_GAMES) == [day for day in DATES if day not in with_games]


def test_the_seven_stages_are_watched_and_no_other(verdicts: Mapping[date, DateVerdict]) -> None:
    assert {frozenset(verdict.stages) for verdict in verdicts.values()} == {frozenset(BY_GAME | BY_DATE)}


def test_on_the_thin_dates_the_player_context_broke_first(verdicts: Mapping[date, DateVerdict]) -> None:
    broken = {day: verdict for day, verdict in verdicts.items() if verdict.first_broken is not None}
    assert tuple(broken) == THIN_DATES
    for verdict in broken.values():
        assert verdict.first_broken_of(Due.BEFORE_TIP) == "player_context"
        assert verdict.first_broken_of(Due.MORNING_AFTER) is None
        assert {found.stage.name for found in verdict.downstream} == {"daily_cache", "phase4"}
        assert not verdict.orphans


def test_no_rule_finds_anything(verdicts: Mapping[date, DateVerdict]) -> None:
    found = [
        (day, name, finding)
        for day, verdict in verdicts.items()
        for name, stage in verdict.stages.items()
        for finding in stage.findings
    ]
    assert not found


# The opener, the end of the bootstrap, the first rows of both ramps and their last steps, the thin dates, the Finals.
AFTERNOONS = [*(FIRST_DATE + timedelta(days=n) for n in (0, 13, 15, 18, 26, 30, 36)), *THIN_DATES, LAST_DATE]


@pytest.mark.parametrize("day", AFTERNOONS, ids=str)
def test_the_afternoon_after_a_date_gives_the_same_verdict(
    platform: Warehouse, verdicts: Mapping[date, DateVerdict], day: date
) -> None:
    alone = _look(platform, day, day)[day]
    assert {name: stage.status for name, stage in alone.stages.items()} == {
        name: stage.status for name, stage in verdicts[day].stages.items()
    }
