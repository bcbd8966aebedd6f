"""Replay, check and Dagster reach the same verdict, whatever a season was like."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from pathlib import Path
from random import Random
from typing import Any

import dagster as dg
import pytest
import time_machine
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from nba_monitoring.core.codec import to_json_values
from nba_monitoring.core.eastern import eastern_instant
from nba_monitoring.core.record import CheckRecord
from nba_monitoring.core.stages import Due
from nba_monitoring.core.status import Status
from nba_monitoring.monitor import Monitor
from nba_monitoring.replay.past_checks import PastChecks, PastSchedule
from nba_monitoring.warehouse import open_warehouse
from nba_monitoring_tests.cli.conftest import Command
from nba_monitoring_tests.morning import evaluations, record_on, run_check, settings_for
from nba_monitoring_tests.platform_tables import nbac_row
from nba_monitoring_tests.season_machine.batches import Batch
from nba_monitoring_tests.season_machine.calendar import TRICODES, Calendar, Game
from nba_monitoring_tests.season_machine.clock import DAY, eastern
from nba_monitoring_tests.season_machine.machine import jumbled
from nba_monitoring_tests.season_machine.schedule import league_rows
from nba_monitoring_tests.season_machine.season import Season

HALF_HOUR = timedelta(minutes=30)
OF_THE_RUN = {"check_id", "run_id", "trigger"}
BESIDE_THE_COLUMNS = {"fix", "links"}  # what `check --json` adds


@contextmanager
def past_checks(path: Path, first: date, last: date) -> Iterator[PastChecks]:
    """The checks of a season's dates in a file."""
    settings = settings_for(path)
    with open_warehouse(settings.warehouse) as warehouse:
        schedule = PastSchedule(warehouse, settings, (first, last), settings.stages.lookback, eastern(last, 7 * 24))
        yield PastChecks(warehouse, settings, settings.stages, schedule, HALF_HOUR)


def drawn(data: st.DataObject, checks: PastChecks) -> tuple[date, datetime]:
    """One of the checks that the schedules may make."""
    day, due = data.draw(st.sampled_from(checks.schedule.days)), data.draw(st.sampled_from(list(Due)))
    return day, data.draw(st.sampled_from(checks.instants(day, due)))


def by_stage(record: CheckRecord) -> Sequence[dict[str, Any]]:
    """A row a stage, as `check --stages --json` prints it, but for what names the run and its clock."""
    return [without_run(to_json_values(row)) for row in record.stages.values()]


def without_run(row: dict[str, Any]) -> dict[str, Any]:
    detail = {name: value for name, value in row["detail"].items() if name != "is_clock_real"}
    return {name: value for name, value in row.items() if name not in OF_THE_RUN | BESIDE_THE_COLUMNS} | {
        "detail": detail
    }


