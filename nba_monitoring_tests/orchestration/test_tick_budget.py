"""No outside party that hangs costs an alert, and no tick lasts as long as Dagster lets it."""

from __future__ import annotations

import logging
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from types import FrameType

import pytest
import time_machine
from pydantic import SecretStr

from nba_monitoring.alerts.channels import attempts
from nba_monitoring.alerts.channels.apprise_channel import AppriseChannel
from nba_monitoring.alerts.channels.channel import Channels
from nba_monitoring.alerts.channels.configured import LogChannel
from nba_monitoring.alerts.channels.sending import Sender
from nba_monitoring.alerts.incidents.cursor import to_cursor
from nba_monitoring.alerts.incidents.state import AlertState
from nba_monitoring.alerts.message import TEST_MESSAGE, Tone
from nba_monitoring.core.incidents import Incident
from nba_monitoring.core.status import Severity
from nba_monitoring.http import Deadline
from nba_monitoring.orchestration import tick as tick_time
from nba_monitoring.warehouse.tables import INCIDENTS, NOTIFICATIONS
from nba_monitoring_tests.days import DAY, at
from nba_monitoring_tests.loopback import Answer, LoopbackServer, Request
from nba_monitoring_tests.morning import Platform
from nba_monitoring_tests.orchestration.ended_runs import days_from, look_in_a_run
from nba_monitoring_tests.orchestration.pager import Pager, find, recover, tick
from nba_monitoring_tests.orchestration.sensor import Sensor
from nba_monitoring_tests.orchestration.slack import POST, Slack
from nba_monitoring_tests.warehouse.loopback_bigquery import PROJECT, Outcome, loopback_bigquery

pytestmark = pytest.mark.slow

FINDING = "nba-2026-01-18"
CHANNEL = "nba-refused-20260118T1606"
HANGS = Answer(b"ok", delay=600)
# Dagster's own limit.
CUT_AT = 60.0


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """A tick in a tenth of its time."""
    for name in (
        "TICK_SECONDS",
        "LEDGER_READ_SECONDS",
        "REACTIONS_SECONDS",
        "HEARTBEAT_SECONDS",
        "LEDGER_WRITE_SECONDS",
    ):
        monkeypatch.setattr(tick_time, name, getattr(tick_time, name) / 10)
    for name in ("LONGEST_SEND_SECONDS", "SHORTEST_SEND_SECONDS"):
        monkeypatch.setattr(attempts, name, getattr(attempts, name) / 10)


