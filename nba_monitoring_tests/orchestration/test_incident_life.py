"""An incident from its finding to its end, as the sensor lives it: by the clock, by looks, and by hand."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta

import dagster as dg
import pytest
import time_machine

from nba_monitoring.cli.main import main
from nba_monitoring.core.record import CheckRecord
from nba_monitoring.core.stage_record import Trigger
from nba_monitoring.orchestration.schedules import recheck_until_covered
from nba_monitoring_tests.alerts.looks import BEFORE_TIP, COMPLETE, FULL
from nba_monitoring_tests.alerts.looks import look as synthetic_look
from nba_monitoring_tests.days import DAY, NEXT, at
from nba_monitoring_tests.morning import FACTORS, NBAC, Platform, check_alone, verdict
from nba_monitoring_tests.orchestration.ended_runs import complete_a_run, failing_look, look_in_a_run, start_a_run
from nba_monitoring_tests.orchestration.sensor import Sensor
from nba_monitoring_tests.orchestration.slack import POST, Slack
from nba_monitoring_tests.platform_tables import factor_rows, nbac_row

pytestmark = pytest.mark.slow

ID = "nba-2026-01-18"
NOT_LOOKED_AT = "not checked since 11:00 AM ET"
TOO_LATE = "ERROR Too late: 3 games tipped off without complete Phase 4 data"
SCHEDULED = {"nba_monitoring/trigger": "scheduled"}


def cover(platform: Platform, *matchups: str, written_at: datetime | None = None) -> None:
    for matchup in matchups or ("ORL_MEM", "BKN_CHI"):
        platform.add(FACTORS, factor_rows(DAY, f"20260118_{matchup}", 24, processed_at=written_at))


def look(platform: Platform, sensor: Sensor, moment: datetime, day: date = DAY) -> None:
    """A scheduled look at a date and the tick after it."""
    with time_machine.travel(moment):
        look_in_a_run(platform, sensor.instance, day, tags=SCHEDULED)
        sensor.tick()


def seen(sensor: Sensor, moment: datetime, *records: CheckRecord) -> None:
    """A look, put in without a run, and the tick after it."""
    with time_machine.travel(moment):
        complete_a_run(sensor.instance, str(DAY), records)
        sensor.tick()


def ticks(sensor: Sensor, *moments: datetime) -> None:
    for moment in moments:
        with time_machine.travel(moment):
            sensor.tick()


def every_quarter(first: datetime, last: datetime) -> list[datetime]:
    return [first + timedelta(minutes=15) * n for n in range(int((last - first) / timedelta(minutes=15)) + 1)]


def recheck(sensor: Sensor, moment: datetime) -> dg.RunRequest | dg.SkipReason:
    """What is asked for today's date. Needs an instance on disk."""
    answer = recheck_until_covered(dg.build_schedule_context(instance=sensor.instance, scheduled_execution_time=moment))
    if isinstance(answer, list):
        (answer,) = answer
    assert isinstance(answer, dg.RunRequest | dg.SkipReason)
    return answer


def by_hand(moment: datetime, *arguments: str) -> None:
    with time_machine.travel(moment), pytest.raises(SystemExit) as ended:
        main(list(arguments))
    assert not ended.value.code


def covered_look(moment: datetime) -> CheckRecord:
    return synthetic_look(moment, FULL)


