"""When a message is due: by looks, by the clock, and by what was told before."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, time, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nba_monitoring.alerts.incidents.decision import (
    END_REASONS,
    REPEAT_INTERVAL,
    NotifyReason,
    after_message,
    notify_reason,
)
from nba_monitoring.alerts.incidents.lifecycle import CHECK_TAKES, after_check, at
from nba_monitoring.core.chain import CHECK_GRACE
from nba_monitoring.core.codec import from_json_values, to_json_text
from nba_monitoring.core.incidents import EndedAs, Incident
from nba_monitoring.core.record import CheckRecord, MuteInForce
from nba_monitoring.core.rules.base import Finding, Level
from nba_monitoring.core.stages import PHASE4, Due
from nba_monitoring.core.status import Severity, Status
from nba_monitoring.core.teams import TRICODES
from nba_monitoring_tests.alerts.alerting import Alerting, told
from nba_monitoring_tests.alerts.looks import BEFORE_TIP, COMPLETE, FULL, SLATE, STAGES, look
from nba_monitoring_tests.days import DAY, eastern

FIRST, WORSE, CHANGED, REMINDER = (
    NotifyReason.FIRST_FINDING,
    NotifyReason.GOT_WORSE,
    NotifyReason.CHANGED,
    NotifyReason.REMINDER,
)
RECOVERED, TOO_LATE, EXCUSED, CLOSED = (
    NotifyReason.RECOVERED,
    NotifyReason.TOO_LATE,
    NotifyReason.EXCUSED,
    NotifyReason.CLOSED,
)
NEXT_DAY = DAY + timedelta(days=1)
LAST_TIP = eastern(21, 30)
# The look at the last tip-off is given up: then the clock ends what it would have decided.
GIVEN_UP = LAST_TIP + CHECK_TAKES
# At 7:00 AM Eastern the first tip-off, ORL@MEM at noon, is five hours away.
EARLY = eastern(7)
EVENING = {"ORL@MEM": 24, "BKN@CHI": 24}

# Each example is up to a dozen looks through the real core.
fewer = settings(max_examples=min(60, settings().max_examples))


def muted(record: CheckRecord, reason: str = "rebuilt until noon") -> CheckRecord:
    return replace(record, detail=replace(record.detail, mute=MuteInForce(reason, record.check_time)))


# By looks


def test_a_date_that_passes_says_nothing() -> None:
    assert told(look(EARLY, FULL), look(eastern(8), FULL)) == []


def test_a_finding_is_told_once_and_its_end_once() -> None:
    looks = [look(EARLY), look(eastern(7, 30)), look(eastern(8), FULL), look(eastern(8, 30), FULL)]
    assert told(*looks) == [FIRST, RECOVERED]


def test_more_games_uncovered_is_worse_and_fewer_is_a_change() -> None:
    some = {**FULL, "TOR@LAL": 0}
    assert told(look(EARLY, some), look(eastern(7, 30), {})) == [FIRST, WORSE]
    assert told(look(EARLY, {}), look(eastern(7, 30), some)) == [FIRST, CHANGED]


def test_rows_that_went_away_again_are_a_new_finding() -> None:
    alerting = Alerting()
    for record in (look(EARLY), look(eastern(8), FULL), look(eastern(8, 30))):
        alerting.hear(record)
    assert alerting.reasons == [FIRST, RECOVERED, FIRST]
    assert [sent.incident_id for sent in alerting.sent] == ["nba-2026-01-18", "nba-2026-01-18", "nba-2026-01-18-2"]
    threads = [incident.detail.thread for incident in alerting.incidents]
    assert len(set(threads)) == 2


def test_a_look_that_arrives_late_changes_nothing() -> None:
    alerting = Alerting()
    alerting.hear(look(eastern(8), FULL))
    alerting.hear(look(eastern(9)))
    before = list(alerting.incidents)
    alerting.look(look(eastern(8, 30), FULL))
    assert alerting.incidents == before


def test_a_look_at_a_past_date_opens_no_incident() -> None:
    assert told(look(eastern(9, day=NEXT_DAY))) == []


# By the clock


def test_severity_follows_the_clock_and_not_the_last_look() -> None:
    alerting = Alerting()
    alerting.hear(look(EARLY))
    assert alerting.tick(eastern(8, 59)) == []
    assert alerting.tick(eastern(9)) == [WORSE]
    assert [sent.incident.severity for sent in alerting.sent] == [Severity.WARN, Severity.ERROR]


def test_a_reminder_comes_when_it_is_due_and_not_with_each_look() -> None:
    alerting = Alerting()
    alerting.hear(look(eastern(12)))
    for hour, minute in ((12, 30), (13, 0), (13, 30)):
        assert alerting.hear(look(eastern(hour, minute))) == []
    assert alerting.tick(eastern(14, 0)) == []
    assert alerting.tick(eastern(14, 1)) == [REMINDER]


def test_a_date_not_looked_at_for_long_says_so_once() -> None:
    alerting = Alerting()
    alerting.hear(look(eastern(11)))
    assert alerting.tick(eastern(11) + CHECK_GRACE) == []
    assert alerting.tick(eastern(11, 46)) == [NotifyReason.NOT_LOOKED_AT]
    assert alerting.tick(eastern(11, 50)) == []
    alerting.hear(look(eastern(12)))
    assert alerting.tick(eastern(12, 30)) == []
    assert alerting.tick(eastern(12, 50)) == [NotifyReason.NOT_LOOKED_AT]


def test_before_the_morning_look_nobody_waits_for_one() -> None:
    alerting = Alerting()
    alerting.hear(look(eastern(7, 10)))
    assert NotifyReason.NOT_LOOKED_AT not in alerting.tick(eastern(11, 40))
    assert alerting.tick(eastern(11, 46))[-1:] == [NotifyReason.NOT_LOOKED_AT]


def test_a_run_that_is_stuck_after_the_first_finding_is_silent_at_no_time_until_the_end() -> None:
    alerting = Alerting()
    alerting.hear(look(eastern(11)))
    alerting.run_until(eastern(11, 10), eastern(23, 50))
    times = [sent.at for sent in alerting.sent]
    silences = [later - earlier for earlier, later in pairwise(times)]
    assert max(silences) <= REPEAT_INTERVAL + timedelta(minutes=10)
    assert alerting.reasons.count(NotifyReason.NOT_LOOKED_AT) == 1
    assert alerting.reasons[-1] is TOO_LATE
    assert GIVEN_UP <= alerting.sent[-1].at < GIVEN_UP + timedelta(minutes=10)


# The end


def test_a_date_that_is_never_covered_ends_too_late_at_its_last_tip_off() -> None:
    alerting = Alerting()
    alerting.hear(look(eastern(11), EVENING))
    alerting.run_until(eastern(11, 10), LAST_TIP - timedelta(seconds=1))
    assert alerting.hear(look(LAST_TIP, EVENING)) == [TOO_LATE]
    (incident,) = alerting.incidents
    assert (incident.ended_as, incident.ended_at) == (EndedAs.TOO_LATE, LAST_TIP)
    alerting.run_until(LAST_TIP, eastern(11, day=NEXT_DAY))
    assert alerting.reasons.count(TOO_LATE) == 1
    assert alerting.reasons[-1] is TOO_LATE


def test_a_game_without_a_known_tip_off_is_not_too_late_before_the_date_is_over() -> None:
    alerting = Alerting()
    alerting.hear(look(eastern(11), slate={"ORL@MEM": None}))
    assert TOO_LATE not in alerting.tick(eastern(23, 59))
    assert alerting.tick(eastern(0, 0, NEXT_DAY)) == [TOO_LATE]


def test_without_a_look_at_its_last_tip_off_a_date_ends_too_late_a_quarter_of_an_hour_later() -> None:
    alerting = Alerting()
    alerting.hear(look(eastern(11), EVENING))
    alerting.run_until(eastern(11, 10), LAST_TIP - timedelta(seconds=1))
    assert alerting.tick(LAST_TIP) == []
    assert alerting.tick(GIVEN_UP - timedelta(seconds=1)) == []
    assert alerting.tick(GIVEN_UP) == [TOO_LATE]
    assert alerting.incidents[0].ended_at == LAST_TIP


@pytest.mark.parametrize("tip", [time(19), time(19, 1), time(19, 29)])
def test_a_tip_off_between_two_looks_waits_for_the_next_one(tip: time) -> None:
    alerting = Alerting()
    alerting.hear(look(eastern(11), slate={"ORL@MEM": tip}))
    next_look = eastern(19, 30) if tip.minute else eastern(19)
    alerting.run_until(eastern(11, 10), eastern(tip.hour, tip.minute))
    assert alerting.tick(next_look + CHECK_TAKES - timedelta(seconds=1)) == []
    assert alerting.tick(next_look + CHECK_TAKES) == [TOO_LATE]


@pytest.mark.parametrize("tip", [time(20), time(19, 40)])
def test_rows_written_before_the_last_tip_off_are_in_time_though_a_look_sees_them_only_then(tip: time) -> None:
    slate = {"ORL@MEM": tip}
    alerting = Alerting()
    alerting.hear(look(eastern(19, 30), slate=slate))
    assert alerting.tick(eastern(20)) == []
    seen = look(eastern(20), {"ORL@MEM": 24}, slate=slate, written_at=eastern(19, 35))
    assert alerting.hear(seen) == [RECOVERED]
    (incident,) = alerting.incidents
    assert (incident.ended_at, incident.covered_at) == (incident.deadline, eastern(19, 35))


def test_rows_written_after_the_last_tip_off_are_too_late_though_the_same_look_sees_them() -> None:
    slate = {"ORL@MEM": time(19, 40)}
    alerting = Alerting()
    alerting.hear(look(eastern(19, 30), slate=slate))
    seen = look(eastern(20), {"ORL@MEM": 24}, slate=slate, written_at=eastern(19, 41))
    assert alerting.hear(seen) == [TOO_LATE]
    assert alerting.tick(eastern(20, 2)) == [NotifyReason.CAME_LATE]
    assert alerting.incidents[0].ended_at == eastern(19, 40)


def test_rows_that_a_look_after_the_last_tip_off_did_not_see_are_too_late_whatever_their_write_time() -> None:
    slate = {"ORL@MEM": time(19, 40)}
    alerting = Alerting()
    alerting.hear(look(eastern(19, 30), slate=slate))
    assert alerting.hear(look(eastern(20), slate=slate)) == [TOO_LATE]
    seen = look(eastern(20, 30), {"ORL@MEM": 24}, slate=slate, written_at=eastern(19, 35))
    assert alerting.hear(seen) == [NotifyReason.CAME_LATE]


def test_a_late_look_takes_back_that_it_was_too_late_where_the_rows_had_been_there_in_time() -> None:
    alerting = Alerting()
    alerting.hear(look(eastern(21)))
    assert alerting.tick(GIVEN_UP) == [TOO_LATE]
    assert alerting.hear(look(eastern(23), FULL, written_at=eastern(21, 20))) == [RECOVERED]
    assert alerting.hear(look(eastern(23, 30), FULL, written_at=eastern(21, 20))) == []
    assert [incident.ended_as for incident in alerting.incidents] == [EndedAs.RECOVERED]


def test_what_is_downstream_must_be_in_time_too() -> None:
    slate = {"ORL@MEM": time(19, 40)}
    alerting = Alerting()
    alerting.hear(look(eastern(19, 30), slate=slate, others={"predictions": {}}))
    written = {PHASE4: eastern(19, 35), "predictions": eastern(19, 45)}
    seen = look(eastern(20), {"ORL@MEM": 24}, slate=slate, others={"predictions": {"ORL@MEM": 11}})
    assert alerting.hear(with_written(seen, written)) == [TOO_LATE]


def with_written(record: CheckRecord, written: Mapping[str, datetime]) -> CheckRecord:
    stages = {name: replace(check, written_at=written[name]) for name, check in record.stages.items()}
    return replace(record, detail=replace(record.detail, stages=stages))


def test_rows_that_come_the_next_morning_are_told_once_in_the_thread() -> None:
    alerting = Alerting()
    alerting.hear(look(eastern(11)))
    alerting.tick(GIVEN_UP)
    assert alerting.hear(look(eastern(9, 10, NEXT_DAY), FULL)) == [NotifyReason.CAME_LATE]
    assert alerting.hear(look(eastern(9, 40, NEXT_DAY), FULL)) == []
    (incident,) = alerting.incidents
    assert incident.covered_at == eastern(8, 50, NEXT_DAY)
    assert incident.ended_as is EndedAs.TOO_LATE


def test_games_played_without_rows_are_not_found_again_by_a_later_look() -> None:
    alerting = Alerting()
    alerting.hear(look(eastern(11), EVENING))
    alerting.tick(GIVEN_UP)
    alerting.hear(look(eastern(22), EVENING))
    assert len(alerting.incidents) == 1


def test_a_postponed_finding_is_excused() -> None:
    alerting = Alerting()
    alerting.hear(look(EARLY, {**FULL, "POR@SAC": 0}))
    alerting.hear(look(eastern(8), {**FULL, "POR@SAC": 0}, postponed=["POR@SAC"]))
    assert alerting.reasons == [FIRST, EXCUSED]
    assert alerting.incidents[0].ended_as is EndedAs.EXCUSED


def test_what_was_over_before_it_could_be_told_is_told_in_the_past_tense_alone() -> None:
    alerting = Alerting()
    alerting.look(look(EARLY))
    alerting.tick(eastern(7, 1), accepts=False)
    alerting.look(look(eastern(8), FULL))
    assert alerting.tick(eastern(8, 1)) == [NotifyReason.OVER]
    alerting.run_until(eastern(8, 2), eastern(23))
    assert alerting.reasons == [NotifyReason.OVER]


def test_a_closed_incident_says_so_and_goes_on_for_a_further_game_alone() -> None:
    alerting = Alerting()
    some = {**FULL, "TOR@LAL": 0}
    alerting.hear(look(EARLY, some))
    (incident,) = alerting.incidents
    alerting.incidents = [replace(incident, ended_at=eastern(8), ended_as=EndedAs.CLOSED)]
    assert alerting.tick(eastern(8, 1)) == [CLOSED]
    assert alerting.hear(look(eastern(8, 30), some)) == []
    assert alerting.hear(look(eastern(9), {**some, "CHA@DEN": 0})) == [FIRST]
    assert alerting.sent[-1].incident_id == "nba-2026-01-18-2"


def test_acknowledged_means_no_reminders_but_changes_and_the_end_are_told() -> None:
    alerting = Alerting()
    alerting.hear(look(eastern(10), EVENING))
    (incident,) = alerting.incidents
    alerting.incidents = [replace(incident, acknowledged_at=eastern(10, 5), acknowledged_by="Kim")]
    assert alerting.tick(eastern(10, 6)) == [NotifyReason.ACKNOWLEDGED]
    for hour in range(11, 16):
        alerting.hear(look(eastern(hour), EVENING))
    assert REMINDER not in alerting.reasons
    assert alerting.hear(look(eastern(16), {})) == [WORSE]
    assert alerting.hear(look(eastern(17), FULL)) == [RECOVERED]


# Other stages


def watched(moment: datetime, rows: Mapping[str, int] = FULL, **others: Mapping[str, int]) -> CheckRecord:
    """A look at all ten stages, complete except for `rows` of Phase 4 and the stages that are named."""
    complete = BEFORE_TIP if moment < eastern(0, 0, NEXT_DAY) else COMPLETE
    return look(moment, rows, others={**complete, **others})


def subjects(alerting: Alerting) -> list[tuple[NotifyReason, str]]:
    return [(sent.reason, sent.incident.stage) for sent in alerting.sent]


def test_one_alert_is_about_the_first_broken_stage_and_names_what_fails_behind_it() -> None:
    alerting = Alerting()
    alerting.hear(watched(eastern(11, 35), {}, feature_store={}, predictions={}))
    (incident,) = alerting.incidents
    assert (incident.stage, incident.detail.behind, incident.detail.also) == (
        "phase4",
        ("feature_store", "predictions"),
        (),
    )


def test_another_first_broken_stage_is_a_change_in_the_same_incident() -> None:
    alerting = Alerting()
    alerting.hear(watched(eastern(11, 35), {}, feature_store={}, predictions={}))
    alerting.hear(watched(eastern(12), predictions={}))
    alerting.hear(watched(eastern(12, 30)))
    assert subjects(alerting) == [(FIRST, "phase4"), (CHANGED, "predictions"), (RECOVERED, "predictions")]
    assert len(alerting.incidents) == 1


def test_another_first_broken_stage_that_is_worse_says_so() -> None:
    alerting = Alerting()
    alerting.hear(watched(eastern(11, 35), {**FULL, "TOR@LAL": 3}))
    alerting.hear(watched(eastern(12), predictions={}))
    assert subjects(alerting) == [(FIRST, "phase4"), (WORSE, "predictions")]


def test_a_stage_that_breaks_besides_is_told_to_whoever_has_the_first() -> None:
    alerting = Alerting()
    alerting.hear(watched(eastern(7), team_defense={}))
    (incident,) = alerting.incidents
    alerting.incidents = [replace(incident, acknowledged_at=eastern(7, 5), acknowledged_by="Kim")]
    alerting.tick(eastern(7, 6))
    alerting.hear(watched(eastern(7, 30), team_defense={}, shot_zones={}))
    alerting.hear(watched(eastern(8), team_defense={}))
    assert alerting.reasons == [FIRST, NotifyReason.ACKNOWLEDGED, CHANGED]


def test_a_later_stage_that_misses_its_own_due_time_is_a_new_incident() -> None:
    alerting = Alerting()
    alerting.hear(watched(eastern(8), {}, predictions={}))
    alerting.hear(watched(eastern(8, 30), predictions={}))
    assert alerting.hear(watched(eastern(9, 30), predictions={})) == []
    alerting.hear(watched(eastern(10), predictions={}))
    assert [(sent.incident_id, sent.reason) for sent in alerting.sent] == [
        ("nba-2026-01-18", FIRST),
        ("nba-2026-01-18", RECOVERED),
        ("nba-2026-01-18-2", FIRST),
    ]


def test_a_look_of_last_night_finds_nothing_due() -> None:
    assert told(look(eastern(0, 40))) == []


def test_what_is_not_due_yet_alerts_nobody() -> None:
    assert told(watched(eastern(6, 59), {}, team_defense={}, feature_store={}, predictions={})) == []


def test_rows_that_a_rule_refuses_are_told_and_another_rule_too() -> None:
    def refused(moment: datetime, *rules: str) -> CheckRecord:
        findings = {"predictions": [Finding(rule, Level.FAIL, f"{rule} at {moment:%H:%M}") for rule in rules]}
        return look(moment, FULL, others=BEFORE_TIP, findings=findings)

    alerting = Alerting()
    alerting.hear(refused(eastern(10), "null_share"))
    assert alerting.hear(refused(eastern(10, 30), "null_share")) == []
    assert alerting.hear(refused(eastern(11), "null_share", "duplicates")) == [CHANGED]
    assert alerting.incidents[0].status is Status.BAD_DATA


def test_a_table_that_can_be_read_again_and_lacks_its_rows_is_told_anew() -> None:
    alerting = Alerting()
    why = {"predictions": "no right to read it"}
    alerting.hear(look(eastern(14, 30), FULL, others=BEFORE_TIP, not_read=why))
    assert alerting.hear(look(eastern(15), FULL, others=BEFORE_TIP, not_read=why)) == []
    lacking = {**BEFORE_TIP, "predictions": {}}
    assert alerting.hear(look(eastern(15, 30), FULL, others=lacking)) == [CHANGED]


def test_a_rule_that_warns_alerts_nobody() -> None:
    findings = {"predictions": [Finding("null_share", Level.WARN, "a few")]}
    assert told(look(eastern(11), FULL, others=BEFORE_TIP, findings=findings)) == []


@pytest.mark.parametrize("stage", ["team_defense", "shot_zones"])
def test_what_is_counted_by_team_or_date_goes_by_the_tip_offs_of_all_games(stage: str) -> None:
    alerting = Alerting()
    alerting.hear(watched(eastern(7, 30), **{stage: {}}))
    assert alerting.sent[-1].incident.severity is Severity.WARN
    assert alerting.tick(eastern(9)) == [WORSE]
    alerting.run_until(eastern(9, 10), GIVEN_UP)
    assert alerting.sent[-1].reason is TOO_LATE
    assert alerting.sent[-1].incident.ended_at == LAST_TIP


def test_a_first_broken_stage_that_came_late_is_told_though_what_rests_on_it_is_lost() -> None:
    alerting = Alerting()
    alerting.hear(watched(eastern(11, 35), {}, predictions={}))
    alerting.tick(GIVEN_UP)
    alerting.hear(watched(eastern(11, 0, NEXT_DAY), predictions={}, grading={}))
    assert alerting.reasons == [FIRST, TOO_LATE, NotifyReason.CAME_LATE]


def test_an_alert_of_before_there_were_other_stages_goes_on_without_a_word() -> None:
    alerting = Alerting()
    alerting.hear(look(eastern(10), {}))
    (incident,) = alerting.incidents
    told_by_then = replace(incident.detail.told, stage=None) if incident.detail.told else None
    alerting.incidents = [replace(incident, detail=replace(incident.detail, told=told_by_then))]
    assert alerting.hear(watched(eastern(10, 30), {})) == []
    assert alerting.hear(watched(eastern(11))) == [RECOVERED]


@pytest.mark.parametrize("unknown", [{"slate": {}}, {"unreadable": ["nbac_schedule: no teams yet"]}])
def test_an_unknown_schedule_told_before_there_were_other_stages_goes_on_without_a_word(
    unknown: dict[str, Any],
) -> None:
    alerting = Alerting()
    alerting.hear(look(eastern(10), FULL, **unknown))
    (incident,) = alerting.incidents
    assert incident.detail.told
    detail = replace(incident.detail, told=replace(incident.detail.told, stage=None))
    alerting.incidents = [replace(incident, stage="phase4", detail=detail)]
    assert alerting.hear(look(eastern(10, 30), FULL, others=BEFORE_TIP, **unknown)) == []
    assert alerting.hear(watched(eastern(11))) == [RECOVERED]


def test_a_stage_that_is_not_watched_any_more_ends_its_incident() -> None:
    alerting = Alerting()
    alerting.hear(watched(eastern(8), shot_zones={}))
    without = {name: held for name, held in BEFORE_TIP.items() if name != "shot_zones"}
    assert alerting.hear(look(eastern(8, 30), FULL, others=without)) == [EXCUSED]


# The morning after


def test_results_are_an_incident_of_their_own_from_their_finding_to_their_recovery() -> None:
    alerting = Alerting()
    alerting.hear(watched(eastern(11, 0, NEXT_DAY), grading={}))
    assert alerting.hear(watched(eastern(13, 10, NEXT_DAY), grading={})) == [REMINDER]
    assert alerting.hear(watched(eastern(13, 30, NEXT_DAY))) == [RECOVERED]
    (incident,) = alerting.incidents
    assert (incident.incident_id, incident.due, incident.stage, incident.severity) == (
        "nba-2026-01-18-results",
        Due.MORNING_AFTER,
        "grading",
        Severity.ERROR,
    )


def test_results_that_fail_again_are_a_second_incident_of_theirs() -> None:
    alerting = Alerting()
    for hour, held in ((11, {}), (12, COMPLETE["grading"]), (13, {})):
        alerting.hear(watched(eastern(hour, 0, NEXT_DAY), grading=held))
    assert alerting.sent[-1].incident_id == "nba-2026-01-18-results-2"


def test_results_end_too_late_with_the_morning_after() -> None:
    alerting = Alerting()
    alerting.hear(watched(eastern(14, 50, NEXT_DAY), grading={}))
    assert alerting.tick(eastern(14, 59, NEXT_DAY)) == []
    assert alerting.tick(eastern(15, 0, NEXT_DAY)) == []
    assert alerting.hear(watched(eastern(15, 0, NEXT_DAY), grading={})) == [TOO_LATE]
    assert alerting.hear(watched(eastern(16, 0, NEXT_DAY), grading={})) == []
    assert alerting.hear(watched(eastern(17, 0, NEXT_DAY))) == [NotifyReason.CAME_LATE]


def test_results_that_are_missing_after_the_morning_page_nobody() -> None:
    assert told(watched(eastern(15, 0, NEXT_DAY), grading={}, player_summary={})) == []


def test_results_wait_for_a_look_from_the_morning_after_on() -> None:
    alerting = Alerting()
    alerting.hear(watched(eastern(10, 5, NEXT_DAY), grading={}))
    assert NotifyReason.NOT_LOOKED_AT not in alerting.tick(eastern(11, 45, NEXT_DAY))
    assert alerting.tick(eastern(11, 46, NEXT_DAY)) == [NotifyReason.NOT_LOOKED_AT]


def test_a_past_date_opens_no_incident_before_its_games_whatever_its_results_do() -> None:
    alerting = Alerting()
    alerting.hear(watched(eastern(11, 0, NEXT_DAY), {}, player_summary={}, grading={}))
    assert [(incident.due, incident.stage) for incident in alerting.incidents] == [
        (Due.MORNING_AFTER, "player_summary")
    ]


def test_what_an_earlier_due_time_explains_opens_no_incident_of_results() -> None:
    assert told(watched(eastern(11, 0, NEXT_DAY), predictions={}, grading={})) == []


@pytest.mark.parametrize(
    "others",
    [
        {"predictions": dict.fromkeys(list(SLATE)[1:], 11)},  # five games of six were predicted
        {"feature_store": {}},  # predictions without it are rows to be graded all the same
    ],
)
def test_results_are_told_where_an_earlier_gap_left_something_to_be_graded(
    others: Mapping[str, Mapping[str, int]],
) -> None:
    alerting = Alerting()
    alerting.hear(watched(eastern(11, 0, NEXT_DAY), grading={}, **others))
    assert [(incident.due, incident.stage) for incident in alerting.incidents] == [(Due.MORNING_AFTER, "grading")]
    assert told(watched(eastern(11, 0, NEXT_DAY), **others)) == []


def test_results_that_lack_the_game_that_was_not_predicted_are_not_told() -> None:
    record = watched(eastern(11, 0, NEXT_DAY), predictions=dict.fromkeys(list(SLATE)[1:], 11), grading={})
    lacking = record.stages["predictions"].missing
    by_game = replace(record.stages["grading"], missing=lacking, ready=5)
    detail = replace(record.detail, stages={**record.stages, "grading": by_game})
    assert told(replace(record, detail=detail)) == []


def test_an_unknown_schedule_is_one_finding_a_date() -> None:
    alerting = Alerting()
    alerting.hear(look(eastern(11), slate={}, others=BEFORE_TIP))
    alerting.tick(eastern(0, 0, NEXT_DAY))
    alerting.hear(look(eastern(11, 0, NEXT_DAY), slate={}, others=COMPLETE))
    assert [incident.incident_id for incident in alerting.incidents] == ["nba-2026-01-18"]


def test_a_schedule_that_is_lost_before_the_results_are_judged_is_told() -> None:
    alerting = Alerting()
    alerting.hear(watched(eastern(11)))
    alerting.hear(look(eastern(11, 0, NEXT_DAY), slate={}, others=COMPLETE))
    assert [(incident.incident_id, incident.stage) for incident in alerting.incidents] == [
        ("nba-2026-01-18-results", "schedule")
    ]


def test_a_muted_date_mutes_its_results() -> None:
    alerting = Alerting()
    alerting.hear(muted(watched(eastern(11, 0, NEXT_DAY), grading={})))
    alerting.run_until(eastern(11, 10, NEXT_DAY), eastern(14, 50, NEXT_DAY))
    assert alerting.reasons == []
    assert alerting.tick(eastern(15, 15, NEXT_DAY)) == [EXCUSED]


# Mutes


def test_a_muted_date_is_silent_until_its_end_and_that_is_told() -> None:
    alerting = Alerting()
    alerting.hear(muted(look(eastern(11))))
    alerting.run_until(eastern(11, 10), eastern(21))
    assert alerting.reasons == []
    assert alerting.tick(GIVEN_UP) == [EXCUSED]


def test_a_mute_that_runs_out_speaks_again() -> None:
    assert told(muted(look(eastern(10))), look(eastern(11))) == [FIRST]
    assert told(look(eastern(10)), muted(look(eastern(10, 30))), look(eastern(11))) == [FIRST, REMINDER]


def test_a_recovery_ends_a_mute_as_well() -> None:
    assert told(muted(look(eastern(10))), look(eastern(11), FULL)) == [RECOVERED]


# Over any history


rows_of_games = st.fixed_dictionaries({name: st.sampled_from([0, 5, 24]) for name in SLATE})
rows_of_stages = st.fixed_dictionaries(
    {},
    optional={
        "team_defense": st.sampled_from([{}, {"BOS": 1}, COMPLETE["team_defense"]]),
        "shot_zones": st.sampled_from([{}, {"_all": 12}]),
        "predictions": st.sampled_from([{}, {**FULL, "TOR@LAL": 0}]),
        "player_summary": st.sampled_from([{}, FULL]),
        "grading": st.sampled_from([{}, COMPLETE["grading"]]),
    },
)
REFUSED = [Finding("null_share", Level.FAIL, "model_version is NULL")]


@st.composite
def looks_of_a_day(draw: st.DrawFn, least: int = 1) -> list[CheckRecord]:
    """One date looked at again and again, in order of time, whatever becomes of its stages."""
    kinds = draw(st.lists(st.sampled_from(["rows", "full", "bad", "join", "no slate"]), min_size=least, max_size=10))
    when = eastern(6)
    looks = []
    for kind in kinds:
        # Some reach into the morning after.
        when += timedelta(minutes=draw(st.integers(1, 300)))
        others: Mapping[str, Mapping[str, int]] = {
            **(BEFORE_TIP if when < eastern(0, 0, NEXT_DAY) else COMPLETE),
            **draw(rows_of_stages),
        }
        if kind == "join":
            found = look(when, stage_ids={"0022500578": 31}, others=others)
        elif kind == "no slate":
            found = look(when, slate={}, others=others)
        else:
            rows = draw(rows_of_games) if kind == "rows" else FULL
            found = look(when, rows, others=others, findings={"feature_store": REFUSED} if kind == "bad" else None)
        looks.append(muted(found) if draw(st.integers(0, 9)) == 0 else found)
    return looks


@st.composite
def histories(draw: st.DrawFn) -> tuple[list[CheckRecord], list[tuple[datetime, bool]]]:
    """Looks, and ticks every 20 minutes until two days later, some of them while Slack accepts nothing."""
    looks = draw(looks_of_a_day())
    down = draw(st.sets(st.integers(0, 60), max_size=20))
    ticks = [(eastern(6) + timedelta(minutes=20 * n), n not in down) for n in range(180)]
    return looks, ticks


def play(looks: Sequence[CheckRecord], ticks: Sequence[tuple[datetime, bool]], in_cursor: bool = False) -> Alerting:
    alerting, left = Alerting(), list(looks)
    for now, accepts in ticks:
        while left and left[0].check_time <= now:
            alerting.look(left.pop(0))
        alerting.tick(now, accepts)
        if in_cursor:
            alerting.incidents = [
                from_json_values(Incident, json.loads(to_json_text(known))) for known in alerting.incidents
            ]
    return alerting


@fewer
@given(histories())
def test_every_incident_that_was_told_ends_with_exactly_one_last_word(
    history: tuple[list[CheckRecord], list[tuple[datetime, bool]]],
) -> None:
    alerting = play(*history)
    for incident in alerting.incidents:
        reasons = [sent.reason for sent in alerting.sent if sent.incident_id == incident.incident_id]
        assert not incident.is_open
        assert sum(reason in END_REASONS for reason in reasons) == 1
        after = reasons[next(place for place, reason in enumerate(reasons) if reason in END_REASONS) + 1 :]
        assert after in ([], [NotifyReason.CAME_LATE])


@fewer
@given(histories())
def test_a_due_time_has_one_incident_at_a_time(history: tuple[list[CheckRecord], list[tuple[datetime, bool]]]) -> None:
    looks, ticks = history
    alerting, left = Alerting(), list(looks)
    for now, accepts in ticks:
        while left and left[0].check_time <= now:
            alerting.look(left.pop(0))
            for due in Due:
                assert sum(incident.is_open for incident in alerting.incidents if incident.due is due) <= 1
        alerting.tick(now, accepts)
    for incident in alerting.incidents:
        assert incident.incident_id.startswith("nba-2026-01-18")
        assert ("results" in incident.incident_id) is (incident.due is Due.MORNING_AFTER)


@fewer
@given(looks_of_a_day())
def test_an_open_incident_is_about_the_first_broken_stage_of_the_newest_look(looks: list[CheckRecord]) -> None:
    alerting = Alerting()
    for record in looks:
        alerting.hear(record, minutes_later=0)
        for incident in alerting.incidents:
            if incident.is_open:
                assert incident.due is not None
                checks = record.stages_due(incident.due)
                failing = {name for name, check in checks.items() if not check.status.passes}
                marked = {name for name, check in checks.items() if check.is_first_broken}
                assert failing
                assert incident.stage in (marked or {*failing, "schedule"})


@fewer
@given(histories())
def test_no_finding_is_told_twice(history: tuple[list[CheckRecord], list[tuple[datetime, bool]]]) -> None:
    alerting = play(*history)
    for incident in alerting.incidents:
        reasons = [sent.reason for sent in alerting.sent if sent.incident_id == incident.incident_id]
        for once in (FIRST, NotifyReason.CAME_LATE, *END_REASONS):
            assert reasons.count(once) <= 1
        if reasons:
            assert reasons[0] in (FIRST, *END_REASONS)


@fewer
@given(looks_of_a_day())
def test_a_live_failing_date_is_never_silent_for_longer_than_its_repeat_interval(looks: list[CheckRecord]) -> None:
    step = timedelta(minutes=10)
    alerting, left, now = Alerting(), list(looks), eastern(6)
    while now < eastern(15, 0, NEXT_DAY):
        while left and left[0].check_time <= now:
            alerting.look(left.pop(0))
        alerting.tick(now)
        for incident in alerting.incidents:
            if incident.is_open and not incident.detail.mute:
                said = [sent.at for sent in alerting.sent if sent.incident_id == incident.incident_id]
                assert said
                assert now - max(said) <= REPEAT_INTERVAL + step
        now += step


@pytest.mark.slow
@fewer
@given(histories())
def test_a_memory_that_went_through_the_cursor_or_the_ledger_says_the_same(
    history: tuple[list[CheckRecord], list[tuple[datetime, bool]]],
) -> None:
    assert play(*history, in_cursor=True).reasons == play(*history).reasons


@fewer
@given(histories())
def test_reading_all_looks_again_says_nothing_new(
    history: tuple[list[CheckRecord], list[tuple[datetime, bool]]],
) -> None:
    looks, ticks = history
    alerting = play(looks, ticks)
    before = list(alerting.sent)
    for record in looks:
        alerting.look(record)
    alerting.tick(ticks[-1][0])
    assert alerting.sent == before


@pytest.mark.slow
@fewer
@given(looks_of_a_day(), st.timedeltas(timedelta(days=-3), timedelta(days=3)))
def test_there_is_an_answer_to_every_state_and_instant(looks: list[CheckRecord], lag: timedelta) -> None:
    incidents: list[Incident] = []
    for record in looks:
        now = record.check_time + lag
        for changed in after_check(incidents, record, STAGES):
            incidents = [*(known for known in incidents if known.incident_id != changed.incident_id), changed]
        incidents = [at(known, now) for known in incidents]
        for known in incidents:
            for reason in NotifyReason:
                assert notify_reason(after_message(known, reason, now, None), now) in NotifyReason


@pytest.mark.parametrize("games", [1, 15])
def test_an_incident_stays_small_in_the_cursor(games: int) -> None:
    teams = sorted(TRICODES)
    slate = {f"{teams[2 * n]}@{teams[2 * n + 1]}": eastern(19).time() for n in range(games)}
    alerting = Alerting()
    alerting.hear(look(eastern(10), slate=slate))
    assert len(to_json_text(alerting.incidents[0])) < 6_000
