"""`fix`: who may start the job of an incident's stage, when not, and what comes of it."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest
import time_machine

from nba_monitoring.alerts.fixing import Start, situation_of, start_job
from nba_monitoring.alerts.incidents.lifecycle import after_check
from nba_monitoring.core.fix_start import FixStep
from nba_monitoring.core.incidents import Incident, Notification
from nba_monitoring.core.stage_record import Trigger
from nba_monitoring.core.status import Status
from nba_monitoring.google_apis.scheduler import CloudScheduler
from nba_monitoring.monitor import Monitor
from nba_monitoring.settings import Settings
from nba_monitoring.warehouse import open_warehouse
from nba_monitoring_tests.cli.conftest import Command
from nba_monitoring_tests.cloud_scheduler import DEADLINE_EXCEEDED, JOB, PROJECT, Scheduler
from nba_monitoring_tests.days import DAY, EVE, eastern
from nba_monitoring_tests.loopback import Answer, LoopbackServer
from nba_monitoring_tests.morning import FACTORS, NBAC, Platform
from nba_monitoring_tests.platform_tables import factor_rows, nbac_row

ID = f"nba-{DAY}"
NOW = eastern(11, 12)


@pytest.fixture
def scheduler(monkeypatch: pytest.MonkeyPatch) -> Iterator[Scheduler]:
    with LoopbackServer() as server:
        found = Scheduler(server)
        for name, value in found.environment.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("NBA_MONITORING_ALLOW_FIX", "true")
        found.has(ran_at=eastern(7), code=DEADLINE_EXCEEDED)
        found.runs()
        yield found


@pytest.fixture
def incident(platform: Platform, scheduler: Scheduler) -> Iterator[Incident]:
    """Phase 4 is missing for a game of today at 11:12 AM ET, and one tips off at 7:30 PM."""
    platform.play_around(DAY)
    platform.add(NBAC, [nbac_row(DAY, "ORL", "MEM", tip=time(19, 30))])
    with time_machine.travel(NOW, tick=False):
        settings = Settings.load()
        with open_warehouse(settings.warehouse) as warehouse:
            (record,) = Monitor(warehouse, settings, DAY, DAY, NOW).record("a run", Trigger.SCHEDULED)
            (found,) = after_check((), record, settings.stages)
            warehouse.put_incidents([found])
        scheduler.server.requests.clear()
        yield found


def kept(incident_id: str = ID) -> Incident:
    with open_warehouse(Settings.load().warehouse) as warehouse:
        return next(found for found in warehouse.incidents().records if found.incident_id == incident_id)


def keep(incident: Incident) -> None:
    with open_warehouse(Settings.load().warehouse) as warehouse:
        warehouse.put_incidents([incident])


def steps() -> list[tuple[str, str]]:
    """The rows that `fix` left, by id and reason."""
    with open_warehouse(Settings.load().warehouse) as warehouse:
        found = warehouse.notifications(DAY, DAY).records
    return [(sent.notification_id, sent.reason) for sent in found if sent.way == "cloud_scheduler"]


CLAIM = f"{ID}/fix/phase4/1"


def test_without_yes_it_says_what_it_would_do_and_does_nothing(
    incident: Incident, scheduler: Scheduler, command: Command
) -> None:
    done = command("fix", ID, "--by", "Ann")
    assert (done.status, done.err) == (0, "")
    assert done.out.splitlines() == [
        "nba-2026-01-18: Phase 4 MISSING_DATA, open",
        f"Job: {JOB} in us-west2, project {PROJECT}",
        f"{JOB} last ran 7:00 AM ET and failed (DEADLINE_EXCEEDED)",
        "Deadline in 8 h 18 min (7:30 PM ET)",
        "Nothing was started. Add --yes to start it.",
    ]
    assert (scheduler.started, steps(), kept()) == ([], [], incident)


def test_with_yes_the_job_is_started_once_and_the_ledger_knows_who_did(
    incident: Incident, scheduler: Scheduler, command: Command
) -> None:
    done = command("fix", ID, "--by", "Ann", "--yes")
    assert (done.status, done.err) == (0, "")
    assert f"Started: {JOB}, by Ann." in done.out
    assert scheduler.started == [JOB]
    assert steps() == [(CLAIM, FixStep.CLAIMED), (CLAIM, FixStep.STARTED)]
    assert kept() == incident.fix_started("Ann", JOB, NOW)


def test_the_claim_is_written_before_the_job_is_asked_for(
    incident: Incident, scheduler: Scheduler, command: Command
) -> None:
    seen: list[list[tuple[str, str]]] = []

    def run(_: object) -> Answer:
        seen.append(steps())
        return Answer.json({}, 403)

    scheduler.server.answer(f"/v1/projects/{PROJECT}/locations/us-west2/jobs/{JOB}:run", run)
    command("fix", ID, "--by", "Ann", "--yes")
    assert seen == [[(CLAIM, FixStep.CLAIMED)]]


@pytest.mark.parametrize("variables", [{"NBA_MONITORING_ALLOW_FIX": ""}, {"NBA_MONITORING_ALLOW_FIX": "false"}])
def test_it_is_off_unless_it_is_allowed(
    incident: Incident,
    scheduler: Scheduler,
    command: Command,
    monkeypatch: pytest.MonkeyPatch,
    variables: dict[str, str],
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    done = command("fix", ID, "--by", "Ann", "--yes")
    assert done.status == 2
    assert "fix is off, because it starts the platform's jobs" in done.err
    assert scheduler.server.requests == []


@pytest.mark.parametrize("arguments", [(), ("--by", " ")])
def test_it_is_never_started_by_nobody(
    incident: Incident, scheduler: Scheduler, command: Command, arguments: tuple[str, ...]
) -> None:
    assert command("fix", ID, "--yes", *arguments).status == 2
    assert scheduler.server.requests == []


def refused(command: Command, scheduler: Scheduler, *options: str, incident_id: str = ID) -> str:
    """The reason why a start is refused, with and without --yes, in the same words."""
    started = list(scheduler.started)
    (said, asked) = (command("fix", incident_id, "--by", "Ben", *options, *yes) for yes in ((), ("--yes",)))
    assert (said.status, said.err) == (asked.status, asked.err) == (1, "")
    assert scheduler.started == started
    assert said.out == asked.out
    return said.out.splitlines()[-1]


def test_an_ended_incident_is_refused(incident: Incident, scheduler: Scheduler, command: Command) -> None:
    keep(incident.closed("Kim", "known", NOW))
    assert refused(command, scheduler) == "Refused: nba-2026-01-18 has ended (closed by Kim: known)."


def test_a_drill_is_refused(incident: Incident, scheduler: Scheduler, command: Command) -> None:
    detail = replace(incident.detail, is_drill=True)
    keep(replace(incident, incident_id="nba-drill-1", detail=detail))
    reason = refused(command, scheduler, incident_id="nba-drill-1")
    assert reason == "Refused: nba-drill-1 is a drill; nothing is broken."


def test_a_date_that_is_not_today_is_refused(incident: Incident, scheduler: Scheduler, command: Command) -> None:
    keep(replace(incident, incident_id="nba-2026-01-17", check_date=EVE))
    reason = refused(command, scheduler, incident_id="nba-2026-01-17")
    assert reason == "Refused: 2026-01-17 is not today; a job started by hand fills its own date."


def test_a_stage_that_is_complete_by_now_is_refused(
    platform: Platform, incident: Incident, scheduler: Scheduler, command: Command
) -> None:
    platform.add(FACTORS, factor_rows(DAY, "20260118_ORL_MEM", 24))
    assert refused(command, scheduler) == "Refused: Phase 4 is complete by now; the next check ends the incident."


def test_a_stage_that_is_not_the_first_broken_one_any_more_is_refused(
    incident: Incident, scheduler: Scheduler, command: Command
) -> None:
    keep(replace(incident, stage="predictions"))
    reason = refused(command, scheduler)
    assert reason == "Refused: predictions is no longer the first broken stage; phase4 is."


def test_a_finding_that_no_rows_would_mend_is_refused(
    incident: Incident, scheduler: Scheduler, command: Command
) -> None:
    keep(replace(incident, status=Status.SUSPECT_JOIN))
    reason = refused(command, scheduler)
    assert reason == "Refused: Phase 4 would still be SUSPECT_JOIN; the alert says what to do instead."


def test_a_stage_without_a_job_is_refused(
    incident: Incident, scheduler: Scheduler, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NBA_MONITORING_MEND_COMMAND", "make phase4")
    reason = refused(command, scheduler)
    assert reason == "Refused: no Cloud Scheduler job fills phase4; the alert has its command."


@pytest.mark.parametrize(("minutes", "is_refused"), [(19, True), (20, False)])
def test_less_than_20_minutes_before_the_deadline_is_refused(
    incident: Incident, scheduler: Scheduler, command: Command, minutes: int, is_refused: bool
) -> None:
    with time_machine.travel(eastern(19, 30) - timedelta(minutes=minutes), tick=False):
        if is_refused:
            reason = refused(command, scheduler)
            assert reason == "Refused: the deadline is 19 min away, less than 20 min; it could not be in time."
        else:
            assert command("fix", ID, "--by", "Ann", "--yes").status == 0


def test_a_disabled_job_is_refused(incident: Incident, scheduler: Scheduler, command: Command) -> None:
    scheduler.has(state="DISABLED", ran_at=eastern(7))
    assert refused(command, scheduler, "--again") == f"Refused: {JOB} is DISABLED by Cloud Scheduler."


def test_a_paused_job_may_be_started_and_its_pause_is_shown(
    incident: Incident, scheduler: Scheduler, command: Command
) -> None:
    scheduler.has(state="PAUSED", ran_at=eastern(7))
    done = command("fix", ID, "--by", "Ann", "--yes")
    assert done.status == 0
    assert f"{JOB} is PAUSED: its schedule does not run it" in done.out


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (Answer.json({}, 404), f"{JOB}: the job does not exist in us-west2"),
        (
            Answer.json({}, 403),
            f"{JOB}: the job could not be read (Cloud Scheduler refuses this account (403); grant it "
            "roles/cloudscheduler.viewer)",
        ),
    ],
)
def test_a_job_that_can_not_be_read_is_refused(
    incident: Incident, scheduler: Scheduler, command: Command, answer: Answer, why: str
) -> None:
    scheduler.answers(answer)
    reason = refused(command, scheduler, "--again")
    assert reason == f"Refused: {why}, so it may already be running."


@pytest.mark.parametrize(("minutes", "is_refused"), [(14, True), (15, False)])
def test_a_job_that_ran_less_than_15_minutes_ago_is_refused_whoever_started_it(
    incident: Incident, scheduler: Scheduler, command: Command, minutes: int, is_refused: bool
) -> None:
    # Google's stamp is a fraction of a second later.
    scheduler.has(ran_at=NOW - timedelta(minutes=minutes, seconds=1))
    if is_refused:
        at = "10:57 AM ET"
        reason = refused(command, scheduler)
        assert reason == f"Refused: it ran 14 min ago ({at}), less than 15 min; --again starts it anyway."
        assert command("fix", ID, "--by", "Ben", "--yes", "--again").status == 0
    else:
        assert command("fix", ID, "--by", "Ann", "--yes").status == 0


def test_a_second_start_for_the_same_incident_is_refused_unless_again(
    incident: Incident, scheduler: Scheduler, command: Command
) -> None:
    assert command("fix", ID, "--by", "Ann", "--yes").status == 0
    with time_machine.travel(NOW + timedelta(hours=1), tick=False):
        assert refused(command, scheduler) == (
            f"Refused: it was already started for this incident: {JOB}, by Ann, 11:12 AM ET; --again starts it anyway."
        )
        assert command("fix", ID, "--by", "Ben", "--yes", "--again").status == 0
        assert steps()[-1] == (f"{ID}/fix/phase4/2", FixStep.STARTED)
        assert kept().fix_started_by == "Ben"


@pytest.mark.parametrize("answer", [Answer(drop=True), Answer.json({}, 503), Answer(b"<html>")])
def test_a_dropped_answer_may_have_started_it_and_is_never_asked_for_again(
    incident: Incident, scheduler: Scheduler, command: Command, answer: Answer
) -> None:
    scheduler.runs(answer)
    done = command("fix", ID, "--by", "Ann", "--yes")
    assert done.status == 2
    assert "it may have started, so don't repeat it: Cloud Scheduler" in done.err
    assert f"https://console.cloud.google.com/cloudscheduler?project={PROJECT}" in done.err
    assert scheduler.started == [JOB]
    assert steps() == [(CLAIM, FixStep.CLAIMED), (CLAIM, FixStep.UNCLEAR)]
    assert kept() == incident.fix_started("Ann", JOB, NOW, is_unclear=True)
    assert "it was already started for this incident" in refused(command, scheduler)


def test_a_refused_start_is_not_one_and_may_be_tried_again(
    incident: Incident, scheduler: Scheduler, command: Command
) -> None:
    scheduler.runs(Answer.json({}, 403))
    done = command("fix", ID, "--by", "Ann", "--yes")
    assert done.status == 2
    assert done.err == (
        "nba-monitoring: not started: Cloud Scheduler refuses this account (403); grant it "
        "roles/cloudscheduler.jobRunner\n"
    )
    assert (steps(), kept()) == ([(CLAIM, FixStep.CLAIMED), (CLAIM, FixStep.NOT_STARTED)], incident)
    scheduler.runs()
    assert command("fix", ID, "--by", "Ann", "--yes").status == 0


def test_a_claim_whose_process_died_counts_as_a_start(
    incident: Incident, scheduler: Scheduler, command: Command
) -> None:
    claim = Notification(CLAIM, ID, NOW, "cloud_scheduler", FixStep.CLAIMED, False, "a token", f"{JOB}, by Kim")
    with open_warehouse(Settings.load().warehouse) as warehouse:
        warehouse.claim(claim, DAY, DAY)
    assert f"already started for this incident: {JOB}, by Kim" in refused(command, scheduler)


def test_of_two_people_in_the_same_second_one_starts_it(incident: Incident, scheduler: Scheduler) -> None:
    scheduler.runs(Answer.json({}, 403, delay=0.3))
    settings = Settings.load()
    api = CloudScheduler(PROJECT, scheduler.server.url)

    def start(by: str) -> Start:
        with open_warehouse(settings.warehouse) as warehouse:
            return start_job(situation, by, warehouse, api, lambda: datetime.now(UTC))

    with open_warehouse(settings.warehouse) as warehouse:
        situation = situation_of(incident, warehouse, settings, api, NOW)
    with ThreadPoolExecutor(2) as pool:
        starts = list(pool.map(start, ("Ann", "Ben")))
    assert scheduler.started == [JOB]
    assert sorted(start.is_ours for start in starts) == [False, True]
    assert starts[0].claim.text == starts[1].claim.text