@pytest.mark.thorough
@examples(max_examples=12, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 10_000), data=st.data())
def test_a_replayed_check_has_the_verdict_of_check_as_of(
    seed: int, data: st.DataObject, tmp_path: Path, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, made = tmp_path / "season.duckdb", jumbled(seed, days=3)
    made.season.write(path)
    with past_checks(path, *made.span) as checks:
        taken = [drawn(data, checks) for _ in range(2)]
        replayed = [checks.record(*check) for check in taken]
    monkeypatch.setenv("NBA_MONITORING_WAREHOUSE", f"duckdb://{path}")
    monkeypatch.setenv("NBA_MONITORING_SCHEDULE_APIS", "never")
    for (day, instant), record in zip(taken, replayed, strict=True):
        checked = command("check", "--date", day, "--as-of", instant.isoformat(), "--stages", "--json")
        assert by_stage(record) == [without_run(row) for row in checked.records]


@pytest.mark.thorough
@examples(max_examples=4, suppress_health_check=list(HealthCheck), phases=[Phase.generate])
@given(seed=st.integers(0, 10_000), data=st.data())
def test_a_replayed_check_has_the_verdict_that_dagster_had_at_the_time(
    seed: int, data: st.DataObject, tmp_path: Path, quick_instance: dg.DagsterInstance
) -> None:
    path, made = tmp_path / "season.duckdb", jumbled(seed, days=3)
    made.season.write(path)
    with past_checks(path, *made.span) as checks:
        day, instant = drawn(data, checks)
        replayed = checks.record(day, instant)
    made.season.write(path, until=instant)
    with time_machine.travel(instant, tick=False):
        evaluation = evaluations(run_check(settings_for(path), quick_instance, day))[day]
    said = CheckRecord.from_values(record_on(evaluation))
    assert by_stage(replayed) == by_stage(said)
    assert evaluation.passed is said.status.passes


DAYS = [date(2026, 1, 15), date(2026, 1, 16)]
CALENDAR = Calendar(
    tuple(Game(day, eastern(day, 19.5), "ORL", "MEM", f"002250060{number}", None) for number, day in enumerate(DAYS))
)


def two_dates() -> Season:
    """A season of two dates with a game each, and nothing of it but the schedule."""
    around = [nbac_row(day, "UTA", "WAS") for day in (DAYS[0] - DAY, DAYS[-1] + DAY)]
    schedule = [*around, *league_rows(CALENDAR.games, eastern(DAYS[0], 5))]
    return Season(Random(0), CALENDAR, hours={}, batches={}, schedule=schedule)  # noqa: S311 of a test


def statuses(path: Path, season: Season, stage: str, *instants: datetime) -> list[tuple[Status, Status]]:
    """A stage's on the second date as replayed and as checked as of each of the instants, all of which are checks."""
    season.write(path)
    settings, day = settings_for(path), DAYS[1]
    with past_checks(path, *DAYS) as checks:
        replayed = [checks.record(day, instant).stages[stage].status for instant in instants]
    with open_warehouse(settings.warehouse) as warehouse:
        checked = [
            Monitor(warehouse, settings, day, day, instant, instant, is_clock_real=False).verdict(day).stages[stage]
            for instant in instants
        ]
    return list(zip(replayed, (found.status for found in checked), strict=True))


@pytest.mark.slow
def test_a_halt_excuses_no_check_made_before_it_was_written(tmp_path: Path) -> None:
    halt = {"effective_date": DAYS[1], "sport": "nba", "halt_active": True, "halt_reason": "manual"}
    stopped, goes_on = eastern_instant(DAYS[1], time(15, 15)), eastern_instant(DAYS[1], time(16, 15))
    season = two_dates()
    season.halts = [
        {**halt, "halt_since": DAYS[1], "written_at": stopped},
        {**halt, "halt_active": False, "halt_since": None, "written_at": goes_on},
    ]
    instants = [eastern_instant(DAYS[1], clock) for clock in (time(15), time(15, 30), time(16, 30))]
    assert statuses(tmp_path / "season.duckdb", season, "predictions", *instants) == [
        (Status.MISSING_DATA, Status.MISSING_DATA),
        (Status.HALTED, Status.HALTED),
        (Status.MISSING_DATA, Status.MISSING_DATA),
    ]


@pytest.mark.slow
def test_rows_of_the_day_before_count_from_when_they_came(tmp_path: Path) -> None:
    """The second day's rows are those of the first, which came later."""
    before, later = eastern_instant(DAYS[1], time(6)), eastern_instant(DAYS[1], time(12, 15))
    season = two_dates()
    for day, at in zip(DAYS, (later, before), strict=True):
        season.batches["team_defense", day] = [Batch(day, at, teams=TRICODES)]
    instants = [eastern_instant(DAYS[1], clock) for clock in (time(12), time(12, 30), time(18))]
    assert statuses(tmp_path / "season.duckdb", season, "team_defense", *instants) == [
        (Status.AVAILABLE, Status.AVAILABLE),
        (Status.BAD_DATA, Status.BAD_DATA),
        (Status.BAD_DATA, Status.BAD_DATA),
    ]
