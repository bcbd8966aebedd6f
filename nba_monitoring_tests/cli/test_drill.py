"""`nba-monitoring alert-test --drill`: a made-up finding and its recovery, through everything that a real one takes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime

import dagster as dg
import pytest
import time_machine

from nba_monitoring_tests.cli.conftest import Command
from nba_monitoring_tests.cloud_scheduler import DEADLINE_EXCEEDED, JOB, Scheduler
from nba_monitoring_tests.days import eastern
from nba_monitoring_tests.loopback import Answer, LoopbackServer
from nba_monitoring_tests.morning import Platform
from nba_monitoring_tests.orchestration.ended_runs import complete_a_run, failing_look
from nba_monitoring_tests.orchestration.sensor import Sensor
from nba_monitoring_tests.orchestration.slack import POST, Slack, refusal

NOW = datetime(2026, 1, 18, 16, 5, 30, tzinfo=UTC)
DRILL = "nba-drill-20260118T160530"
FINDING = "ERROR Drill: Phase 4 missing for LAL@BOS"
RECOVERY = "Drill: Recovered: Phase 4 complete for LAL@BOS"


@pytest.fixture
def slack(monkeypatch: pytest.MonkeyPatch) -> Iterator[Slack]:
    """Slack, with a bot's token set."""
    with LoopbackServer() as server:
        made = Slack(server)
        made.scopes = "chat:write"  # with those for 👀, it waits for somebody's
        for name, value in made.web_api.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("NBA_MONITORING_ENVIRONMENT", "test")
        yield made


@pytest.fixture(autouse=True)
def clock() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def test_a_drill_sends_a_finding_and_its_recovery_in_one_thread(
    platform: Platform, slack: Slack, command: Command
) -> None:
    done = command("alert-test", "--drill")
    assert (done.status, done.err) == (0, "")
    finding, acknowledged, recovery = slack.accepted
    assert finding.text.startswith(f"🔴 [test] {FINDING}")
    assert recovery.text.startswith(f"🟢 [test] {RECOVERY}")
    assert (finding.alert_id, recovery.alert_id, recovery.thread) == (DRILL, DRILL, finding.ts)
    assert "Drill: Acknowledged by alert-test at 11:05 AM ET: Phase 4 missing" in acknowledged.text
    assert slack.edits == [(finding.ts, acknowledged.text), (finding.ts, recovery.text)]
    assert [line.partition(":")[0] for line in done.out.splitlines()] == [
        "slack accepted",
        "slack accepted",
        "slack accepted",
        f"Recorded in the ledger as {DRILL}.",
    ]