def test_a_run_stuck_after_the_first_finding_lets_the_clock_tell_the_rest_of_the_day(
    platform: Platform, quick_sensor: Sensor, webhook: Slack
) -> None:
    platform.add(NBAC, [nbac_row(DAY, "TOR", "LAL", tip=time(21, 30))])
    look(platform, quick_sensor, at(8))
    with time_machine.travel(at(8, 30)):
        stuck = start_a_run(quick_sensor.instance, str(DAY))
    told: list[tuple[str, str]] = []
    for moment in every_quarter(at(8, 15), at(21)):
        before = len(webhook.accepted)
        ticks(quick_sensor, moment)
        told += [(f"{moment:%H:%M}", message.text) for message in webhook.accepted[before:]]
    words = (NOT_LOOKED_AT, "WARN Still: ", "ERROR Worse: ", "ERROR Still: ", TOO_LATE)
    of_the_date = [(clock, text) for clock, text in told if text.endswith(f"[{ID}]")]
    assert "WARN Phase 4 missing for all 3 games" in webhook.texts[0]
    assert [(clock, next(said for said in words if said in text)) for clock, text in of_the_date] == [
        ("09:00", NOT_LOOKED_AT),
        ("11:00", "WARN Still: "),
        ("13:00", "WARN Still: "),
        ("13:30", "ERROR Worse: "),
        ("15:30", "ERROR Still: "),
        ("17:30", "ERROR Still: "),
        ("18:45", TOO_LATE),
    ]
    of_the_run = [clock for clock, text in told if f"run {stuck[:8]} for 2026-01-18 is stuck" in text]
    assert of_the_run == ["09:00", "11:00", "13:00", "15:00", "17:00", "19:00", "21:00"]
    assert len(told) == len(of_the_date) + len(of_the_run)


def test_a_covered_look_of_last_night_is_no_verdict_of_this_morning(
    platform: Platform, quick_sensor: Sensor, webhook: Slack
) -> None:
    cover(platform)
    ticks(quick_sensor, at(0))
    look(platform, quick_sensor, at(0, 40))
    ticks(quick_sensor, at(8, 29))
    assert webhook.accepted == []
    ticks(quick_sensor, at(8, 30), at(8, 31))
    assert [message.alert_id for message in webhook.accepted] == [f"{ID}-no-verdict"]


def test_a_look_of_last_night_finds_nothing_due_and_the_missing_morning_look_is_told_at_half_past_eight(
    platform: Platform, quick_sensor: Sensor, webhook: Slack
) -> None:
    ticks(quick_sensor, at(0))
    look(platform, quick_sensor, at(0, 40))
    assert webhook.accepted == []
    ticks(quick_sensor, at(8, 30), at(8, 31))
    assert [message.alert_id for message in webhook.accepted] == [f"{ID}-no-verdict"]


def test_a_date_that_ends_uncovered_is_too_late_and_its_rows_of_the_next_morning_came_late(
    platform: Platform, quick_sensor: Sensor, web_api: Slack
) -> None:
    look(platform, quick_sensor, at(16))
    ticks(quick_sensor, at(16, 30), at(16, 44))
    assert len(web_api.accepted) == 1
    ticks(quick_sensor, at(16, 45), at(16, 46), at(21, 30), at(8, 0, NEXT))
    cover(platform, written_at=at(9, 0, NEXT))
    look(platform, quick_sensor, at(9, 10, NEXT), DAY)
    look(platform, quick_sensor, at(9, 40, NEXT), DAY)
    of_the_date = [message for message in web_api.accepted if message.alert_id == ID]
    first, too_late, came_late = of_the_date
    assert "Too late: 2 games tipped off without complete Phase 4 data" in too_late.text
    assert "Arrived late: Phase 4 complete for both games" in came_late.text
    assert "Complete by 2026-01-19 12:00 PM ET, 16 h 30 min after the last tip-off" in came_late.text
    assert [message.thread for message in of_the_date] == [None, first.ts, first.ts]
    assert web_api.edits == [(first.ts, too_late.text), (first.ts, came_late.text)]


@pytest.mark.parametrize(
    ("written", "end", "ended_as"),
    [
        ((16, 19), "Recovered: Phase 4 complete for both games", "recovered"),
        ((16, 31), "Too late: 2 games tipped off without complete Phase 4 data", "too_late"),
    ],
)
def test_the_look_at_the_last_tip_off_itself_decides_by_when_the_rows_were_written(
    platform: Platform, sensor: Sensor, webhook: Slack, written: tuple[int, int], end: str, ended_as: str
) -> None:
    look(platform, sensor, at(16))
    cover(platform, written_at=at(*written))
    ticks(sensor, at(16, 30))
    assert len(webhook.accepted) == 1
    request = recheck(sensor, at(16, 30))
    assert isinstance(request, dg.RunRequest)
    with time_machine.travel(at(16, 32)):
        look_in_a_run(platform, sensor.instance, DAY, tags=request.tags)
        sensor.tick()
    assert end in webhook.texts[1]
    assert isinstance(recheck(sensor, at(17)), dg.SkipReason)
    ticks(sensor, at(17), at(20))
    assert platform.rows("SELECT ended_as FROM nba_monitoring.incidents") == [(ended_as,)]
    assert [text for text in webhook.texts[2:] if "Arrived late" not in text] == []


