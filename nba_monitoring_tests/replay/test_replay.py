"""Replays of the sample season: each planted incident is found, and nothing else."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from nba_monitoring.core.eastern import EASTERN, eastern, morning_of
from nba_monitoring.core.stages import Due, Least, StageTable
from nba_monitoring.monitor import Monitor
from nba_monitoring.replay.past_checks import PastChecks, PastSchedule
from nba_monitoring.replay.replay import Replay, replay
from nba_monitoring.settings import Settings
from nba_monitoring.warehouse import Warehouse

# One sample, and one read of it a date, for all of them.
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("replay")]

NOW = datetime(2026, 11, 25, 16, tzinfo=UTC)
HALF_HOUR = timedelta(minutes=30)


def replayed(
    warehouse: Warehouse, settings: Settings, first: date, last: date, tried: StageTable | None = None
) -> tuple[Replay, Replay | None]:
    return replay(warehouse, settings, (first, last), HALF_HOUR, NOW, tried)


def sent(found: Replay) -> list[tuple[str, str, str, str]]:
    return [
        (
            f"{eastern(message.at):%m-%d %H:%M}",
            message.incident.incident_id,
            message.reason.value,
            message.incident.stage,
        )
        for on_date in found.dates
        for message in on_date.alerts
    ]


def test_the_morning_of_2026_01_18_is_alerted_an_hour_before_noon_and_recovers(
    warehouse: Warehouse, settings: Settings
) -> None:
    found, _ = replayed(warehouse, settings, date(2026, 1, 18), date(2026, 1, 18))
    messages = sent(found)
    assert messages[0] == ("01-18 11:00", "nba-2026-01-18", "first finding", "phase4")
    assert messages[-1][:3] == ("01-18 17:30", "nba-2026-01-18", "recovered")
    assert (found.score.incidents, found.score.false_alarms, found.score.blind_mornings) == (1, (), ())
    # Due at 7:00 AM Eastern, told at 11:00; the first game tips off at noon.
    assert (found.score.minutes_to_tell_worst, found.score.minutes_left_worst) == (240, 60)


def test_each_planted_incident_of_january_is_found_with_its_first_broken_stage(
    warehouse: Warehouse, settings: Settings
) -> None:
    found, _ = replayed(warehouse, settings, date(2026, 1, 17), date(2026, 1, 25))
    first = {incident: (at, stage) for at, incident, reason, stage in sent(found) if reason == "first finding"}
    assert first == {
        "nba-2026-01-17": ("01-17 13:30", "predictions"),
        "nba-2026-01-18": ("01-18 11:00", "phase4"),
        "nba-2026-01-20": ("01-20 11:00", "phase4"),
        "nba-2026-01-23": ("01-23 14:00", "predictions"),
        "nba-2026-01-24": ("01-24 11:00", "phase4"),
        "nba-2026-01-25": ("01-25 11:00", "phase4"),
    }
    assert (found.score.false_alarms, found.score.blind_mornings) == ((), ())


@pytest.mark.parametrize(
    ("first", "last"),
    [
        pytest.param(date(2025, 11, 2), date(2025, 11, 9), id="a season's first weeks"),
        pytest.param(date(2026, 2, 12), date(2026, 2, 18), id="the All-Star break"),
        pytest.param(date(2026, 6, 8), date(2026, 6, 19), id="halted playoffs and the end of the season"),
    ],
)
def test_complete_dates_cause_no_alerts(warehouse: Warehouse, settings: Settings, first: date, last: date) -> None:
    found, _ = replayed(warehouse, settings, first, last)
    assert sent(found) == []
    assert found.score.messages_a_week == 0


def with_least(settings: Settings, players: int) -> StageTable:
    phase4 = settings.stages.phase4.model_copy(update={"least": Least(per_unit=players)})
    return settings.stages.with_stage(phase4)


def test_a_threshold_too_strict_shows_its_false_alarms(warehouse: Warehouse, settings: Settings) -> None:
    in_force, tried = replayed(
        warehouse, settings, date(2025, 12, 10), date(2025, 12, 12), with_least(settings, players=60)
    )
    assert tried is not None
    assert in_force.score.incidents == 0
    assert tried.score.incidents == len(tried.score.false_alarms) > 0
    assert tried.score.blind_mornings == ()


def test_a_threshold_too_lax_shows_its_blind_mornings(warehouse: Warehouse, settings: Settings) -> None:
    in_force, tried = replayed(
        warehouse, settings, date(2025, 12, 2), date(2025, 12, 4), with_least(settings, players=1)
    )
    assert tried is not None
    assert (in_force.score.incidents, in_force.score.blind_mornings) == (1, ())
    assert (tried.score.incidents, tried.score.blind_mornings) == (0, (date(2025, 12, 3),))


def test_a_table_that_rewrites_its_rows_is_named(sample_path: Path, settings: Settings, warehouse: Warehouse) -> None:
    day, last = date(2025, 12, 10), date(2025, 12, 14)
    found, _ = replayed(warehouse, settings, day, last)
    assert found.rewritten == ()
    engine = warehouse._engine.connection  # type: ignore[attr-defined]
    engine.execute("BEGIN")
    try:
        later = "TIMESTAMP '2026-06-30 12:00:00'"
        engine.execute(f"UPDATE nba_precompute.player_composite_factors SET processed_at = {later}")
        rewritten, _ = replayed(warehouse, settings, day, last)
    finally:
        engine.execute("ROLLBACK")
    assert rewritten.rewritten == ("phase4",)


# Incidents, and on 2026-01-27 games under two ids; `test_agreement` has random seasons.
DATES = [date(2026, 1, 17), date(2026, 1, 18), date(2026, 1, 20), date(2026, 1, 27)]


@pytest.fixture(scope="module")
def checks(warehouse: Warehouse, settings: Settings) -> dict[date, PastChecks]:
    return {
        day: PastChecks(
            warehouse,
            settings,
            settings.stages,
            PastSchedule(warehouse, settings, (day, day), settings.stages.lookback, NOW),
            HALF_HOUR,
        )
        for day in DATES
    }


@examples(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_replayed_check_judges_as_a_check_as_of_the_same_instant(
    data: st.DataObject, checks: dict[date, PastChecks], warehouse: Warehouse, settings: Settings
) -> None:
    day = data.draw(st.sampled_from(DATES))
    due = data.draw(st.sampled_from(list(Due)))
    instant = data.draw(st.sampled_from(checks[day].instants(day, due)))
    replayed_check = checks[day].record(day, instant)
    verdict = Monitor(warehouse, settings, day, day, now=instant, as_of=instant, is_clock_real=False).verdict(day)
    assert {name: stage.status for name, stage in replayed_check.stages.items()} == {
        name: found.status for name, found in verdict.stages.items()
    }
    assert {name: stage.detail.reasons for name, stage in replayed_check.stages.items()} == {
        name: {unit.name: unit.reason for unit in found.units if unit.reason} for name, found in verdict.stages.items()
    }


def test_checks_are_made_when_the_schedules_make_them(checks: dict[date, PastChecks]) -> None:
    day = date(2026, 1, 18)
    before, after = (checks[day].instants(day, due) for due in Due)
    assert before[0] == morning_of(day)
    assert before[1] == morning_of(day) + HALF_HOUR
    assert before[-1] == datetime(2026, 1, 18, 21, 30, tzinfo=EASTERN)
    assert (after[0], after[-1]) == (
        morning_of(day + timedelta(days=1)),
        datetime(2026, 1, 19, 15, tzinfo=EASTERN),
    )
