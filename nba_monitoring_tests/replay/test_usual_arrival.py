"""A replayed morning knows when stages usually came as the history knew it on that morning."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

import pytest

from nba_monitoring.core.eastern import eastern
from nba_monitoring.core.recording import record_of
from nba_monitoring.core.stage_record import Trigger
from nba_monitoring.core.stages import DueTime, LateAfter, StageTable
from nba_monitoring.monitor import Monitor
from nba_monitoring.replay.past_checks import PastChecks, PastSchedule
from nba_monitoring.replay.replay import replay
from nba_monitoring.settings import Settings
from nba_monitoring.warehouse import Warehouse
from nba_monitoring_tests.warehouse.listening import Listening

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("replay")]

DAY = date(2026, 1, 18)
HALF_HOUR = timedelta(minutes=30)
NOW = datetime(2026, 11, 25, 16, tzinfo=UTC)
BEFORE = datetime(2026, 1, 18, 6, tzinfo=UTC)
MEANWHILE = datetime(2026, 1, 18, 16, 15, tzinfo=UTC)
AFTERWARDS = datetime(2026, 3, 1, 16, tzinfo=UTC)


@pytest.fixture
def history(warehouse: Warehouse, settings: Settings) -> Iterator[Warehouse]:
    """The sample's season, to which a history can be added for as long as the test lasts."""
    connection = warehouse._engine.connection  # type: ignore[attr-defined]
    connection.execute("BEGIN")
    yield warehouse
    connection.execute("ROLLBACK")


def looked_at(warehouse: Warehouse, settings: Settings, now: datetime) -> None:
    """The three weeks before the date, looked at at an instant by a real clock."""
    monitor = Monitor(warehouse, settings, DAY - timedelta(days=21), DAY - timedelta(days=1), now)
    monitor.record("history", Trigger.SCHEDULED)


def due_at_two(stages: StageTable, late_after: LateAfter | None) -> StageTable:
    # What depends on it too, which would make it due earlier.
    for name in ("phase4", "feature_store", "predictions"):
        stages = stages.with_stage(stages[name].model_copy(update={"due": DueTime(at=time(14))}))
    return stages.with_stage(stages.phase4.model_copy(update={"late_after": late_after}))


def first_told(warehouse: Warehouse, settings: Settings, late_after: LateAfter | None) -> str:
    """When it is told that Phase 4 is missing. Its first game tips off at noon, and it is due by then at the latest."""
    stages = due_at_two(settings.stages, late_after)
    found, _ = replay(warehouse, settings.model_copy(update={"stages": stages}), (DAY, DAY), HALF_HOUR, NOW)
    message = next(told for told in found.dates[0].alerts if told.incident.stage == "phase4")
    return f"{eastern(message.at):%H:%M}"


def test_a_stage_with_late_after_usual_is_alerted_when_late(history: Warehouse, settings: Settings) -> None:
    looked_at(history, settings, BEFORE)
    assert first_told(history, settings, LateAfter.USUAL) == "11:00"
    assert first_told(history, settings, None) == "12:00"


def test_without_a_history_of_that_time_only_its_due_time_counts(history: Warehouse, settings: Settings) -> None:
    assert first_told(history, settings, LateAfter.USUAL) == "12:00"
    looked_at(history, settings, AFTERWARDS)
    assert first_told(history, settings, LateAfter.USUAL) == "12:00"


@pytest.mark.parametrize(("when", "known"), [(BEFORE, {True}), (MEANWHILE, {False, True}), (AFTERWARDS, {False})])
def test_a_replayed_check_knows_the_usual_times_of_its_own_instant(
    history: Warehouse, settings: Settings, when: datetime, known: set[bool]
) -> None:
    looked_at(history, settings, when)
    stages = due_at_two(settings.stages, LateAfter.USUAL)
    settings = settings.model_copy(update={"stages": stages})
    past = PastSchedule(history, settings, (DAY, DAY), stages.lookback, NOW)
    looks = PastChecks(history, settings, stages, past, HALF_HOUR)
    seen = set()
    for hour, minute in ((16, 0), (16, 30), (17, 0), (40, 0)):
        instant = datetime(2026, 1, 18, tzinfo=UTC) + timedelta(hours=hour, minutes=minute)
        replayed = looks.record(DAY, instant)
        verdict = Monitor(history, settings, DAY, DAY, instant, instant, is_clock_real=False).verdict(DAY)
        for name, check in record_of(verdict, "run", Trigger.MANUAL).stages.items():
            other = replayed.stages[name]
            assert (check.status, check.due_at, check.detail.usually_by, check.detail.nearly_always_by) == (
                other.status,
                other.due_at,
                other.detail.usually_by,
                other.detail.nearly_always_by,
            )
            seen.add(check.detail.usually_by is not None)
    assert seen == known


def test_the_history_is_read_once_however_many_checks_there_are(history: Warehouse, settings: Settings) -> None:
    looked_at(history, settings, BEFORE)
    listening = Listening(history._engine)
    tried = due_at_two(settings.stages, LateAfter.USUAL)
    span = (DAY - timedelta(days=2), DAY)
    replay(Warehouse(listening), settings, span, HALF_HOUR, NOW, tried)
    assert len([query for query in listening.queries if query.table == "nba_monitoring.stage_checks"]) == 1