def test_a_look_that_comes_late_takes_back_that_the_rows_were_too_late(
    platform: Platform, quick_sensor: Sensor, web_api: Slack
) -> None:
    look(platform, quick_sensor, at(16))
    cover(platform, written_at=at(16, 19))
    ticks(quick_sensor, at(16, 45))
    look(platform, quick_sensor, at(17))
    first, too_late, recovered = web_api.accepted
    assert "Too late: 2 games" in too_late.text
    assert "Recovered: Phase 4 complete for both games" in recovered.text
    assert "Complete 11 min before the first affected tip-off (7:30 PM ET)" in recovered.text
    assert recovered.thread == first.ts
    assert platform.rows("SELECT ended_as FROM nba_monitoring.incidents") == [("recovered",)]


def test_rows_deleted_after_the_morning_s_pass_page_at_the_look_before_the_first_tip_off(
    platform: Platform, sensor: Sensor, webhook: Slack
) -> None:
    cover(platform)
    look(platform, sensor, at(8))
    platform.rows(f"DELETE FROM {FACTORS}")
    ticks(sensor, at(12))
    assert isinstance(recheck(sensor, at(15)), dg.SkipReason)
    request = recheck(sensor, at(15, 30))
    assert isinstance(request, dg.RunRequest)
    assert webhook.accepted == []
    with time_machine.travel(at(15, 30)):
        look_in_a_run(platform, sensor.instance, DAY, tags=request.tags)
        sensor.tick()
    assert [message.alert_id for message in webhook.accepted] == [ID]
    assert (
        "ERROR Phase 4 missing for both games, Sun 2026-01-18. First affected game tips off in 59 min"
        in webhook.texts[0]
    )


def test_a_check_executed_alone_sees_the_finding_of_the_history_and_ends_nothing(
    platform: Platform, quick_sensor: Sensor, webhook: Slack
) -> None:
    look(platform, quick_sensor, at(8))
    cover(platform)
    with time_machine.travel(at(8, 10)):
        assert not check_alone(platform.settings, quick_sensor.instance, DAY).passed
        quick_sensor.tick()
    assert [message.alert_id for message in webhook.accepted] == [ID]


def test_a_look_under_a_moved_clock_recovers_nothing_and_ends_no_rechecks(
    platform: Platform, sensor: Sensor, webhook: Slack
) -> None:
    look(platform, sensor, at(8))
    cover(platform)
    by_hand(at(9), "check", "--date", str(DAY), "--now", "2026-01-18T20:00-08:00")
    ticks(sensor, at(9, 1))
    assert isinstance(recheck(sensor, at(9, 30)), dg.RunRequest)
    for moment in (at(9, 30), at(20, 30)):
        with time_machine.travel(moment):
            assert not check_alone(platform.settings, sensor.instance, DAY).passed
            sensor.tick()
    assert not any("Recovered" in text for text in webhook.texts)


def test_a_real_look_after_one_under_a_moved_clock_recovers(
    platform: Platform, quick_sensor: Sensor, webhook: Slack
) -> None:
    look(platform, quick_sensor, at(8))
    by_hand_failing = ("check", "--date", str(DAY), "--now", "2026-01-18T20:00-08:00")
    with time_machine.travel(at(9)), pytest.raises(SystemExit):
        main(list(by_hand_failing))
    cover(platform)
    look(platform, quick_sensor, at(9, 30))
    assert "Recovered: Phase 4 complete for both games" in webhook.texts[-1]


def test_right_looks_count_after_one_of_a_worker_ten_minutes_ahead(quick_sensor: Sensor, webhook: Slack) -> None:
    seen(quick_sensor, at(8), failing_look(DAY, at(8, 10)))
    seen(quick_sensor, at(8, 5), covered_look(at(8, 5)))
    assert "Recovered: Phase 4 complete for all 6 games" in webhook.texts[-1]
    seen(quick_sensor, at(8, 6), failing_look(DAY, at(8, 6)))
    assert [message.alert_id for message in webhook.accepted] == [ID, ID, f"{ID}-2"]


