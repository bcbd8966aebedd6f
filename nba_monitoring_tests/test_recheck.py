"""Rechecks: which runs the schedule requests. `core/test_settled.py` has the rules."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from itertools import takewhile
from pathlib import Path

import dagster as dg
import pytest
import time_machine
from dagster._utils.schedules import schedule_execution_time_iterator

from nba_monitoring.cli.main import main
from nba_monitoring.core.eastern import PACIFIC, game_date
from nba_monitoring.core.settled import last_check
from nba_monitoring.definitions import definitions
from nba_monitoring.orchestration.schedules import recheck_until_covered
from nba_monitoring_tests.days import DAY, EVE, at
from nba_monitoring_tests.morning import FACTORS, Platform, check_alone, run_check, settings_for
from nba_monitoring_tests.orchestration.ended_runs import look_in_a_run
from nba_monitoring_tests.platform_tables import factor_rows

pytestmark = pytest.mark.usefixtures("held_open")

SCHEDULED = {"nba_monitoring/trigger": "scheduled"}


@pytest.fixture
def platform(platform: Platform) -> Platform:
    platform.schedule(DAY, "ORL@MEM", "TOR@LAL", tip=time(19))
    return platform


def tick(instance: dg.DagsterInstance, moment: datetime) -> dg.RunRequest | dg.SkipReason:
    """What is requested for the date, whatever is requested for the day before."""
    answer = answered(instance, moment)
    if isinstance(answer, dg.SkipReason):
        return answer
    return next((request for request in answer if request.partition_key == str(DAY)), dg.SkipReason("not this date"))


def answered(instance: dg.DagsterInstance, moment: datetime) -> list[dg.RunRequest] | dg.SkipReason:
    answer = recheck_until_covered(dg.build_schedule_context(instance=instance, scheduled_execution_time=moment))
    assert isinstance(answer, list | dg.SkipReason)
    return answer


def asked_again(instance: dg.DagsterInstance, moment: datetime) -> list[str | None]:
    """The dates that a tick rechecks."""
    answer = answered(instance, moment)
    return [] if isinstance(answer, dg.SkipReason) else [request.partition_key for request in answer]


@pytest.mark.slow
def test_a_failing_date_is_checked_again_and_each_check_is_a_row_of_the_history(
    platform: Platform, instance: dg.DagsterInstance
) -> None:
    with time_machine.travel(at(8)):
        run_check(platform.settings, instance, DAY, tags=SCHEDULED)
    request = tick(instance, at(8, 30))
    assert isinstance(request, dg.RunRequest)
    assert request.partition_key == "2026-01-18"
    with time_machine.travel(at(8, 30)):
        run_check(platform.settings, instance, DAY, tags=request.tags)
    rows = platform.rows("SELECT trigger, status FROM nba_monitoring.data_availability_checks ORDER BY check_time")
    assert rows == [("scheduled", "MISSING_DATA"), ("recheck", "MISSING_DATA")]


def cover(platform: Platform) -> None:
    platform.add(FACTORS, factor_rows(DAY, "20260118_ORL_MEM", 30) + factor_rows(DAY, "20260118_TOR_LAL", 30))


@pytest.mark.slow
def test_a_check_under_a_moved_clock_does_not_count(
    platform: Platform,
    instance: dg.DagsterInstance,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("NBA_MONITORING_WAREHOUSE", f"duckdb://{platform.path}")
    monkeypatch.setenv("NBA_MONITORING_SCHEDULE_APIS", "never")
    with time_machine.travel(at(8)):
        look_in_a_run(platform, instance, DAY, tags=SCHEDULED)
    cover(platform)
    with time_machine.travel(at(9)):
        with pytest.raises(SystemExit) as ended:
            main(["check", "--date", "2026-01-18", "--now", "2026-01-18T20:00-08:00"])
        assert ended.value.code == 0
        with pytest.raises(SystemExit):
            main(["history", "--from", "2026-01-18", "--to", "2026-01-18"])
    assert "manual, --now or --as-of" in capsys.readouterr().out
    with time_machine.travel(at(21)):
        evaluation = check_alone(platform.settings, instance, DAY)
    assert not evaluation.passed
    assert (evaluation.description or "").startswith("2026-01-18 MISSING_DATA")


def test_a_morning_without_a_verdict_is_checked_later(instance: dg.DagsterInstance) -> None:
    assert isinstance(tick(instance, at(8, 30)), dg.RunRequest)


def test_the_checks_fill_the_rest_of_the_eastern_day() -> None:
    cron, zone = recheck_until_covered.cron_schedule, recheck_until_covered.execution_timezone
    assert not isinstance(cron, str)
    assert zone is not None
    every = schedule_execution_time_iterator(at(0).timestamp(), cron, zone)
    ticks = list(takewhile(lambda moment: moment.astimezone(PACIFIC).date() == DAY, every))
    assert ticks[0] == at(8, 30)
    assert ticks[-1] == at(20, 30)
    assert {game_date(moment) for moment in ticks} == {DAY}
    assert [last_check(moment) for moment in ticks] == ticks
    assert last_check(ticks[-1] + timedelta(minutes=1)) is None


# The results of the games of the day before, due at 7:00 AM ET of the date.
SUMMARY = "nba_analytics.player_game_summary"


@pytest.fixture
def eve(tmp_path: Path) -> Platform:
    """Every stage is watched; the table of player summaries is empty, and today's games are covered."""
    platform = Platform(tmp_path / "warehouse.duckdb", stages=None)
    platform.schedule(DAY, "ORL@MEM", "TOR@LAL", tip=time(19))
    platform.rows("CREATE SCHEMA nba_analytics")
    platform.rows(
        f"CREATE TABLE {SUMMARY} (game_date DATE, game_id VARCHAR, player_lookup VARCHAR, points BIGINT, "
        "processed_at TIMESTAMP)"
    )
    cover(platform)
    return platform


