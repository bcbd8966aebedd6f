"""Apprise, over real HTTP to a server that plays a service."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Iterator
from dataclasses import replace
from io import StringIO

import pytest
from pydantic import SecretStr

from nba_monitoring.alerts.channels.delivery import (
    DeliveryError,
    Receipt,
    RefusedSettingError,
    TemporaryDeliveryError,
    UnclearDeliveryError,
)
from nba_monitoring.alerts.channels.second_way import SecondWay
from nba_monitoring.alerts.messages.message import as_text
from nba_monitoring_tests.alerts.gallery import gallery
from nba_monitoring_tests.loopback import Answer, LoopbackServer

PATH = "/s3cret"
FIRST, WORSE, RECOVERED = (gallery()[name] for name in ("first", "worse", "recovered"))


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def server() -> Iterator[LoopbackServer]:
    with LoopbackServer() as server:
        yield server


@pytest.fixture
def way(server: LoopbackServer) -> SecondWay:
    return SecondWay(SecretStr(server.url.replace("http", "json") + PATH), 2)


def error_of(way: SecondWay) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        way.send(FIRST)
    error = caught.value
    assert str(error).startswith("json (address 2 of NBA_MONITORING_NOTIFY_URLS): ")
    assert "s3cret" not in "".join(traceback.format_exception(error))
    assert "127.0.0.1" not in str(error)
    return error


@pytest.mark.slow
def test_a_service_gets_the_title_once_and_the_whole_message(server: LoopbackServer, way: SecondWay) -> None:
    server.answer(PATH, Answer(b"ok"))
    assert way.send(FIRST, "C1/1.0", "d-1") == Receipt(None)
    [request] = server.requests
    assert request.json["title"] == f"WARN {FIRST.title}"
    assert request.json["message"].splitlines() == as_text(FIRST).splitlines()[1:]


@pytest.mark.slow
def test_a_service_is_told_how_bad_it_is(server: LoopbackServer, way: SecondWay) -> None:
    server.answer(PATH, Answer(b"ok"))
    for message in (FIRST, WORSE, RECOVERED):
        way.send(message)
    assert [request.json["type"] for request in server.requests] == ["warning", "failure", "success"]


@pytest.mark.slow
def test_every_kind_of_message_is_accepted(server: LoopbackServer, way: SecondWay) -> None:
    server.answer(PATH, Answer(b"ok"))
    for message in gallery().values():
        way.send(message)
    assert len(server.requests) == len(gallery())


@pytest.mark.parametrize("status", [400, 403, 404, 429, 500, 503])
def test_a_service_that_refuses_is_named_with_its_status(
    status: int, server: LoopbackServer, way: SecondWay, root_log: StringIO, capfd: pytest.CaptureFixture[str]
) -> None:
    server.answer(PATH, Answer(b"no", status))
    error = error_of(way)
    assert type(error) is TemporaryDeliveryError
    assert f"not accepted ({status})" in str(error)
    assert "s3cret" not in root_log.getvalue() + "".join(capfd.readouterr())


def test_a_service_that_is_not_there_is_a_passing_fault(way: SecondWay, server: LoopbackServer) -> None:
    gone = replace(way, address=SecretStr("json://127.0.0.1:9/s3cret"))
    assert type(error_of(gone)) is TemporaryDeliveryError


def test_a_redirect_is_no_delivery_and_is_not_followed(server: LoopbackServer, way: SecondWay) -> None:
    server.answer(PATH, Answer(b"", 302, {"Location": f"{server.url}/page"}))
    server.answer("/page", Answer(b"ok"))
    assert "(302)" in str(error_of(way))
    assert not server.requests_to("/page")


@pytest.mark.slow
def test_a_service_that_does_not_answer_in_time_may_have_taken_it(server: LoopbackServer, way: SecondWay) -> None:
    server.answer(PATH, Answer(b"ok", delay=3))
    assert type(error_of(replace(way, limit=1))) is UnclearDeliveryError


def test_an_address_that_apprise_does_not_know_is_a_setting_to_mend() -> None:
    with pytest.raises(RefusedSettingError, match=r"nosuch \(address 1 of NBA_MONITORING_NOTIFY_URLS\)"):
        SecondWay(SecretStr("nosuch://s3cret"), 1).send(FIRST)


def test_the_way_is_the_scheme_and_the_address_stays_secret() -> None:
    way = SecondWay(SecretStr("MailTo://user:s3cret@example.com"), 1)
    assert way.way == "mailto"
    assert "s3cret" not in repr(way) + way.name


def test_a_service_that_answers_is_not_a_word_in_the_log(
    server: LoopbackServer, way: SecondWay, root_log: StringIO
) -> None:
    server.answer(PATH, Answer(b"ok"))
    way.send(FIRST)
    assert "s3cret" not in root_log.getvalue()
    assert logging.getLogger("apprise").propagate is False