def test_a_pass_of_a_worker_ten_minutes_ahead_hides_no_finding(sensor: Sensor, webhook: Slack) -> None:
    seen(sensor, at(8), covered_look(at(8, 10)))
    assert isinstance(recheck(sensor, at(8, 5)), dg.RunRequest)
    seen(sensor, at(8, 5), failing_look(DAY, at(8, 5)))
    assert [message.alert_id for message in webhook.accepted] == [ID]


def test_an_acknowledged_incident_names_who_has_it_and_reminds_nobody(
    platform: Platform, quick_sensor: Sensor, web_api: Slack
) -> None:
    look(platform, quick_sensor, at(8))
    by_hand(at(8, 5), "ack", ID, "--by", "Ann", "--note", "rebuilding")
    for hour, minute in ((8, 6), (8, 30), (9, 0), (9, 30), (10, 0), (10, 30), (11, 0), (12, 0)):
        look(platform, quick_sensor, at(hour, minute))
    first, has_it = web_api.accepted
    assert has_it.thread == first.ts
    assert "Acknowledged by Ann at 11:05 AM ET: Phase 4 missing for both games" in has_it.text
    assert "rebuilding" in has_it.text
    assert web_api.edits == [(first.ts, has_it.text)]
    cover(platform)
    look(platform, quick_sensor, at(12, 30))
    assert "Recovered" in web_api.texts[-1]
    assert len(web_api.accepted) == 3


def test_a_closed_incident_ends_with_one_message_and_the_same_gap_opens_no_other(
    platform: Platform, quick_sensor: Sensor, web_api: Slack
) -> None:
    look(platform, quick_sensor, at(8))
    by_hand(at(8, 5), "close", ID, "--by", "Ann", "--note", "a known gap")
    ticks(quick_sensor, at(8, 6), at(8, 7))
    for hour in (9, 12, 15):
        look(platform, quick_sensor, at(hour))
    ticks(quick_sensor, at(17), at(21))
    first, closed = web_api.accepted
    assert "Closed by Ann: Phase 4 missing" in closed.text
    assert "a known gap" in closed.text
    assert closed.thread == first.ts
    ended = platform.rows("SELECT incident_id, ended_as FROM nba_monitoring.incidents")
    assert ended == [(ID, "closed")]


def test_a_muted_range_is_quiet_tells_each_end_once_and_is_over_after_its_last_date(
    platform: Platform, quick_sensor: Sensor, webhook: Slack
) -> None:
    after = NEXT + timedelta(days=1)
    platform.add(NBAC, [nbac_row(after, "SAC", "NYK")])
    by_hand(at(7), "mute", "--from", str(DAY), "--to", str(NEXT), "--reason", "backfilling", "--by", "Ann")
    ticks(quick_sensor, at(7))
    for day in (DAY, NEXT):
        look(platform, quick_sensor, at(8, day=day), day)
        ticks(quick_sensor, at(12, day=day), at(16, 15, day=day))
    ends = [message for message in webhook.accepted if "Mute expired" in message.text]
    assert [message.alert_id for message in ends] == [ID]
    assert "Muted because: backfilling (Ann)" in ends[0].text
    ticks(quick_sensor, at(16, 35, NEXT), at(21, day=NEXT))
    look(platform, quick_sensor, at(8, day=after), after)
    assert [message.alert_id for message in webhook.accepted] == [ID, "nba-2026-01-19", "nba-2026-01-20"]


def test_a_mute_between_a_look_and_the_next_tick_is_heard(
    platform: Platform, quick_sensor: Sensor, webhook: Slack
) -> None:
    with time_machine.travel(at(8)):
        look_in_a_run(platform, quick_sensor.instance, DAY, tags=SCHEDULED)
    by_hand(at(8), "mute", "--date", str(DAY), "--reason", "backfilling")
    ticks(quick_sensor, at(8, 1), at(9), at(13, 31), at(16, 44))
    assert webhook.accepted == []
    ticks(quick_sensor, at(16, 45))
    assert "Mute expired" in webhook.texts[0]