def test_a_drill_shows_command_links_and_evidence_and_no_ack_command_that_would_not_find_it(
    platform: Platform, slack: Slack, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NBA_MONITORING_DAGSTER_URL", "https://dagster.example.com")
    monkeypatch.setenv("NBA_MONITORING_RUNBOOK_URL", "https://wiki.example.com/{stage}")
    command("alert-test", "--drill")
    said = str(slack.server.requests_to(POST)[0].json["blocks"])
    for shown in (
        "In a drill, don't run this:",
        "gcloud scheduler jobs run player-composite-factors-upcoming",
        "https://dagster.example.com/assets/data_availability_checks?view=partitions&amp;partition=2026-01-18",
        "https://wiki.example.com/phase4",
        "Made up for the drill: no rows for LAL@BOS",
    ):
        assert shown in said
    assert "Acknowledge" not in said


def test_a_drill_is_acknowledged_by_whoever_puts_eyes_under_it(
    platform: Platform, slack: Slack, command: Command
) -> None:
    slack.scopes = "chat:write,reactions:read,users:read"
    slack.has_person("U0ANN", "Ann")
    slack.reacts("1.0001", "U0ANN")
    assert command("alert-test", "--drill").status == 0
    first = str(slack.server.requests_to(POST)[0].json["blocks"])
    assert "Acknowledge: 👀'" in first
    assert "Drill: Acknowledged by Ann at 11:05 AM ET: Phase 4 missing" in slack.texts[1]
    assert platform.rows("SELECT acknowledged_by FROM nba_monitoring.incidents") == [("Ann",)]


@pytest.fixture
def scheduler(monkeypatch: pytest.MonkeyPatch) -> Iterator[Scheduler]:
    """Cloud Scheduler, with a job that failed."""
    with LoopbackServer() as server:
        made = Scheduler(server)
        for name, value in made.environment.items():
            monkeypatch.setenv(name, value)
        made.has(ran_at=eastern(7), code=DEADLINE_EXCEEDED)
        yield made


def test_a_drill_shows_what_the_stages_job_did(
    platform: Platform, slack: Slack, scheduler: Scheduler, command: Command
) -> None:
    assert command("alert-test", "--drill").status == 0
    assert f"{JOB} last ran 7:00 AM ET and failed (DEADLINE_EXCEEDED)" in slack.texts[0]
    assert len(slack.accepted) == 3


def test_a_drill_shows_a_fix_where_one_is_allowed_and_starts_nothing(
    platform: Platform, slack: Slack, scheduler: Scheduler, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NBA_MONITORING_ALLOW_FIX", "true")
    assert command("alert-test", "--drill").status == 0
    finding, _, started, recovery = slack.accepted
    assert f"WARN Drill: alert-test started {JOB}" in started.text
    assert started.thread == finding.ts
    assert "0 min after alert-test's fix" in recovery.text
    assert (scheduler.asked, scheduler.started) == ([JOB], [])


def test_a_drill_is_in_the_ledger_as_ended_and_marked_as_a_drill(
    platform: Platform, slack: Slack, command: Command
) -> None:
    command("alert-test", "--drill")
    (row,) = platform.rows("SELECT incident_id, ended_as, told_at = found_at, detail FROM nba_monitoring.incidents")
    assert row[:3] == (DRILL, "recovered", True)
    detail = json.loads(row[3])
    assert (detail["is_drill"], detail["end_told"]) == (True, True)
    sent = platform.rows(
        "SELECT incident_id, way, reason, accepted, receipt FROM nba_monitoring.notifications ORDER BY notification_id"
    )
    thread = f"C024BE91L/{slack.accepted[0].ts}"
    assert sent == [(DRILL, "slack", reason, True, thread) for reason in ("acknowledged", "first finding", "recovered")]


def test_a_drill_that_slack_rejects_prints_why_and_exits_with_2_and_leaves_nothing_open(
    platform: Platform, slack: Slack, command: Command
) -> None:
    slack.answers(refusal("token_revoked"))
    done = command("alert-test", "--drill")
    assert (done.status, done.out) == (2, "")
    assert "slack rejected" in done.err
    assert "token_revoked" in done.err
    assert "xoxb" not in done.err
    assert platform.rows("SELECT accepted FROM nba_monitoring.notifications") == [(False,)]
    assert command("incidents", "--open", "--json").out == ""


def test_a_drill_names_the_channel_that_did_not_accept_it(
    platform: Platform, slack: Slack, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    slack.server.answer("/pager", Answer(status=500))
    monkeypatch.setenv("NBA_MONITORING_NOTIFY_URLS", f"{slack.server.url.replace('http', 'json')}/pager")
    done = command("alert-test", "--drill")
    assert done.status == 2
    assert {line.split()[0] for line in done.err.splitlines() if " rejected " in line} == {"json"}
    assert len(slack.accepted) == 3


def test_a_drill_whose_ledger_is_out_of_reach_is_sent_and_reports_that(
    slack: Slack, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NBA_MONITORING_WAREHOUSE", "duckdb:///nowhere/warehouse.duckdb")
    done = command("alert-test", "--drill")
    assert done.status == 2
    assert "Not recorded in the ledger" in done.err
    assert len(slack.accepted) == 3


@pytest.mark.slow
def test_a_drill_is_not_a_finding_on_its_date(
    platform: Platform, slack: Slack, command: Command, quick_instance: dg.DagsterInstance
) -> None:
    command("alert-test", "--drill")
    day = NOW.date()
    complete_a_run(quick_instance, str(day), [failing_look(day, NOW)])
    Sensor(quick_instance).tick()
    assert [message.alert_id for message in slack.accepted] == [DRILL, DRILL, DRILL, "nba-2026-01-18"]
