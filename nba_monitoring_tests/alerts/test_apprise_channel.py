"""Apprise, over real HTTP to a server that plays a service."""

from __future__ import annotations

import logging
import resource
import threading
import time
import traceback
from collections.abc import Iterator
from dataclasses import replace
from io import StringIO

import pytest
from pydantic import SecretStr

from nba_monitoring.alerts.channels.apprise_channel import AppriseChannel
from nba_monitoring.alerts.channels.channel import (
    Delivery,
    DeliveryError,
    Receipt,
    RefusedSettingError,
    TemporaryDeliveryError,
    UnclearDeliveryError,
)
from nba_monitoring.alerts.message import as_text
from nba_monitoring.http import Deadline
from nba_monitoring_tests.alerts.gallery import gallery
from nba_monitoring_tests.loopback import Answer, LoopbackServer

PATH = "/s3cret"
FIRST, WORSE, RECOVERED = (gallery()[name] for name in ("first", "worse", "recovered"))


def soon() -> Deadline:
    """Long enough for Apprise's process to start on a busy machine, and for an answer that comes at once."""
    return Deadline(20)


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def server() -> Iterator[LoopbackServer]:
    with LoopbackServer() as server:
        yield server


@pytest.fixture
def channel(server: LoopbackServer) -> AppriseChannel:
    return AppriseChannel(SecretStr(server.url.replace("http", "json") + PATH), 2)


def error_of(channel: AppriseChannel, within: float = 20) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        channel.send(FIRST, Deadline(within))
    error = caught.value
    assert str(error).startswith("json (address 2 of NBA_MONITORING_NOTIFY_URLS) ")
    assert "s3cret" not in "".join(traceback.format_exception(error))
    assert "127.0.0.1" not in str(error)
    return error


@pytest.mark.slow
def test_a_service_gets_the_title_once_and_then_the_rest(server: LoopbackServer, channel: AppriseChannel) -> None:
    server.answer(PATH, Answer(b"ok"))
    assert channel.send(FIRST, soon(), Delivery("C1/1.0", "d-1")) == Receipt(None)
    [request] = server.requests
    title, _, body = as_text(FIRST).partition("\n")
    assert request.json["title"].split() == title.split()
    assert request.json["message"] == body


@pytest.mark.slow
def test_a_service_is_told_how_bad_it_is(server: LoopbackServer, channel: AppriseChannel) -> None:
    server.answer(PATH, Answer(b"ok"))
    for message in (FIRST, WORSE, RECOVERED):
        channel.send(message, soon())
    assert [request.json["type"] for request in server.requests] == ["warning", "failure", "success"]


@pytest.mark.thorough
def test_every_kind_of_message_is_accepted(server: LoopbackServer, channel: AppriseChannel) -> None:
    server.answer(PATH, Answer(b"ok"))
    for message in gallery().values():
        channel.send(message, soon())
    assert len(server.requests) == len(gallery())


@pytest.mark.parametrize("status", [400, 403, 404, 429, 500, 503])
def test_a_service_that_refuses_is_named_with_its_status(
    status: int, server: LoopbackServer, channel: AppriseChannel, root_log: StringIO, capfd: pytest.CaptureFixture[str]
) -> None:
    server.answer(PATH, Answer(b"no", status))
    error = error_of(channel)
    assert type(error) is TemporaryDeliveryError
    assert f"did not accept the message ({status})" in str(error)
    assert "s3cret" not in root_log.getvalue() + "".join(capfd.readouterr())


def test_a_service_out_of_reach_is_a_passing_fault(channel: AppriseChannel, server: LoopbackServer) -> None:
    gone = replace(channel, address=SecretStr("json://127.0.0.1:9/s3cret"))
    assert type(error_of(gone)) is TemporaryDeliveryError


def test_a_redirect_does_not_count_as_delivery(server: LoopbackServer, channel: AppriseChannel) -> None:
    server.answer(PATH, Answer(b"", 302, {"Location": f"{server.url}/page"}))
    server.answer("/page", Answer(b"ok"))
    assert "(302)" in str(error_of(channel))
    assert not server.requests_to("/page")


@pytest.mark.slow
def test_a_service_that_times_out_may_have_taken_it(server: LoopbackServer, channel: AppriseChannel) -> None:
    server.answer(PATH, Answer(b"ok", delay=6))
    assert type(error_of(channel, within=4)) is UnclearDeliveryError


ENDLESS = {
    "a flood": Answer(b"a" * 1_000_000, endless="body"),
    "a drip": Answer(b"a", drip=0.01, endless="body"),
    "dripping headers": Answer(drip=0.01, endless="headers"),
}


@pytest.mark.slow
@pytest.mark.parametrize("answer", ENDLESS.values(), ids=ENDLESS)
def test_a_service_whose_answer_never_ends_may_have_taken_it_and_leaves_no_thread_and_no_memory(
    server: LoopbackServer, channel: AppriseChannel, answer: Answer
) -> None:
    server.answer(PATH, answer)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    threads = threading.active_count()
    began = time.monotonic()
    assert type(error_of(channel, within=4)) is UnclearDeliveryError
    assert time.monotonic() - began < 6
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000  # KB
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss < 1_100_000
    waited_until = time.monotonic() + 5
    while threading.active_count() > threads:  # the server's own, until it sees that nobody reads on
        assert time.monotonic() < waited_until
        time.sleep(0.01)


@pytest.mark.slow
def test_after_one_that_hangs_the_next_message_is_accepted(server: LoopbackServer, channel: AppriseChannel) -> None:
    server.answer(PATH, Answer(b"ok", delay=6))
    assert type(error_of(channel, within=4)) is UnclearDeliveryError
    server.answer(PATH, Answer(b"ok"))
    assert channel.send(FIRST, soon()) == Receipt(None)


def test_an_address_that_apprise_does_not_know_is_a_setting_to_correct() -> None:
    with pytest.raises(RefusedSettingError, match=r"nosuch \(address 1 of NBA_MONITORING_NOTIFY_URLS\)"):
        AppriseChannel(SecretStr("nosuch://s3cret"), 1).send(FIRST, soon())


def test_the_kind_is_the_scheme_and_the_address_stays_secret() -> None:
    channel = AppriseChannel(SecretStr("MailTo://user:s3cret@example.com"), 1)
    assert channel.kind == "mailto"
    assert "s3cret" not in repr(channel) + channel.name


def test_an_accepted_message_leaves_no_address_in_the_log(
    server: LoopbackServer, channel: AppriseChannel, root_log: StringIO
) -> None:
    server.answer(PATH, Answer(b"ok"))
    channel.send(FIRST, soon())
    assert "s3cret" not in root_log.getvalue()
    assert logging.getLogger("apprise").propagate is False
