"""Replay, check and Dagster reach the same verdict, whatever a season was like."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
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
from nba_monitoring_tests.replay.random_season import DAYS, MadeGame, MadeSeason, seasons
from nba_monitoring_tests.stage_rows import defense_rows

NOW = datetime(2026, 1, 25, 16, tzinfo=UTC)
HALF_HOUR = timedelta(minutes=30)
OF_THE_RUN = {"check_id", "run_id", "trigger"}


@contextmanager
def past_checks(path: Path) -> Iterator[PastChecks]:
    """The checks of the season in a file."""
    settings = settings_for(path)
    with open_warehouse(settings.warehouse) as warehouse:
        schedule = PastSchedule(warehouse, settings, (DAYS[0], DAYS[-1]), settings.stages.lookback, NOW)
        yield PastChecks(warehouse, settings, settings.stages, schedule, HALF_HOUR)


def drawn(data: st.DataObject, checks: PastChecks) -> tuple[date, datetime]:
    """One of the checks that the schedules may make."""
    day, due = data.draw(st.sampled_from(DAYS)), data.draw(st.sampled_from(list(Due)))
    return day, data.draw(st.sampled_from(checks.instants(day, due)))


def by_stage(record: CheckRecord) -> Sequence[dict[str, Any]]:
    """A row a stage, as `check --stages --json` prints it, but for what names the run and its clock."""
    return [without_run(to_json_values(row)) for row in record.stages.values()]


def without_run(row: dict[str, Any]) -> dict[str, Any]:
    detail = {name: value for name, value in row["detail"].items() if name != "is_clock_real"}
    return {name: value for name, value in row.items() if name not in OF_THE_RUN} | {"detail": detail}


@pytest.mark.slow
@examples(max_examples=12, suppress_health_check=list(HealthCheck))
@given(season=seasons(), data=st.data())
def test_a_replayed_check_has_the_verdict_of_check_as_of(
    season: MadeSeason, data: st.DataObject, tmp_path: Path, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "season.duckdb"
    season.write(path)
    with past_checks(path) as checks:
        taken = [drawn(data, checks) for _ in range(2)]
        replayed = [checks.record(*check) for check in taken]
    monkeypatch.setenv("NBA_MONITORING_WAREHOUSE", f"duckdb://{path}")
    monkeypatch.setenv("NBA_MONITORING_SCHEDULE_APIS", "never")
    for (day, instant), record in zip(taken, replayed, strict=True):
        checked = command("check", "--date", day, "--as-of", instant.isoformat(), "--stages", "--json")
        assert by_stage(record) == [without_run(row) for row in checked.records]


@pytest.mark.slow
@examples(max_examples=4, suppress_health_check=list(HealthCheck), phases=[Phase.generate])
@given(season=seasons(), data=st.data())
def test_a_replayed_check_has_the_verdict_that_dagster_had_at_the_time(
    season: MadeSeason, data: st.DataObject, tmp_path: Path, quick_instance: dg.DagsterInstance
) -> None:
    path = tmp_path / "season.duckdb"
    season.write(path)
    with past_checks(path) as checks:
        day, instant = drawn(data, checks)
        replayed = checks.record(day, instant)
    season.write(path, until=instant)
    with time_machine.travel(instant, tick=False):
        evaluation = evaluations(run_check(settings_for(path), quick_instance, day))[day]
    said = CheckRecord.from_values(record_on(evaluation))
    assert by_stage(replayed) == by_stage(said)
    assert evaluation.passed is said.status.passes


GAMES = [MadeGame(day, "ORL", "MEM", time(19, 30), is_postponed=False) for day in DAYS]
SCHEDULE = [row for game in GAMES for row in game.rows]


def statuses(path: Path, season: MadeSeason, stage: str, *instants: datetime) -> list[tuple[Status, Status]]:
    """A stage's on the second date as replayed and as checked as of each of the instants, all of which are checks."""
    season.write(path)
    settings, day = settings_for(path), DAYS[1]
    with past_checks(path) as checks:
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
    season = MadeSeason(
        SCHEDULE,
        {},
        [
            {**halt, "halt_since": DAYS[1], "written_at": stopped},
            {**halt, "halt_active": False, "halt_since": None, "written_at": goes_on},
        ],
    )
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
    season = MadeSeason(
        SCHEDULE,
        {
            "team_defense": [
                *(row | {"processed_at": later} for row in defense_rows(DAYS[0])),
                *(row | {"processed_at": before} for row in defense_rows(DAYS[1], content_of=DAYS[0])),
            ]
        },
        [],
    )
    instants = [eastern_instant(DAYS[1], clock) for clock in (time(12), time(12, 30), time(18))]
    assert statuses(tmp_path / "season.duckdb", season, "team_defense", *instants) == [
        (Status.AVAILABLE, Status.AVAILABLE),
        (Status.BAD_DATA, Status.BAD_DATA),
        (Status.BAD_DATA, Status.BAD_DATA),
    ]