@pytest.mark.parametrize(
    ("muted", "told"),
    [(DAY, []), (NEXT, [NOT_LOOKED_AT, "WARN Still: ", "WARN Still: ", "ERROR Worse: "])],
)
def test_a_mute_after_the_first_alert_silences_its_date_from_the_next_tick_on(
    platform: Platform, quick_sensor: Sensor, webhook: Slack, muted: date, told: list[str]
) -> None:
    look(platform, quick_sensor, at(8))
    by_hand(at(8, 5), "mute", "--date", str(muted), "--reason", "backfilling")
    ticks(quick_sensor, *every_quarter(at(8, 15), at(14)))
    said = [text for text in webhook.texts[1:] if "no verdict" not in text]
    assert [any(word in text for text in said) for word in told] == [True] * len(told)
    assert len(said) == len(told)


def test_alerts_resume_at_the_tick_after_an_unmute_and_when_a_mute_expires(
    platform: Platform, quick_sensor: Sensor, webhook: Slack
) -> None:
    look(platform, quick_sensor, at(8))
    by_hand(at(8, 5), "mute", "--date", str(DAY), "--reason", "backfilling")
    ticks(quick_sensor, at(8, 10), at(8, 20))
    by_hand(at(8, 21), "unmute", "--date", str(DAY))
    ticks(quick_sensor, at(8, 22), at(8, 23))
    (resumed,) = webhook.texts[1:]
    assert "Still: Phase 4 missing" in resumed
    by_hand(at(8, 24), "mute", "--date", str(DAY), "--until", "2026-01-18T08:40-08:00", "--reason", "once more")
    ticks(quick_sensor, at(8, 25), at(8, 39))
    assert len(webhook.accepted) == 2
    ticks(quick_sensor, at(8, 40), at(8, 41))
    assert len(webhook.accepted) == 3
    assert "once more" in str(webhook.server.requests[-1].json)


def look_that_no_run_has(platform: Platform, moment: datetime, trigger: Trigger = Trigger.RECHECK) -> None:
    """A check that is in the history alone: its run was deleted, or its evaluation lost."""
    with time_machine.travel(moment):
        verdict(platform, DAY, trigger=trigger)


def test_an_incident_ends_by_the_history_if_its_passing_look_is_lost_in_dagster(
    platform: Platform, quick_sensor: Sensor, webhook: Slack
) -> None:
    look(platform, quick_sensor, at(8))
    cover(platform)
    with time_machine.travel(at(8, 30)):
        look_in_a_run(platform, quick_sensor.instance, DAY, tags=SCHEDULED)
        (newest, *_) = quick_sensor.instance.get_runs(limit=1)
        quick_sensor.instance.delete_run(newest.run_id)
    ticks(quick_sensor, *every_quarter(at(8, 31), at(17)))
    (recovered,) = webhook.texts[1:]
    assert "Recovered: Phase 4 complete for both games" in recovered
    assert platform.rows("SELECT ended_as FROM nba_monitoring.incidents") == [("recovered",)]


def test_a_failing_look_that_is_lost_in_dagster_counts_as_a_look(
    platform: Platform, quick_sensor: Sensor, webhook: Slack
) -> None:
    look(platform, quick_sensor, at(8))
    cover(platform, "ORL_MEM")
    look_that_no_run_has(platform, at(8, 30))
    ticks(quick_sensor, at(8, 31), at(9, 10))
    (changed,) = webhook.texts[1:]
    assert "Changed: Phase 4 missing for BKN@CHI" in changed
    ticks(quick_sensor, at(9, 16))
    assert "not checked since 11:30 AM ET" in webhook.texts[-1]


def test_a_look_by_hand_ends_an_incident_and_one_under_a_moved_clock_does_not(
    platform: Platform, quick_sensor: Sensor, webhook: Slack
) -> None:
    look(platform, quick_sensor, at(8))
    cover(platform)
    by_hand(at(8, 10), "check", "--date", str(DAY), "--now", "2026-01-18T08:09-08:00")
    ticks(quick_sensor, at(8, 11))
    assert len(webhook.accepted) == 1
    by_hand(at(8, 20), "check", "--date", str(DAY))
    ticks(quick_sensor, at(8, 21))
    assert "Recovered" in webhook.texts[-1]


