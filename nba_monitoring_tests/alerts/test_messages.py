from __future__ import annotations

import json
import os
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from nba_monitoring.alerts.incidents.decision import NotifyReason
from nba_monitoring.alerts.incidents.digest import digest
from nba_monitoring.alerts.incidents.lifecycle import after_check
from nba_monitoring.alerts.incidents.runs import FailedRun
from nba_monitoring.alerts.message import Tone, as_text
from nba_monitoring.alerts.messages.blocks import as_blocks, as_fallback
from nba_monitoring.alerts.messages.incident_messages import incident_message
from nba_monitoring.alerts.messages.incident_words import finding
from nba_monitoring.alerts.messages.monitor_messages import backfill_message, run_failed_message
from nba_monitoring.core.record import MuteInForce
from nba_monitoring.core.rules.base import Finding
from nba_monitoring.core.status import Status
from nba_monitoring_tests.alerts.gallery import (
    CHANGED,
    FIRST,
    NO_MODEL_VERSION,
    NOT_GRADED,
    NOTHING_YET,
    OWNED,
    REMINDER,
    UNREADABLE,
    USUAL,
    WORSE,
    gallery,
    spoken,
    spoken_at,
)
from nba_monitoring_tests.alerts.looks import BEFORE_TIP, FULL, SLATE, STAGES, look
from nba_monitoring_tests.days import DAY, NEXT, eastern

SNAPSHOTS = Path(__file__).parent / "snapshots"
PAGE = Path(__file__).parents[2] / "docs" / "alert_gallery.md"
REWRITE = "NBA_MONITORING_REWRITE_SNAPSHOTS"
GALLERY = gallery()


def same_as_kept(path: Path, text: str) -> bool:
    """Whether a file holds the text. With REWRITE set in the environment it is written anew."""
    if os.environ.get(REWRITE):
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return path.exists() and path.read_text(encoding="utf-8") == text


@pytest.mark.parametrize("name", GALLERY)
def test_a_message_looks_in_slack_as_it_did(name: str) -> None:
    message = GALLERY[name]
    payload = {"text": as_fallback(message), "blocks": [block.to_dict() for block in as_blocks(message)]}
    rendered = json.dumps(payload, indent=2, ensure_ascii=False) + "\n"
    assert same_as_kept(SNAPSHOTS / f"{name}.json", rendered), f"changed; if it should have, run with {REWRITE}=1"


@pytest.mark.parametrize("name", GALLERY)
def test_a_message_reads_in_the_log_as_it_did(name: str) -> None:
    rendered = as_text(GALLERY[name]) + "\n"
    assert same_as_kept(SNAPSHOTS / f"{name}.txt", rendered), f"changed; if it should have, run with {REWRITE}=1"


def test_the_page_shows_every_message_as_it_is() -> None:
    page = PAGE.read_text(encoding="utf-8")
    shown = page
    for name, message in GALLERY.items():
        opening = f"<!-- {name} -->\n```text\n"
        assert opening in page, f"docs/alert_gallery.md does not show {name}"
        before, _, rest = shown.partition(opening)
        shown = before + opening + as_text(message) + "\n" + rest[rest.index("```\n") :]
    assert same_as_kept(PAGE, shown), f"docs/alert_gallery.md shows an older message; run with {REWRITE}=1"


def test_no_snapshot_is_left_of_a_message_that_is_gone() -> None:
    assert {path.stem for path in SNAPSHOTS.iterdir()} == set(GALLERY)


def test_the_notification_line_is_whole_in_itself() -> None:
    line = GALLERY["worse"].fallback
    for part in ("ERROR", "5 of 6 games", "2026-01-18", "2 h 59 min", "12:00 PM ET", "ORL@MEM", "nba-2026-01-18"):
        assert part in line


def test_each_uncovered_game_is_named_with_its_tip_off_and_its_rows() -> None:
    rows = {row.name: (row.when, row.seen) for row in GALLERY["changed"].rows}
    assert rows == {
        "CHA @ DEN": ("4:00 PM ET", "5 players (at least 12 expected)"),
        "NOP @ HOU": ("7:00 PM ET", "no rows"),
        "POR @ SAC": ("9:00 PM ET", "no rows"),
        "TOR @ LAL": ("9:30 PM ET", "no rows"),
    }


def test_a_missing_phase_comes_with_the_command_that_mends_it() -> None:
    assert GALLERY["first"].command == STAGES.phase4.fix


def test_a_date_that_ended_unfixed_comes_without_the_job_of_another_day() -> None:
    _, incident = spoken(None, look(eastern(11), {}, slate={"ORL@MEM": None}))
    last = incident_message(NotifyReason.TOO_LATE, incident, eastern(23, 30))
    assert last.command == STAGES.phase4.fix
    assert incident_message(NotifyReason.TOO_LATE, incident, eastern(0, 10, day=NEXT)).command is None