def summarize(platform: Platform) -> None:
    platform.rows(
        f"INSERT INTO {SUMMARY} SELECT DATE '{EVE}', '{EVE:%Y%m%d}_UTA_WAS', 'player' || n, 10, NULL "
        "FROM range(20) AS r(n)"
    )


def look_at(platform: Platform, instance: dg.DagsterInstance, day: date, moment: datetime) -> None:
    with time_machine.travel(moment):
        look_in_a_run(platform, instance, day, tags=SCHEDULED)


@pytest.mark.slow
def test_missing_results_are_checked_until_their_deadline_and_once_at_it(
    eve: Platform, instance: dg.DagsterInstance
) -> None:
    look_at(eve, instance, DAY, at(8))
    look_at(eve, instance, EVE, at(8))
    assert asked_again(instance, at(8, 30)) == [str(EVE)]
    assert asked_again(instance, at(11, 30)) == [str(EVE)]
    assert asked_again(instance, at(12)) == [str(EVE)]
    look_at(eve, instance, EVE, at(12))
    assert asked_again(instance, at(12, 30)) == []


@pytest.mark.slow
def test_results_that_are_complete_are_left_alone(eve: Platform, instance: dg.DagsterInstance) -> None:
    summarize(eve)
    look_at(eve, instance, DAY, at(8))
    look_at(eve, instance, EVE, at(8))
    answer = answered(instance, at(8, 30))
    assert isinstance(answer, dg.SkipReason)
    assert answer.skip_message == f"{DAY} is AVAILABLE; {EVE} is complete"


@pytest.mark.slow
def test_both_dates_of_one_tick_are_asked_for_under_keys_of_their_own(
    eve: Platform, instance: dg.DagsterInstance
) -> None:
    look_at(eve, instance, EVE, at(8))
    repository = definitions(settings_for(eve.path)).get_repository_def()
    context = dg.build_schedule_context(
        instance=instance, scheduled_execution_time=at(8, 30), repository_def=repository
    )
    # As the daemon evaluates it: Dagster refuses several requests of a tick that it can't distinguish.
    requests = repository.get_schedule_def("recheck_until_covered").evaluate_tick(context).run_requests or ()
    assert [(request.partition_key, request.run_key) for request in requests] == [
        (str(DAY), str(DAY)),
        (str(EVE), str(EVE)),
    ]
    assert {request.tags["nba_monitoring/trigger"] for request in requests} == {"recheck"}


def test_a_date_that_was_not_checked_when_it_was_played_gets_no_results_check(instance: dg.DagsterInstance) -> None:
    assert asked_again(instance, at(11, 30)) == [str(DAY)]