def test_a_look_in_the_history_that_does_not_watch_its_stage_says_nothing_about_an_incident(
    platform: Platform, quick_sensor: Sensor, webhook: Slack
) -> None:
    seen(quick_sensor, at(8), synthetic_look(at(8), FULL, others={"player_context": {}}))
    cover(platform)
    look_that_no_run_has(platform, at(8, 30))
    ticks(quick_sensor, at(8, 31))
    assert len(webhook.accepted) == 1


def test_a_machine_set_back_an_hour_hears_the_looks_from_then_on(quick_sensor: Sensor, webhook: Slack) -> None:
    ticks(quick_sensor, at(7))
    seen(quick_sensor, at(10), failing_look(DAY, at(10)))
    ticks(quick_sensor, at(9))
    seen(quick_sensor, at(9, 5), covered_look(at(9, 5)))
    assert "Recovered, late for 1 game: Phase 4 complete for all 6 games" in webhook.texts[-1]
    seen(quick_sensor, at(9, 30), failing_look(DAY, at(9, 30)))
    seen(quick_sensor, at(9, 45), failing_look(DAY, at(9, 45)))
    assert [message.alert_id for message in webhook.accepted] == [ID, ID, f"{ID}-2"]


def test_a_clock_that_was_twelve_hours_ahead_ends_no_incident_for_good(
    platform: Platform, quick_sensor: Sensor, webhook: Slack
) -> None:
    look(platform, quick_sensor, at(8))
    ticks(quick_sensor, at(20, 15))
    assert "Too late" in webhook.texts[-1]
    look(platform, quick_sensor, at(8, 30))
    assert webhook.accepted[-1].alert_id == ID
    assert "WARN Phase 4 missing for both games" in webhook.texts[-1]
    ticks(quick_sensor, at(8, 31))
    assert len(webhook.accepted) == 3
    look(platform, quick_sensor, at(16, 15))
    look(platform, quick_sensor, at(16, 30))
    assert "Too late" in webhook.texts[-1]


def test_a_recovery_seen_by_a_clock_that_was_ahead_hides_no_later_finding(quick_sensor: Sensor, webhook: Slack) -> None:
    ticks(quick_sensor, at(7))
    seen(quick_sensor, at(14), failing_look(DAY, at(14)))
    seen(quick_sensor, at(14, 1), covered_look(at(14, 1)))
    for minute in (5, 30, 45):
        seen(quick_sensor, at(8, minute), failing_look(DAY, at(8, minute)))
    assert [message.alert_id for message in webhook.accepted] == [ID, ID, f"{ID}-2"]


def of_results(moment: datetime, trigger: Trigger = Trigger.SCHEDULED, **others: Mapping[str, int]) -> CheckRecord:
    return synthetic_look(moment, FULL, others={**COMPLETE, **others}, trigger=trigger)


def test_results_are_found_reminded_of_and_recovered_on_the_morning_after(quick_sensor: Sensor, web_api: Slack) -> None:
    ticks(quick_sensor, at(7, day=NEXT))
    seen(quick_sensor, at(8, day=NEXT), of_results(at(8, day=NEXT), grading={}))
    seen(quick_sensor, at(10, 5, NEXT), of_results(at(10, 5, NEXT), Trigger.RECHECK, grading={}))
    seen(quick_sensor, at(10, 30, NEXT), of_results(at(10, 30, NEXT), Trigger.RECHECK))
    ticks(quick_sensor, at(13, day=NEXT))
    first, reminder, recovered = (sent for sent in web_api.accepted if sent.alert_id == f"{ID}-results")
    assert "ERROR Grading missing" in first.text
    assert "Still: Grading missing" in reminder.text
    assert "Recovered: Grading complete (62 players)" in recovered.text
    assert (reminder.thread, recovered.thread) == (first.ts, first.ts)