def test_what_runs_next_is_listed_for_the_stages_that_fail_downstream_in_order() -> None:
    assert GALLERY["act_by"].then == (STAGES["feature_store"].fix, STAGES["predictions"].fix)
    # One command for several stages is run once, and stages not due yet start by themselves.
    thin = {**BEFORE_TIP, "shot_zones": {}, "daily_cache": {}}
    message, _ = spoken(None, look(eastern(8), {}, others=thin))
    assert message.then == (STAGES.phase4.fix,)
    unrelated, _ = spoken(None, look(eastern(8), FULL, others={**thin, "daily_cache": BEFORE_TIP["daily_cache"]}))
    assert unrelated.then == ()


@pytest.mark.parametrize(
    ("now", "said"),
    [
        (eastern(11, 1), "First affected game tips off in 59 min (12:00 PM ET). Start it by 11:20 AM ET"),
        (
            eastern(11, 30),
            "First affected game tips off in 30 min (12:00 PM ET). It takes 40 min, so it can't be ready by then",
        ),
        (
            eastern(12, 30),
            "First affected game tipped off 30 min ago (12:00 PM ET); the next tips off in 3 h 0 min (3:30 PM ET). "
            "Start it by 2:50 PM ET",
        ),
    ],
)
def test_the_line_with_the_tip_off_says_by_when_to_start(now: datetime, said: str) -> None:
    (incident,) = after_check([], NOTHING_YET, OWNED)
    message = incident_message(NotifyReason.FIRST_FINDING, incident, now)
    assert said in message.lines
    assert said in message.brief


def test_results_say_by_when_to_start_before_their_deadline() -> None:
    graded = STAGES.with_stage(STAGES["grading"].model_copy(update={"takes": timedelta(minutes=25)}))
    message, _ = spoken(None, NOT_GRADED, stages=graded)
    assert "Results deadline in 3 h 59 min (2026-01-19 3:00 PM ET). Start it by 2:35 PM ET" in message.lines


def test_nothing_is_to_be_started_where_no_command_would_fix_it() -> None:
    owned = STAGES.with_stage(STAGES.phase4.model_copy(update={"takes": timedelta(minutes=25)}))
    message, _ = spoken(None, look(eastern(11), stage_ids={"0022500578": 31}), stages=owned)
    assert not any("Start it" in line for line in message.lines)


def test_the_owner_is_mentioned_first_and_when_it_gets_worse_but_never_in_reminders() -> None:
    owned, incident = STAGES.with_stage(STAGES.phase4.model_copy(update={"owner": "Ann"})), None
    owners = []
    for record in (FIRST, WORSE, CHANGED, REMINDER):
        message, incident = spoken(incident, record, stages=owned)
        owners.append(message.owner)
    assert owners == ["Ann", "Ann", None, None]


@pytest.mark.parametrize(
    ("owner", "shown"),
    [
        ("U024BE7LH", "Owner: <@U024BE7LH>"),
        ("W012A3CDE", "Owner: <@W012A3CDE>"),
        ("S0614TZR7", "Owner: <!subteam^S0614TZR7>"),
        ("SAMANTHA", "Owner: SAMANTHA"),
        ("<!channel>", "Owner: &lt;!channel&gt;"),
        ("ann@example.com", "Owner: ann@example.com"),
    ],
)
def test_slack_notifies_an_owner_by_id_and_shows_a_name(owner: str, shown: str) -> None:
    texts = [block.to_dict().get("text", {}) for block in as_blocks(replace(GALLERY["first"], owner=owner))]
    assert shown in [text.get("text") for text in texts if text.get("type") == "mrkdwn"]


@pytest.mark.parametrize("name", ["suspect_join", "unknown_schedule"])
def test_no_command_is_advised_where_running_the_phase_mends_nothing(name: str) -> None:
    assert GALLERY[name].command is None


def test_a_date_whose_games_are_all_ready_says_which_listing_keeps_it_from_being_covered() -> None:
    message, incident = spoken(None, look(eastern(11), FULL, unreadable=[UNREADABLE]))
    assert message.title == "A listed game can't be read, Sun 2026-01-18"
    assert UNREADABLE in message.lines
    assert UNREADABLE in message.fallback
    assert message.command is None
    recovery, _ = spoken(incident, look(eastern(12), FULL))
    assert recovery.title == "Recovered: schedule complete, and every stage due by now passes, Sun 2026-01-18"


def test_a_listing_that_can_not_be_read_is_named_beside_games_that_are_uncovered() -> None:
    message, _ = spoken(None, look(eastern(11), {}, unreadable=[UNREADABLE]))
    assert message.title.startswith("Phase 4 missing for all 6 games")
    assert UNREADABLE in message.lines
    assert message.command == STAGES.phase4.fix


