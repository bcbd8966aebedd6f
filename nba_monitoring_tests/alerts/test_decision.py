from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nba_monitoring.alerts.decision import (
    REMIND_EVERY,
    REMIND_EVERY_AFTER_TIP_OFF,
    LastNotification,
    NotifyReason,
    alert_id,
    decide,
    next_state,
    prune,
    thread_for,
)
from nba_monitoring.core.codec import UnreadableError, from_json_text, from_json_values, to_json_text
from nba_monitoring.core.record import CheckRecord, uncovered_tips
from nba_monitoring.core.verdict import Severity, Status
from nba_monitoring_tests.alerts.looks import DAY, FULL, SLATE, eastern, look

LOOK_EVERY = timedelta(minutes=30)
MORNING = eastern(6)

# Each example is up to a dozen looks through the real core, on machines that may be busy.
unhurried = settings(max_examples=60, deadline=None)


def heard(
    records: Sequence[CheckRecord], lag: timedelta = timedelta(minutes=1)
) -> list[tuple[NotifyReason, LastNotification]]:
    """What is said on each look, one after another, and what is remembered of it."""
    said: list[tuple[NotifyReason, LastNotification]] = []
    last: LastNotification | None = None
    for record in records:
        now = record.check_time + lag
        say = decide(last, record, now)
        last = next_state(last, record, say, now, thread_for(last, say) or f"thread of {record.check_time}")
        said.append((say, last))
    return said


def says(*records: CheckRecord) -> list[NotifyReason]:
    return [say for say, _ in heard(records)]


# A look: how many rows each game has, whether the ids match, and whether the schedule lists anything.
rows_of_games = st.fixed_dictionaries({name: st.sampled_from([0, 5, 24]) for name in SLATE})
full_rows = st.just(FULL)


@st.composite
def days_of_looks(draw: st.DrawFn, least: int = 1) -> list[CheckRecord]:
    """One date looked at again and again, in order of time, whatever becomes of its rows."""
    kinds = draw(st.lists(st.sampled_from(["rows", "full", "join", "no slate"]), min_size=least, max_size=12))
    at = MORNING
    looks = []
    for kind in kinds:
        at += timedelta(minutes=draw(st.integers(1, 240)))
        if kind == "join":
            looks.append(look(at, phase_ids={"0022500578": 31}))
        elif kind == "no slate":
            looks.append(look(at, slate={}))
        else:
            looks.append(look(at, draw(rows_of_games if kind == "rows" else full_rows)))
    return looks


@unhurried
@given(days_of_looks(), st.timedeltas(timedelta(0), timedelta(days=2)))
def test_the_same_look_never_speaks_twice(looks: list[CheckRecord], later: timedelta) -> None:
    *_, (_, last) = heard(looks)
    assert decide(last, looks[-1], looks[-1].check_time + later) is NotifyReason.NOTHING
    assert next_state(last, looks[-1], NotifyReason.NOTHING, looks[-1].check_time + later, None) == last


@unhurried
@given(days_of_looks(least=2), st.data())
def test_a_look_that_arrives_late_does_not_speak_and_changes_nothing(
    looks: list[CheckRecord], data: st.DataObject
) -> None:
    *_, (_, last) = heard(looks)
    late = data.draw(st.sampled_from(looks[:-1]))
    assert decide(last, late, looks[-1].check_time + timedelta(hours=1)) is NotifyReason.NOTHING
    assert next_state(last, late, NotifyReason.NOTHING, looks[-1].check_time, None) == last


@unhurried
@given(days_of_looks(), rows_of_games)
def test_a_failing_date_is_never_silent_for_longer_than_a_reminder_takes(
    looks: list[CheckRecord], rows: Mapping[str, int]
) -> None:
    *_, (_, last) = heard(looks)
    at = max(looks[-1].check_time, eastern(10))
    quiet_since = last.notified_at
    for _ in range(60):
        at += LOOK_EVERY
        record = look(at, rows)
        if record.status.passes:
            return
        say = decide(last, record, at)
        if say is not NotifyReason.NOTHING:
            quiet_since = at
        last = next_state(last, record, say, at, None)
        ahead = max(uncovered_tips(record).values()) > at
        assert quiet_since is not None
        assert at - quiet_since < (REMIND_EVERY if ahead else REMIND_EVERY_AFTER_TIP_OFF)


@unhurried
@given(days_of_looks(), st.lists(st.integers(1, 600), min_size=1, max_size=6))
def test_a_recovered_date_speaks_once(looks: list[CheckRecord], minutes: list[int]) -> None:
    *_, (_, last) = heard(looks)
    was_failing = last.status is not None and not last.status.passes
    heard_of_it = []
    at = looks[-1].check_time
    for later in minutes:
        at += timedelta(minutes=later)
        record = look(at, FULL)
        say = decide(last, record, at)
        heard_of_it.append(say)
        last = next_state(last, record, say, at, None)
    assert heard_of_it == [
        NotifyReason.RECOVERED if was_failing else NotifyReason.NOTHING,
        *[NotifyReason.NOTHING] * (len(minutes) - 1),
    ]