def test_results_that_stay_missing_are_too_late_at_noon(
    platform: Platform, quick_sensor: Sensor, webhook: Slack
) -> None:
    ticks(quick_sensor, at(7, day=NEXT))
    seen(quick_sensor, at(11, 50, NEXT), of_results(at(11, 50, NEXT), player_summary={}, grading={}))
    ticks(quick_sensor, at(12, day=NEXT), at(13, day=NEXT))
    found, too_late = (text for text in webhook.texts if f"[{ID}-results]" in text)
    assert "Also failing downstream: Grading" in found
    assert "Too late: Player summary still missing for all 6 games at the results deadline" in too_late
    kept = platform.rows("SELECT incident_id, due, stage, ended_as FROM nba_monitoring.incidents")
    assert kept == [(f"{ID}-results", "morning_after", "player_summary", "too_late")]


def test_a_scheduled_look_at_yesterday_is_no_digest_and_no_verdict_of_today(
    quick_sensor: Sensor, webhook: Slack
) -> None:
    ticks(quick_sensor, at(7, day=NEXT))
    failing = synthetic_look(at(8, day=NEXT), {}, others=COMPLETE, trigger=Trigger.SCHEDULED)
    seen(quick_sensor, at(8, 1, NEXT), failing)
    assert webhook.accepted == []
    ticks(quick_sensor, at(8, 31, NEXT))
    assert [message.alert_id for message in webhook.accepted] == [f"nba-{NEXT}-no-verdict"]


def test_a_look_by_hand_at_yesterday_is_a_digest_that_names_the_broken_stage(
    quick_sensor: Sensor, webhook: Slack
) -> None:
    ticks(quick_sensor, at(7, day=NEXT))
    missing = {**COMPLETE, "feature_store": {}, "predictions": {}}
    by_person = synthetic_look(at(8, day=NEXT), FULL, others=missing, trigger=Trigger.MANUAL)
    seen(quick_sensor, at(8, 1, NEXT), by_person)
    (text,) = webhook.texts
    assert "Backfill: 1 of 1 date failed" in text
    assert "2026-01-18 Feature store MISSING_DATA, 6 of 6 not ready" in text


def test_a_scheduled_look_at_yesterday_brings_late_rows_into_the_thread_of_its_games(
    quick_sensor: Sensor, web_api: Slack
) -> None:
    seen(quick_sensor, at(16), failing_look(DAY, at(16)))
    ticks(quick_sensor, at(18, 31), at(7, day=NEXT))
    seen(quick_sensor, at(8, day=NEXT), of_results(at(8, day=NEXT), grading={}))
    of_games = [sent for sent in web_api.accepted if sent.alert_id == ID]
    assert "Arrived late: Phase 4 complete for all 6 games" in of_games[-1].text
    assert of_games[-1].thread == of_games[0].ts
    assert [sent.alert_id for sent in web_api.accepted][-1:] == [f"{ID}-results"]


def test_the_first_broken_stage_changes_in_one_thread_until_nothing_fails(quick_sensor: Sensor, web_api: Slack) -> None:
    def at_work(moment: datetime, rows: Mapping[str, int] = FULL, **others: Mapping[str, int]) -> CheckRecord:
        return synthetic_look(moment, rows, others={**BEFORE_TIP, **others})

    seen(quick_sensor, at(8, 35), at_work(at(8, 35), {}, feature_store={}, predictions={}))
    seen(quick_sensor, at(9), at_work(at(9), feature_store={}, predictions={}))
    seen(quick_sensor, at(9, 30), at_work(at(9, 30), predictions={}))
    seen(quick_sensor, at(10), at_work(at(10)))
    said = [re.split(r", (?:Sun|late)", sent.text.partition("[test] ")[2])[0] for sent in web_api.accepted]
    assert said == [
        "ERROR Phase 4 missing for all 6 games",
        "ERROR Changed: Feature store missing for all 6 games",
        "ERROR Changed: Predictions missing for all 6 games",
        "Recovered",
    ]
    assert ": every stage due by now passes, Sun" in web_api.accepted[3].text
    assert "Phase 4, then Feature store, then Predictions" in web_api.accepted[3].text
    first = web_api.accepted[0]
    assert [sent.thread for sent in web_api.accepted[1:]] == [first.ts] * 3
    assert [sent.alert_id for sent in web_api.accepted] == [ID] * 4
    commands = [json.dumps(request.json) for request in web_api.server.requests if request.path == POST]
    assert "same-day-phase4" in commands[1]
    assert "same-day-predictions" in commands[2]