FORBIDDEN = {"predictions": "nba_predictions.player_prop_predictions: may not read it"}


def test_a_table_that_can_be_read_again_and_lacks_games_was_not_missing_before() -> None:
    _, incident = spoken(None, look(eastern(11), FULL, others=BEFORE_TIP, not_read=FORBIDDEN))
    some = {**BEFORE_TIP, "predictions": {"ORL@MEM": 11}}
    message, _ = spoken(incident, look(eastern(11, 30), FULL, others=some))
    assert message.title.startswith("Changed: Predictions missing for 5 of 6 games")
    assert "Last alert: Predictions can't be read" in message.lines
    assert not [line for line in message.lines if line.startswith("Complete since the last alert")]


def test_a_stage_that_can_not_be_read_any_more_was_missing_before() -> None:
    _, incident = spoken(None, look(eastern(11), FULL, others={**BEFORE_TIP, "predictions": {}}))
    message, _ = spoken(incident, look(eastern(11, 30), FULL, others=BEFORE_TIP, not_read=FORBIDDEN))
    assert message.title.startswith("Changed: Predictions can't be read")
    assert "Last alert: Predictions missing" in message.lines


def test_another_stage_that_is_broken_now_is_named_beside_the_one_that_could_not_be_read() -> None:
    _, incident = spoken(
        None,
        look(
            eastern(11, 30),
            FULL,
            others={**BEFORE_TIP, "predictions": {}},
            not_read={"feature_store": "may not read it"},
        ),
    )
    message, _ = spoken(incident, look(eastern(12), FULL, others={**BEFORE_TIP, "predictions": {}}))
    assert "Feature store passes; Predictions are now the first broken stage" in message.lines


def test_a_message_says_what_the_slate_rests_on() -> None:
    record = look(eastern(11), {}, postponed=["POR@SAC"])
    message, _ = spoken(None, record)
    small_print = "\n".join(message.evidence)
    assert "nbac_schedule: fresh, 6 games" in small_print
    assert "espn_scoreboard: stale, " in small_print
    assert "Not expected (postponed): POR@SAC" in small_print


@pytest.mark.parametrize(
    ("thin", "findings", "is_said"),
    [({}, {}, True), ({"ORL@MEM": 2}, {}, True), ({}, {"predictions": NO_MODEL_VERSION}, False)],
)
def test_when_a_stage_usually_comes_is_said_where_rows_are_lacking(
    thin: dict[str, int], findings: dict[str, tuple[Finding, ...]], is_said: bool
) -> None:
    held = BEFORE_TIP["predictions"] if findings else thin
    others = {**BEFORE_TIP, "predictions": held}
    message, _ = spoken(None, look(eastern(13), FULL, others=others, findings=findings, usual=USUAL))
    said = "Predictions: usually complete by 12:25 PM ET (95% of the time by 12:55 PM ET)"
    assert (said in message.evidence) is is_said


def test_a_recovery_in_time_says_how_long_before_the_tip_off_it_came() -> None:
    _, last = spoken(None, look(eastern(9, 30), {}))
    message, _ = spoken(last, look(eastern(11, 15), FULL))
    assert message.tone is Tone.GOOD
    assert message.lines == (
        "MISSING_DATA for 1 h 45 min, 9:30 AM to 11:15 AM ET",
        "Complete 1 h 5 min before the first affected tip-off (12:00 PM ET)",
    )


def test_a_recovery_names_the_games_for_which_it_came_too_late() -> None:
    _, last = spoken(None, look(eastern(11), {}))
    message, _ = spoken(last, look(eastern(16, 5), FULL, written_at=eastern(15, 45)))
    assert message.lines[1:] == (
        "Too late for ORL@MEM, BKN@CHI, of which the first tipped off 3 h 45 min earlier (12:00 PM ET)",
        "In time for the other 4; the next tips off in 15 min (4:00 PM ET)",
    )


def test_a_recovery_under_a_mute_says_that_the_mute_has_expired() -> None:
    mute = MuteInForce("rebuilt until noon", FIRST.check_time, by="Ann")
    (muted,) = after_check([], replace(FIRST, detail=replace(FIRST.detail, mute=mute)), STAGES)
    message, _ = spoken(muted, look(eastern(11), FULL))
    assert "The mute has expired: rebuilt until noon (Ann)" in message.lines


def test_a_team_stage_that_needs_some_teams_counts_them_and_not_those_without_rows() -> None:
    _, incident = spoken(None, look(eastern(8), FULL, others={**BEFORE_TIP, "team_defense": {"BOS": 1}}))
    early = replace(incident, detail=replace(incident.detail, total=10))
    assert finding(early) == "Team defense zones missing: 1 team (at least 10 expected), Sun 2026-01-18"


