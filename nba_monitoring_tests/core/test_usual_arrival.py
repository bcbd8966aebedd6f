"""By when a stage is usually complete."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nba_monitoring.core.eastern import EASTERN
from nba_monitoring.core.scheduler_job import JobSeen, JobState
from nba_monitoring.core.stage_record import StageCheck, StageDetail
from nba_monitoring.core.stages import Due
from nba_monitoring.core.status import Status
from nba_monitoring.core.usual_arrival import LOOK_BACK, Arrivals, UsualArrival, complete_at, day_clock

DAY = date(2026, 1, 18)


def at(hour: int, minute: int = 0, day: date = DAY) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=EASTERN).astimezone(UTC)


def look(
    taken: datetime, status: Status = Status.AVAILABLE, written: datetime | None = None, day: date = DAY
) -> StageCheck:
    return StageCheck(day, taken, "phase4", status, expected=6, written_at=written)


def mornings(count: int, last: date = DAY, minute: int = 0) -> Sequence[StageCheck]:
    days = [last - timedelta(days=back) for back in range(count)]
    return [look(at(11, day=day), written=at(7, minute, day), day=day) for day in days]


def usual(looks: Sequence[StageCheck], before: date = DAY + timedelta(days=1)) -> UsualArrival | None:
    return Arrivals(looks).usual(before).get("phase4")


def test_the_first_complete_look_bounds_it_and_its_written_time_tells_it() -> None:
    assert complete_at([look(at(11))]) == at(11)
    assert complete_at([look(at(11), written=at(7, 42))]) == at(7, 42)
    assert complete_at([look(at(14), written=at(13)), look(at(11), written=at(7, 42))]) == at(7, 42)


def test_rows_written_before_a_look_that_lacked_some_came_after_it() -> None:
    missed = look(at(11), Status.MISSING_DATA)
    assert complete_at([missed, look(at(12), written=at(9))]) == at(11)
    assert complete_at([missed, look(at(12), written=at(11, 30))]) == at(11, 30)


def test_a_clock_of_the_platform_that_is_ahead_is_bounded_by_the_look() -> None:
    assert complete_at([look(at(11), written=at(11, 5))]) == at(11)


@pytest.mark.parametrize("status", [status for status in Status if status is not Status.AVAILABLE])
def test_no_other_status_is_complete(status: Status) -> None:
    assert complete_at([look(at(11), status)]) is None


def test_what_came_after_its_day_did_not_come_in_time() -> None:
    later = datetime(2026, 3, 1, tzinfo=UTC)
    assert complete_at([look(later, written=at(23, 59))]) == at(23, 59)
    assert complete_at([look(later, written=at(0, day=DAY + timedelta(days=1)))]) is None
    assert complete_at([look(later)]) is None


def test_what_games_leave_behind_has_until_noon_pacific_of_the_next_day() -> None:
    behind = replace(look(at(18, day=date(2026, 2, 1))), detail=StageDetail(due=Due.MORNING_AFTER))
    next_day = DAY + timedelta(days=1)
    in_time, late = at(14, 59, next_day), at(15, 0, next_day)
    assert complete_at([replace(behind, written_at=in_time)]) == in_time
    assert complete_at([replace(behind, written_at=late)]) is None


def test_it_takes_ten_game_days() -> None:
    assert usual(mornings(9)) is None
    found = usual(mornings(10))
    assert found is not None
    assert (len(found.arrivals), found.median) == (10, timedelta(hours=7))


def test_the_last_thirty_game_days_before_the_date_count() -> None:
    found = usual([*mornings(40), *mornings(1, last=DAY + timedelta(days=1), minute=59)])
    assert found is not None
    assert (min(found.arrivals), max(found.arrivals)) == (DAY - timedelta(days=29), DAY)
    assert found.nearly_always == timedelta(hours=7)


@pytest.mark.parametrize(
    "idle",
    [
        look(at(11), Status.NO_GAMES),
        look(at(11), Status.HALTED),
        look(at(11), Status.BOOTSTRAP),
        look(at(11), Status.UNKNOWN_SCHEDULE),
        replace(look(at(11)), expected=0),
    ],
)
def test_a_date_on_which_a_stage_owes_nothing_is_no_game_day(idle: StageCheck) -> None:
    found = usual([*mornings(30, last=DAY - timedelta(days=1)), idle])
    assert found is not None
    assert (found.game_days, len(found.arrivals)) == (30, 30)
    missed = usual([*mornings(30, last=DAY - timedelta(days=1)), look(at(11), Status.MISSING_DATA)])
    assert missed is not None
    assert (missed.game_days, len(missed.arrivals)) == (30, 29)


def test_one_late_morning_of_thirty_is_not_usual_and_two_are_nearly() -> None:
    on_time = mornings(28, last=DAY - timedelta(days=2))
    late = [look(at(18, day=day), written=at(17, 30, day), day=day) for day in (DAY - timedelta(days=1), DAY)]
    once, twice = usual([*on_time, late[0]]), usual([*on_time, *late])
    assert once is not None
    assert twice is not None
    assert once.nearly_always == timedelta(hours=7)
    assert twice.nearly_always == timedelta(hours=17.5)
    assert twice.summary == "usually complete by 7:00 AM ET (95% of the time by 5:30 PM ET)"


def test_the_clock_on_the_wall_counts_when_summer_time_begins() -> None:
    found = usual(mornings(10, last=date(2026, 3, 12), minute=5), date(2026, 3, 13))
    assert found is not None
    assert set(found.arrivals.values()) == {timedelta(hours=7, minutes=5)}


@pytest.mark.parametrize(
    ("since_midnight", "shown"),
    [
        (timedelta(0), "12:00 AM ET"),
        (timedelta(hours=7, minutes=42, seconds=59), "7:42 AM ET"),
        (timedelta(hours=12), "12:00 PM ET"),
        (timedelta(hours=31, minutes=5), "7:05 AM ET the next day"),
        (timedelta(minutes=-30), "11:30 PM ET the day before"),
    ],
)
def test_a_time_is_said_as_people_say_it(since_midnight: timedelta, shown: str) -> None:
    assert day_clock(since_midnight) == shown


@given(st.lists(st.integers(0, 23 * 60 + 59), min_size=10, max_size=30))
def test_that_share_of_the_days_had_come_by_the_time_and_fewer_before_it(minutes: list[int]) -> None:
    days = [DAY - timedelta(days=back) for back in range(len(minutes))]
    records = [
        look(at(23, 59, day), written=at(*divmod(minute, 60), day), day=day)
        for day, minute in zip(days, minutes, strict=True)
    ]
    found = usual(records)
    assert found is not None
    times = list(found.arrivals.values())
    for share, by in ((0.5, found.median), (0.95, found.nearly_always)):
        assert sum(time <= by for time in times) >= share * len(times)
        assert sum(time < by for time in times) < share * len(times)


def test_an_instant_knows_only_the_looks_before_it() -> None:
    arrivals = Arrivals(mornings(10))
    newest = at(11)
    assert arrivals.usual_at(newest).by_stage == {}
    assert "phase4" in Arrivals([*mornings(11)]).usual_at(newest).by_stage
    late = [replace(look, check_time=at(11, day=DAY + timedelta(days=30))) for look in mornings(10)]
    assert Arrivals(late).usual_at(at(11, day=DAY + timedelta(days=1))).by_stage == {}


def test_what_is_known_at_an_instant_is_of_the_sixty_days_before_it() -> None:
    looks = mornings(10)
    last = DAY - timedelta(days=9) + LOOK_BACK
    assert "phase4" in Arrivals(looks).usual_at(at(11, day=last)).by_stage
    assert Arrivals(looks).usual_at(at(11, day=last + timedelta(days=1))).by_stage == {}


@pytest.mark.slow
@given(st.data())
def test_the_looks_after_an_instant_change_nothing(data: st.DataObject) -> None:
    statuses = st.sampled_from([Status.AVAILABLE, Status.MISSING_DATA, Status.NOT_DUE, Status.NO_GAMES])
    hours = st.integers(0, 23)
    looks = [
        look(
            at(hour, day=DAY - timedelta(days=back) + timedelta(days=later)),
            data.draw(statuses),
            None if written is None else at(written, day=DAY - timedelta(days=back)),
            DAY - timedelta(days=back),
        )
        for back in range(data.draw(st.integers(10, 36)))
        for hour, later, written in data.draw(
            st.lists(st.tuples(hours, st.integers(0, 4), st.none() | hours), max_size=4)
        )
    ]
    now = at(data.draw(hours), day=DAY)
    known = [look for look in looks if look.check_time < now]
    assert Arrivals(looks).usual_at(now) == Arrivals(known).usual_at(now)


@given(
    st.dates(date(2024, 10, 1), date(2026, 6, 30)), st.integers(0, 59), st.sampled_from([*range(3, 26), *range(27, 31)])
)
def test_its_instant_on_a_date_shows_the_same_clock(day: date, minute: int, hour: int) -> None:
    # But for 2 AM, which is not there on the day on which summer time begins.
    usual = UsualArrival("phase4", {DAY: timedelta(hours=hour, minutes=minute)}, 1)
    local = usual.usually_by(day).astimezone(EASTERN)
    assert usual.nearly_always_by(day) == usual.usually_by(day)
    assert (local.date(), local.hour, local.minute) == (day + timedelta(days=hour // 24), hour % 24, minute)


def test_the_spread_goes_from_the_earliest_to_the_latest_that_came_in_time() -> None:
    found = usual([*mornings(9, last=DAY - timedelta(days=1)), look(at(18), written=at(17))])
    assert found is not None
    assert (found.earliest, found.latest) == (timedelta(hours=7), timedelta(hours=17))


def rerun(day: date, started: datetime, written: datetime, failure: str | None = None) -> Sequence[StageCheck]:
    """A date whose job fell short at 7:00 and was run again, which a failing check saw before it was complete."""

    def failing(taken: datetime, ran_at: datetime, failure: str | None = None) -> StageCheck:
        job = JobSeen("player-composite-factors-upcoming", JobState.ENABLED, ran_at, failure)
        return replace(look(taken, Status.MISSING_DATA, day=day), detail=StageDetail(job=job))

    return [
        failing(at(11, day=day), at(7, day=day)),
        failing(at(11, 30, day), started, failure),
        look(at(12, day=day), written=written, day=day),
    ]


MORNING = at(11)


def takes(*dates: Sequence[StageCheck], now: datetime = MORNING) -> timedelta | None:
    return Arrivals([check for checks in dates for check in checks]).takes_at("phase4", now)


def reruns(*minutes: int) -> list[Sequence[StageCheck]]:
    """One per date before DAY: run again at 11:05, and complete so many minutes later."""
    days = [DAY - timedelta(days=back) for back in range(1, len(minutes) + 1)]
    return [rerun(day, at(11, 5, day), at(11, 5 + n, day)) for day, n in zip(days, minutes, strict=True)]


def test_a_command_takes_the_median_of_the_dates_on_which_someone_ran_it() -> None:
    assert takes(*reruns(28, 40, 31)) == timedelta(minutes=31)


def test_two_dates_are_too_few_to_know_how_long_a_command_takes() -> None:
    assert takes(*reruns(28, 40)) is None


def test_a_scheduled_run_that_fell_short_and_a_failed_one_show_no_length() -> None:
    day = DAY - timedelta(days=3)
    fell_short = rerun(day, at(7, day=day), at(11, 40, day))
    failed = rerun(day, at(11, 5, day), at(11, 40, day), failure="DEADLINE_EXCEEDED")
    assert takes(*reruns(28, 40), fell_short) is None
    assert takes(*reruns(28, 40), failed) is None


def test_what_is_not_known_yet_or_long_past_shows_no_length() -> None:
    assert takes(*reruns(28, 40, 31), now=at(11, 45, DAY - timedelta(days=1))) is None
    assert takes(*reruns(28, 40, 31), now=at(11) + LOOK_BACK) is None
