"""The real season 2024-25 replayed: the alerts that would have been sent, with each stage on time."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import duckdb
import pytest

from nba_monitoring.core.eastern import eastern
from nba_monitoring.core.status import Severity, Status
from nba_monitoring.replay.replay import Replay, replay
from nba_monitoring.replay.score import ReplayedDate
from nba_monitoring.settings import Settings
from nba_monitoring.warehouse import Warehouse
from nba_monitoring.warehouse.engines.duckdb import DuckDBEngine
from nba_monitoring_tests.evidence import DATES_WITH_GAMES, FIRST_DATE, LAST_DATE
from nba_monitoring_tests.evidence_stages import fill_stages_from_evidence

# In one worker: the season is replayed once for all of them.
pytestmark = [pytest.mark.thorough, pytest.mark.xdist_group("replay_2024_25"), pytest.mark.timeout(600)]

THIN_DATES = (date(2025, 2, 20), date(2025, 2, 21))
END_OF_SUMMER = date(2025, 9, 30)
NOW = datetime(2025, 10, 15, 16, tzinfo=UTC)


@pytest.fixture(scope="module")
def found() -> Replay:
    """From the opener to the end of September."""
    return replayed(FIRST_DATE, END_OF_SUMMER)


def replayed(first: date, last: date, late: timedelta = timedelta(0)) -> Replay:
    """The dates replayed, with each stage `late` after it is due."""
    with duckdb.connect() as connection:
        fill_stages_from_evidence(connection, late)
        warehouse = Warehouse(DuckDBEngine(connection))
        in_force, _ = replay(warehouse, Settings.load(), (first, last), timedelta(minutes=30), NOW)
    return in_force


def told_of(on_date: ReplayedDate) -> list[tuple[str, str, str, Severity]]:
    return [
        (f"{eastern(told.at):%H:%M}", told.reason.value, told.incident.stage, told.incident.severity)
        for told in on_date.alerts
    ]


def test_the_thin_dates_are_reported_and_nothing_else_is(found: Replay) -> None:
    told = {on_date.day: on_date.first_alerts for on_date in found.dates if on_date.alerts}
    assert tuple(told) == THIN_DATES
    for day, first in told.items():
        (message,) = first.values()
        assert message.incident.incident_id == f"nba-{day}"
        assert (message.incident.stage, message.incident.status) == ("player_context", Status.PARTIAL_DATA)
        assert message.incident.detail.behind == ("daily_cache", "phase4")


def test_a_thin_date_is_reported_at_the_first_check_and_becomes_urgent_before_its_tip_off(found: Replay) -> None:
    assert [told_of(on_date) for on_date in found.dates if on_date.alerts] == [
        [
            ("11:00", "first finding", "player_context", Severity.WARN),
            ("13:00", "reminder", "player_context", Severity.WARN),
            ("15:00", "reminder", "player_context", Severity.WARN),
            ("16:00", "got worse", "player_context", Severity.ERROR),  # three hours before 7:00 PM
            ("18:00", "reminder", "player_context", Severity.ERROR),
            ("20:00", "reminder", "player_context", Severity.ERROR),
            ("22:00", "too late", "player_context", Severity.ERROR),  # the last game tips off
        ],
        [
            ("11:00", "first finding", "player_context", Severity.WARN),
            ("13:00", "reminder", "player_context", Severity.WARN),
            ("15:00", "reminder", "player_context", Severity.WARN),
            ("17:00", "reminder", "player_context", Severity.WARN),
            ("17:30", "got worse", "player_context", Severity.ERROR),  # the first of the thin games is at 8:30 PM
            ("19:30", "reminder", "player_context", Severity.ERROR),
            ("21:30", "reminder", "player_context", Severity.ERROR),
            ("22:00", "too late", "player_context", Severity.ERROR),
        ],
    ]


def test_no_alarm_was_false_and_no_morning_blind(found: Replay) -> None:
    score = found.score
    assert (score.incidents, score.false_alarms, score.blind_mornings) == (2, (), ())
    # Due at 7:00 AM with Phase 4, told at 11:00; told eight and nine and a half hours before the first thin game.
    assert (score.minutes_to_tell_median, score.minutes_to_tell_worst) == (240, 240)
    assert (score.minutes_left_median, score.minutes_left_worst) == (525, 480)
    assert found.rewritten == ()


def test_every_date_with_games_was_checked_and_the_summer_is_silent(found: Replay) -> None:
    with_games = [on_date for on_date in found.dates if on_date.checks[-1].first_tip_at is not None]
    assert len(with_games) == DATES_WITH_GAMES
    summer = [on_date for on_date in found.dates if on_date.day > LAST_DATE]
    assert len(summer) == (END_OF_SUMMER - LAST_DATE).days
    assert {check.status for on_date in summer for look in on_date.checks for check in look.stages.values()} == {
        Status.NO_GAMES
    }


def test_stages_that_arrive_hours_late_are_reported_and_recover_at_the_next_check() -> None:
    (on_date,) = replayed(date(2025, 3, 10), date(2025, 3, 10), timedelta(hours=5, minutes=20)).dates
    assert told_of(on_date) == [
        ("11:00", "first finding", "player_context", Severity.WARN),
        ("13:00", "reminder", "player_context", Severity.WARN),
        ("15:00", "reminder", "player_context", Severity.WARN),
        # The contexts came at 4:05 PM, Phase 4 at 12:20 PM; predictions, due at 2:00 PM, came at 7:20 PM.
        ("16:30", "got worse", "predictions", Severity.ERROR),
        ("18:30", "reminder", "predictions", Severity.ERROR),
        ("19:30", "recovered", "predictions", Severity.ERROR),
        # The next morning: due at 7:00 AM, came at 12:20 PM.
        ("11:00", "first finding", "player_summary", Severity.ERROR),
        ("12:30", "recovered", "player_summary", Severity.ERROR),
    ]