def test_one_missing_game_is_named_in_the_title() -> None:
    message, incident = spoken(None, look(eastern(8), {**FULL, "TOR@LAL": 0}))
    assert message.title == "Phase 4 missing for TOR@LAL, Sun 2026-01-18"
    assert finding(incident, past=True) == "Phase 4 was missing for TOR@LAL, Sun 2026-01-18"


def test_a_game_that_is_off_the_slate_is_not_called_covered() -> None:
    _, last = spoken(None, look(eastern(10), {}))
    message, _ = spoken(last, look(eastern(10, 30), {"BKN@CHI": 24}, postponed=["ORL@MEM"]))
    assert "Complete since the last alert: BKN@CHI" in message.lines
    assert "No longer on the slate: ORL@MEM" in message.lines


def test_time_to_the_tip_off_counts_from_when_it_is_said_not_from_the_check() -> None:
    (found,) = after_check([], FIRST, STAGES)
    message, _ = spoken_at(found, eastern(11, 45))
    assert "First affected game tips off in 15 min (12:00 PM ET)" in message.lines


def test_after_the_first_tip_off_the_next_one_that_can_be_saved_is_named() -> None:
    message, _ = spoken(None, look(eastern(12, 29), {}))
    assert message.lines[1] == (
        "First affected game tipped off 30 min ago (12:00 PM ET); the next tips off in 3 h 0 min (3:30 PM ET)"
    )


def test_a_game_whose_time_is_not_known_is_not_said_to_have_tipped_off() -> None:
    message, _ = spoken(None, look(eastern(22), {}, slate={**SLATE, "POR@SAC": None}))
    assert message.lines[1] == (
        "First affected game tipped off 10 h 1 min ago (12:00 PM ET); 1 game has no known tip-off time"
    )


def test_a_game_without_a_known_tip_off_says_so() -> None:
    message, _ = spoken(None, look(eastern(11), {}, slate={**SLATE, "POR@SAC": None}))
    assert {row.name: row.when for row in message.rows}["POR @ SAC"] == "time unknown"


def test_a_backfill_in_which_every_date_passes_has_no_digest() -> None:
    assert (
        digest(
            [look(eastern(11), FULL), look(eastern(11, day=DAY - timedelta(days=1)), FULL, day=date(2026, 1, 17))],
            STAGES,
        )
        is None
    )


def test_no_dates_have_no_digest() -> None:
    assert digest([], STAGES) is None


def test_a_digest_counts_a_date_once_by_its_newest_verdict_and_remembers_that_it_failed() -> None:
    summary = digest([look(eastern(18), FULL), look(eastern(11), {})], STAGES)
    assert summary is not None
    assert summary.counts == {Status.AVAILABLE: 1}
    assert [(failed.day, failed.recovered) for failed in summary.failed] == [(DAY, True)]


@pytest.mark.slow
def test_a_year_of_failing_dates_is_one_short_digest() -> None:
    days = [date(2025, 1, 1) + timedelta(days=number) for number in range(365)]
    summary = digest((look(eastern(11, day=day), {}, day=day) for day in days), STAGES)
    assert summary is not None
    message = backfill_message(summary, (), "6f1d2c9e-0a51")
    assert message.title == "Backfill: 351 of 365 dates failed, 2025-01-01 to 2025-12-31"  # 14 are bootstrap
    assert len(message.rows) == 10
    assert message.evidence == ("and 341 more dates",)


def test_the_worst_dates_of_a_digest_come_first() -> None:
    days = [DAY - timedelta(days=number) for number in range(4)]
    summary = digest(
        [
            look(eastern(11), {**FULL, "TOR@LAL": 5}),
            look(eastern(11, day=days[1]), {**FULL, "TOR@LAL": 0}, day=days[1]),
            look(eastern(11, day=days[2]), {}, day=days[2]),
            look(eastern(11, day=days[3]), day=days[3], slate={}),
        ],
        STAGES,
    )
    assert summary is not None
    assert [failed.day for failed in summary.failed] == [days[3], days[2], days[1], days[0]]


def test_a_cancelled_run_is_not_called_a_failure() -> None:
    message = run_failed_message(FailedRun("6f1d2c9e-0a51", "morning_check", "", cancelled=True), "2026-01-18")
    assert message.title == "Monitor: the check of 2026-01-18 was canceled"


def test_a_long_error_of_a_run_is_cut_to_its_first_lines() -> None:
    message = run_failed_message(FailedRun("6f1d", "morning_check", "\n".join(map(str, range(200)))), "2026-01-18")
    assert message.lines[-2:] == ("11", "and 188 more")