@pytest.fixture
def hanging_bigquery(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A BigQuery that takes every request and never answers, set once the sensor has begun."""
    with LoopbackServer() as server:
        server.default = HANGS
        monkeypatch.setenv("NBA_MONITORING_WAREHOUSE", "bigquery://project?location=us-west2")
        monkeypatch.setenv("BIGQUERY_EMULATOR_HOST", server.url)
        yield


@pytest.mark.usefixtures("hasty", "hanging_bigquery")
def test_a_ledger_that_hangs_costs_no_alert_and_is_caught_up(
    platform: Platform, watching: Sensor, web_api: Slack, pager: Pager, monkeypatch: pytest.MonkeyPatch
) -> None:
    started = time.monotonic()
    find(watching, when=at(8, 5))
    recover(watching, at(8, 30))
    assert time.monotonic() - started < 2 * CUT_AT / 10
    assert [message.alert_id for message in web_api.accepted] == [FINDING] * 2
    assert pager.alert_ids == [FINDING] * 2
    monkeypatch.setenv("NBA_MONITORING_WAREHOUSE", f"duckdb://{platform.path}")
    tick(watching, at(8, 31))
    assert platform.rows("SELECT incident_id, ended_as FROM nba_monitoring.incidents") == [(FINDING, "recovered")]
    sent = platform.rows("SELECT way, reason FROM nba_monitoring.notifications ORDER BY sent_at, way")
    assert sent == [(way, reason) for reason in ("first finding", "recovered") for way in ("json", "slack")]


@pytest.mark.usefixtures("hasty")
def test_a_bigquery_that_takes_jobs_and_never_ends_them_costs_no_alert_and_keeps_none_of_them(
    platform: Platform, watching: Sensor, web_api: Slack, monkeypatch: pytest.MonkeyPatch
) -> None:
    with loopback_bigquery({INCIDENTS.name: INCIDENTS.columns, NOTIFICATIONS.name: NOTIFICATIONS.columns}) as bigquery:
        bigquery.outcome_of = lambda sql: Outcome(hangs=True)
        monkeypatch.setenv("NBA_MONITORING_WAREHOUSE", f"bigquery://{PROJECT}?location=us-west2")
        monkeypatch.setenv("BIGQUERY_EMULATOR_HOST", bigquery.url)
        find(watching, when=at(8, 5))  # which takes its time to import Google's client
        started = time.monotonic()
        recover(watching, at(8, 30))
        assert time.monotonic() - started < CUT_AT / 10
        assert [message.alert_id for message in web_api.accepted] == [FINDING] * 2
        assert bigquery.jobs
        waited = time.monotonic() + 10
        while not all(job.is_cancelled for job in bigquery.jobs.values()) and time.monotonic() < waited:
            time.sleep(0.05)
        assert all(job.is_cancelled for job in bigquery.jobs.values())


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize(
    "answer",
    [HANGS, Answer(b"a" * 100_000, drip=0.05), Answer(b"", 302, {"Location": "/sign-in"})],
    ids=["hangs", "drips", "redirects"],
)
def test_a_heartbeat_address_that_does_not_answer_costs_no_alert_and_is_no_heartbeat(
    platform: Platform, watching: Sensor, web_api: Slack, heart: LoopbackServer, answer: Answer
) -> None:
    heart.answer("/beat", answer)
    web_api.is_slow(0.6)
    started = time.monotonic()
    with time_machine.travel(at(8, 5)):
        look_in_a_run(platform, watching.instance, DAY, tags={"nba_monitoring/trigger": "scheduled"})
        watching.tick()
    assert time.monotonic() - started < CUT_AT / 10
    assert [message.alert_id for message in web_api.accepted] == [FINDING]
    assert heart.requests_to("/sign-in") == []
    asked = len(heart.requests)
    heart.answer("/beat", Answer(b"ok"))
    for minute in (6, 7):
        tick(watching, at(8, minute))
    assert len(heart.requests) == asked + 1
    assert len(web_api.accepted) == 1


@pytest.mark.usefixtures("hasty")
def test_a_slack_that_hangs_keeps_no_page_from_the_pager(watching: Sensor, web_api: Slack, pager: Pager) -> None:
    web_api.answers(HANGS)
    with_errors(watching, 5)
    tick(watching, at(8, 6))
    assert {f"{FINDING}-{place}" for place in range(2, 7)} <= set(pager.alert_ids)


def test_a_tick_that_is_cut_repeats_nothing_that_was_accepted(watching: Sensor, web_api: Slack, pager: Pager) -> None:
    accepted = 3

    def take(request: Request) -> Answer:
        return HANGS if len(web_api.accepted) == accepted else web_api.take(request)

    web_api.server.answer(POST, take)
    days = days_from(DAY, 5)
    with cut_after(6.0), pytest.raises(_Cut):
        find(watching, *days, when=at(8, 5))
    assert len(web_api.accepted) == accepted
    web_api.is_up()
    for minute in (6, 7):
        tick(watching, at(8, minute))
    assert sorted(message.alert_id for message in web_api.accepted) == [f"nba-{day}" for day in days]


def test_a_tick_that_is_cut_after_a_long_sleep_still_checks_the_missed_mornings(
    watching: Sensor, web_api: Slack
) -> None:
    later = DAY + timedelta(days=2)
    with time_machine.travel(at(7, day=later)):
        watching.cursor_after_a_tick()
        assert len(watching.requested) == 2
        watching.requested.clear()
        watching.tick()
        assert len(watching.requested) == 2
        watching.tick()
    assert len(watching.requested) == 2
    assert len(web_api.accepted) == 1


def test_a_page_that_was_accepted_in_a_tick_that_ran_out_of_time_is_not_sent_again(
    pager: Pager, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attempts, "SHORTEST_SEND_SECONDS", 0.1)
    log = logging.getLogger(__name__)
    channel = AppriseChannel(SecretStr(pager.address()), 1)
    channel.send(TEST_MESSAGE, Deadline(30))  # which takes its time to import Apprise
    pager.server.requests.clear()
    took_too_long = Deadline(3)

    def keep(state: AlertState) -> None:
        """As slow as a busy machine's storage."""
        time.sleep(took_too_long.left + 0.5)

    channels = Channels(LogChannel(log), (channel,))
    sender = Sender(AlertState.begin(at(8, 6)), channels, at(8, 6), log, took_too_long, keep)
    sender.send(replace(TEST_MESSAGE, tone=Tone.ERROR, about=(FINDING,)), "first finding", FINDING)
    sender.settle()
    assert len(pager.messages) == 1
    assert sender.state.debts[channel.name].owed == {}


@pytest.mark.thorough
@pytest.mark.timeout(600)
@pytest.mark.usefixtures("hanging_bigquery")
def test_a_tick_with_everything_hanging_and_500_open_incidents_ends_in_time_and_loses_none(
    watching: Sensor, web_api: Slack, pager: Pager, heart: LoopbackServer
) -> None:
    with_errors(watching, 500)
    reported = len(web_api.accepted)
    web_api.answers(HANGS)
    pager.server.default = heart.default = HANGS
    for minute in (6, 7):
        assert seconds_of_a_tick(watching, minute) < CUT_AT - 5
    pager.server.requests.clear()
    web_api.is_up()
    pager.server.default = heart.default = Answer(b"ok")
    for minute in (20, 21):  # with the ledger still hanging
        assert seconds_of_a_tick(watching, minute) < CUT_AT - 5
    told = [incident for incident in watching.state.incidents.values() if incident.told_at]
    assert len({message.alert_id for message in web_api.accepted[reported:]} - {CHANNEL}) == len(told) > 50
    assert len(watching.state.incidents) == 500
    assert len(pager.alert_ids) == len(set(pager.alert_ids))


def seconds_of_a_tick(sensor: Sensor, minute: int) -> float:
    started = time.monotonic()
    tick(sensor, at(8, minute))
    return time.monotonic() - started


def with_errors(sensor: Sensor, number: int) -> None:
    """Open incidents of which nobody was told, each an error, in the sensor's memory."""
    with time_machine.travel(at(8, 5)):
        find(sensor, when=at(8, 5))
        (known,) = sensor.state.incidents.values()
        ids = [f"{FINDING}-{place}" for place in range(2, number + 2)]
        incidents = {incident_id: _untold(known, incident_id) for incident_id in ids}
        sensor.cursor = to_cursor(replace(sensor.state, incidents=incidents, debts={}), at(8, 5))


def _untold(incident: Incident, incident_id: str) -> Incident:
    detail = replace(incident.detail, told=None, thread=None)
    return replace(incident, incident_id=incident_id, severity=Severity.ERROR, told_at=None, detail=detail)


class _Cut(Exception):
    """Dagster's end of a tick."""


@contextmanager
def cut_after(seconds: float) -> Iterator[None]:
    def cut(signum: int, frame: FrameType | None) -> None:
        raise _Cut

    before = signal.signal(signal.SIGALRM, cut)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