@unhurried
@given(days_of_looks())
def test_first_word_and_recovery_take_turns(looks: list[CheckRecord]) -> None:
    turns = [say for say in says(*looks) if say in (NotifyReason.FIRST_FINDING, NotifyReason.RECOVERED)]
    assert turns == [NotifyReason.FIRST_FINDING, NotifyReason.RECOVERED] * (len(turns) // 2) + [
        NotifyReason.FIRST_FINDING
    ] * (len(turns) % 2)


@unhurried
@given(days_of_looks())
def test_every_finding_has_an_id_and_a_thread_of_its_own_and_keeps_them(looks: list[CheckRecord]) -> None:
    ids: list[str] = []
    threads: list[str | None] = []
    last: LastNotification | None = None
    for record, (say, known) in zip(looks, heard(looks), strict=True):
        if say is not NotifyReason.NOTHING:
            assert alert_id(last, record) == known.alert_id
        if say is NotifyReason.FIRST_FINDING:
            ids.append(known.alert_id)
            threads.append(known.thread)
        elif say is not NotifyReason.NOTHING:
            assert (known.alert_id, known.thread) == (ids[-1], threads[-1])
        last = known
    assert ids == [f"nba-2026-01-18{'' if number == 1 else f'-{number}'}" for number in range(1, len(ids) + 1)]
    assert len(set(threads)) == len(threads)


@unhurried
@given(days_of_looks())
def test_what_was_said_survives_a_cursor(looks: list[CheckRecord]) -> None:
    for _, last in heard(looks):
        text = to_json_text(last)
        assert from_json_text(LastNotification, text) == last
        assert len(text) < 700


@unhurried
@given(days_of_looks(), days_of_looks(), st.timedeltas(timedelta(days=-3), timedelta(days=3)))
def test_there_is_an_answer_to_every_state_and_look(
    before: list[CheckRecord], now_known: list[CheckRecord], lag: timedelta
) -> None:
    for _, last in heard(before):
        for record in now_known:
            assert decide(last, record, record.check_time + lag) in NotifyReason


@unhurried
@given(days_of_looks())
def test_a_word_that_slack_did_not_take_is_said_at_the_next_try(looks: list[CheckRecord]) -> None:
    """The state moves on only after the message was accepted, so the same state gives the same answer."""
    last: LastNotification | None = None
    for record, (say, known) in zip(looks, heard(looks), strict=True):
        if say is not NotifyReason.NOTHING:
            assert decide(last, record, record.check_time + timedelta(hours=30)) is not NotifyReason.NOTHING
        last = known


def test_the_morning_of_2026_01_18_has_four_words_in_all() -> None:
    missing = {"BKN@CHI": 8}
    looks = [look(eastern(8, 30), missing), look(eastern(8, 45), missing), look(eastern(9), missing)]
    looks += [look(eastern(9) + number * LOOK_EVERY, missing) for number in range(1, 5)]
    looks += [look(eastern(11, 30), FULL), look(eastern(12), FULL)]
    assert says(*looks) == [
        NotifyReason.FIRST_FINDING,
        NotifyReason.NOTHING,
        NotifyReason.GOT_WORSE,  # noon is three hours away: ERROR from here on
        NotifyReason.NOTHING,
        NotifyReason.NOTHING,
        NotifyReason.NOTHING,
        NotifyReason.REMINDER,
        NotifyReason.RECOVERED,
        NotifyReason.NOTHING,
    ]


def test_a_date_that_passes_is_not_spoken_of() -> None:
    assert says(look(eastern(11), FULL), look(eastern(12), FULL)) == [NotifyReason.NOTHING, NotifyReason.NOTHING]


def test_a_date_that_fails_after_it_passed_is_a_first_finding() -> None:
    assert says(look(eastern(11), FULL), look(eastern(12), {})) == [NotifyReason.NOTHING, NotifyReason.FIRST_FINDING]


def test_warn_that_turns_error_near_the_tip_off_is_said_once() -> None:
    early, near, nearer = (look(at, {}) for at in (eastern(8, 50), eastern(9, 10), eastern(9, 40)))
    assert (early.severity, near.severity) == (Severity.WARN, Severity.ERROR)
    assert says(early, near, nearer) == [NotifyReason.FIRST_FINDING, NotifyReason.GOT_WORSE, NotifyReason.NOTHING]


def test_one_more_uncovered_game_is_worse() -> None:
    most = {**FULL, "TOR@LAL": 0}
    assert says(look(eastern(10), most), look(eastern(10, 30), {**most, "POR@SAC": 0}))[-1] is NotifyReason.GOT_WORSE


def test_a_partial_game_that_loses_its_rows_is_worse() -> None:
    some = {**FULL, "TOR@LAL": 0, "POR@SAC": 5}
    assert says(look(eastern(10), some), look(eastern(10, 30), {**some, "POR@SAC": 0}))[-1] is NotifyReason.GOT_WORSE


def test_a_slate_that_is_lost_is_worse() -> None:
    assert says(look(eastern(10), {}), look(eastern(10, 30), slate={}))[-1] is NotifyReason.GOT_WORSE


def test_another_game_in_place_of_one_is_a_change() -> None:
    looks = look(eastern(10), {**FULL, "TOR@LAL": 0}), look(eastern(10, 30), {**FULL, "POR@SAC": 0})
    assert says(*looks)[-1] is NotifyReason.CHANGED


def test_fewer_uncovered_games_are_a_change() -> None:
    assert says(look(eastern(10), {}), look(eastern(10, 30), {"ORL@MEM": 24}))[-1] is NotifyReason.CHANGED


def test_more_rows_that_are_still_too_few_are_no_news() -> None:
    assert says(look(eastern(10), {"ORL@MEM": 3}), look(eastern(10, 30), {"ORL@MEM": 7}))[-1] is NotifyReason.NOTHING


def test_a_game_that_is_postponed_while_it_was_the_only_one_missing_ends_the_alert() -> None:
    one = {"GSW@MIN": eastern(17).time()}
    looks = look(eastern(10), slate=one), look(eastern(10, 30), slate=one, postponed=["GSW@MIN"])
    assert looks[1].status is Status.UNKNOWN_SCHEDULE  # nothing else proves the day off
    two = {**one, "TOR@POR": eastern(20).time()}
    looks = (
        look(eastern(10), {"TOR@POR": 30}, slate=two),
        look(eastern(10, 30), {"TOR@POR": 30}, slate=two, postponed=["GSW@MIN"]),
    )
    assert says(*looks) == [NotifyReason.FIRST_FINDING, NotifyReason.RECOVERED]


def test_reminders_become_rare_once_every_uncovered_game_has_tipped_off() -> None:
    only_noon = {**FULL, "ORL@MEM": 0}
    looks = [look(eastern(11) + number * LOOK_EVERY, only_noon) for number in range(26)]
    said = [(say, record.check_time) for record, (say, _) in zip(looks, heard(looks), strict=True)]
    spoken = [(say, at) for say, at in said if say is not NotifyReason.NOTHING]
    assert spoken == [
        (NotifyReason.FIRST_FINDING, eastern(11)),
        (NotifyReason.REMINDER, eastern(11) + REMIND_EVERY_AFTER_TIP_OFF),
    ]


def test_reminders_go_on_while_a_later_game_can_still_be_saved() -> None:
    late_game = {**FULL, "ORL@MEM": 0, "TOR@LAL": 0}
    looks = [look(eastern(11) + number * LOOK_EVERY, late_game) for number in range(21)]
    reminded = [
        record.check_time for record, (say, _) in zip(looks, heard(looks), strict=True) if say is NotifyReason.REMINDER
    ]
    assert reminded == [eastern(11) + number * REMIND_EVERY for number in range(1, 6)]


def test_a_new_finding_after_a_recovery_bears_a_new_id() -> None:
    looks = look(eastern(10), {}), look(eastern(11), FULL), look(eastern(12), {})
    assert [last.alert_id for _, last in heard(looks)] == ["nba-2026-01-18", "nba-2026-01-18", "nba-2026-01-18-2"]


def test_live_is_what_was_not_over_when_it_was_judged() -> None:
    assert look(eastern(23, 59)).is_live
    assert not look(eastern(0, 0, DAY + timedelta(days=1))).is_live
    assert look(eastern(20, 0, DAY - timedelta(days=1))).is_live


def test_only_yesterday_and_later_is_remembered() -> None:
    states = {}
    for age in range(5):
        day = DAY - timedelta(days=age)
        (_, states[day]), *_ = heard([look(eastern(10, day=day), day=day)])
    assert sorted(prune(states, eastern(0, 5))) == [DAY - timedelta(days=1), DAY]


def test_a_state_that_says_it_never_spoke_though_it_failed_speaks() -> None:
    """A cursor edited by hand must not silence a date."""
    (_, last), *_ = heard([look(eastern(10), {})])
    assert decide(replace(last, notified_at=None), look(eastern(10, 5), {}), eastern(10, 6)) is NotifyReason.REMINDER


@pytest.mark.parametrize("broken", [{}, {"date": "soon"}])
def test_a_state_that_is_none_of_ours_is_refused(broken: dict[str, str]) -> None:
    with pytest.raises(UnreadableError):
        from_json_values(LastNotification, broken)


def test_a_full_cursor_of_live_dates_stays_small() -> None:
    slate: dict[str, time | None] = {}
    teams = (
        "ATL BKN BOS CHA CHI CLE DAL DEN DET GSW HOU IND LAC LAL MEM MIA MIL MIN NOP NYK OKC ORL PHI PHX POR".split()
    )
    teams += "SAC SAS TOR UTA WAS".split()
    for away, home in zip(teams[::2], teams[1::2], strict=True):
        slate[f"{away}@{home}"] = eastern(19).time()
    (_, last), *_ = heard([look(eastern(10), slate=slate)])
    assert len(last.missing) == 15
    assert len(to_json_text(last)) < 1_000
