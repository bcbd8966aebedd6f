"""Faults of the network and of the services: a sentence, never an exception."""

from __future__ import annotations

import gzip
import logging
import socket
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

import pytest
from pydantic import SecretStr

from nba_monitoring.core.games import Game, GameState
from nba_monitoring.core.slate.slate import build_slates
from nba_monitoring.core.slate.sources import ListedGame, SourceKind, SourceReport
from nba_monitoring.http import HttpPolicy
from nba_monitoring.schedule_apis import balldontlie, espn, live_reports
from nba_monitoring.settings import Settings
from nba_monitoring_tests.days import DAY
from nba_monitoring_tests.loopback import Answer, LoopbackServer
from nba_monitoring_tests.schedule_apis.payloads import HASTY, QUICK, bdl_game, bdl_page, espn_board, espn_event

KEY = "a-key-that-nobody-may-see"


@dataclass(frozen=True)
class Service:
    path: str
    good: Answer
    empty: Answer
    ask: Callable[[str, HttpPolicy], SourceReport]


SERVICES: Mapping[str, Service] = {
    "ESPN": Service(
        espn.PATH,
        Answer.json(espn_board(espn_event())),
        Answer.json(espn_board()),
        lambda url, policy: espn.espn_report(url, [DAY], policy),
    ),
    "balldontlie": Service(
        balldontlie.PATH,
        Answer.json(bdl_page(bdl_game())),
        Answer.json(bdl_page()),
        lambda url, policy: balldontlie.balldontlie_report(url, SecretStr(KEY), [DAY], policy),
    ),
}


@pytest.fixture(params=SERVICES)
def service(request: pytest.FixtureRequest) -> Service:
    return SERVICES[request.param]


def junk(size: int) -> bytes:
    return b"junk" * (size // 4)


# Each with the error, and how many requests it takes to give up.
FAULTS: Mapping[str, tuple[Answer, str, int]] = {
    "slow": (Answer(delay=3), "127.0.0.1: timed out", 3),
    "dripping": (Answer(junk(1_000), drip=0.05, endless="body"), "127.0.0.1: timed out", 3),
    "503": (Answer(status=503), "127.0.0.1 answered 503 Service Unavailable", 3),
    "429": (Answer(status=429), "127.0.0.1 answered 429 Too Many Requests", 3),
    "404": (Answer(status=404), "127.0.0.1 answered 404 Not Found", 1),
    "an unknown status": (Answer(status=599), "127.0.0.1 answered 599", 1),
    "dropped": (Answer(drop=True), "127.0.0.1: the connection was dropped", 3),
    "HTML": (
        Answer(b"<!DOCTYPE html><title>Sign in</title>", headers={"Content-Type": "text/html"}),
        "127.0.0.1 sent no valid JSON: expected value at line 1 column 1",
        1,
    ),
    "nothing": (Answer(b""), "127.0.0.1 sent no valid JSON: EOF while parsing a value", 1),
    "not UTF-8": (Answer(b'{"events": "\xff\xfe"}'), "127.0.0.1 sent no valid JSON", 1),
    "nested without end": (Answer(b"[" * 100_000), "127.0.0.1 sent no valid JSON: recursion limit", 1),
    "without end": (Answer(junk(1_000_000), endless="body"), "127.0.0.1: an answer of more than 5 MB", 1),
    "10 MB of packed junk": (
        Answer(gzip.compress(junk(10_000_000)), headers={"Content-Encoding": "gzip"}),
        "127.0.0.1: an answer of more than 5 MB",
        1,
    ),
    "packed wrongly": (
        Answer(b"not gzip", headers={"Content-Encoding": "gzip"}),
        "127.0.0.1: an answer that can't be unpacked",
        1,
    ),
    "a redirect in circles": (Answer(status=302, headers={"Location": "?"}), "127.0.0.1: more than 3 redirects", 4),
    "a redirect to nowhere": (Answer(status=302, headers={"Location": "http://[bad"}), "127.0.0.1: a redirect to ", 1),
    "a redirect to a file": (Answer(status=302, headers={"Location": "file:///etc/passwd"}), "127.0.0.1: ", 1),
}


@pytest.mark.parametrize(("answer", "says", "requests"), FAULTS.values(), ids=FAULTS)
def test_a_fault_is_a_sentence_and_not_an_exception(
    server: LoopbackServer, answer: Answer, says: str, requests: int
) -> None:
    service = SERVICES["ESPN"]
    server.answer(service.path, answer)
    began = time.monotonic()
    report = service.ask(server.url, HASTY if answer.delay or answer.drip else QUICK)
    assert time.monotonic() - began < 5
    assert report.listed == ()
    assert report.error is None
    assert report.asked == frozenset({DAY})
    assert report.errors[DAY].startswith(says)
    assert len(report.errors[DAY]) < 200
    assert len(server.requests) == requests


@pytest.mark.parametrize("announced", [True, False])
def test_half_an_answer_does_not_count(server: LoopbackServer, service: Service, *, announced: bool) -> None:
    half = len(service.good.body) // 2
    if announced:
        server.answer(service.path, replace(service.good, truncate_at=half))
        says = "127.0.0.1: the answer was cut off"
    else:
        server.answer(service.path, replace(service.good, body=service.good.body[:half]))
        says = "127.0.0.1 sent no valid JSON: EOF while parsing"
    report = service.ask(server.url, QUICK)
    assert report.listed == ()
    assert report.errors[DAY].startswith(says)


def test_a_refused_connection_is_reported(service: Service) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{free.getsockname()[1]}"
        assert service.ask(address, QUICK).errors[DAY] == "127.0.0.1: connection refused"


def test_a_server_without_tls_is_reported(server: LoopbackServer, service: Service) -> None:
    report = service.ask(server.url.replace("http://", "https://"), QUICK)
    assert report.errors[DAY].startswith("127.0.0.1: TLS failed")


@pytest.mark.parametrize(
    "first",
    [Answer(status=500), Answer(status=503), Answer(status=429), Answer(drop=True), Answer(delay=3)],
    ids=["500", "503", "429", "dropped", "slow"],
)
def test_a_passing_fault_is_tried_again(server: LoopbackServer, service: Service, first: Answer) -> None:
    server.answer(service.path, first, service.good)
    report = service.ask(server.url, replace(QUICK, timeout=0.5))
    assert report.errors == {}
    assert [entry.game.matchup for entry in report.listed] == ["ORL@MEM"]


def test_dates_left_when_the_time_is_used_up_are_failed_and_not_asked(server: LoopbackServer) -> None:
    server.answer(espn.PATH, Answer(delay=3))
    days = [DAY, date(2026, 1, 19), date(2026, 1, 20)]
    report = espn.espn_report(server.url, days, replace(HASTY, retries=0, budget=0.1))
    assert report.errors == {
        days[0]: "127.0.0.1: timed out",
        days[1]: "127.0.0.1: no time was left for the request",
        days[2]: "127.0.0.1: no time was left for the request",
    }
    assert len(server.requests) == 1


def test_an_empty_list_is_an_answer_that_proves_nothing(server: LoopbackServer, service: Service) -> None:
    server.answer(service.path, service.empty)
    report = service.ask(server.url, QUICK)
    assert (report.listed, report.errors) == ((), {})
    slate = build_slates([DAY], [report], datetime(2026, 1, 18, 16, tzinfo=UTC))[DAY]
    assert slate.off_day_proof is None


def test_a_failing_service_leaves_the_slate_to_the_others_and_is_seen(server: LoopbackServer, service: Service) -> None:
    server.answer(service.path, Answer(status=500))
    failing = service.ask(server.url, QUICK)
    game = Game(DAY, "ORL", "MEM")
    table = SourceReport(
        "nbac_schedule", SourceKind.LEAGUE_SCHEDULE, (ListedGame("nbac_schedule", game, GameState.SCHEDULED),)
    )
    slate = build_slates([DAY], [failing, table], datetime(2026, 1, 18, 16, tzinfo=UTC))[DAY]
    assert [entry.game for entry in slate.expected] == [game]
    assert {source.source: (source.freshness, source.reason) for source in slate.sources}[failing.source] == (
        "failed",
        "127.0.0.1 answered 500 Internal Server Error",
    )


@pytest.mark.slow
def test_the_key_is_in_no_message_and_no_log(server: LoopbackServer, caplog: pytest.LogCaptureFixture) -> None:
    service = SERVICES["balldontlie"]
    with caplog.at_level(logging.DEBUG):
        for answer in (*(fault[0] for fault in FAULTS.values()), Answer(status=401)):
            server.answer(service.path, answer)
            report = service.ask(server.url, replace(HASTY, retries=1, budget=0.2))
            assert KEY not in repr(report)
    assert KEY not in caplog.text


MIRROR = f"/mirror{balldontlie.PATH}"


def settings_for(server: LoopbackServer, **more: str) -> Settings:
    return Settings.model_validate(
        {"NBA_MONITORING_ESPN_URL": server.url, "NBA_MONITORING_BDL_URL": f"{server.url}/mirror/", **more}
    )


def test_espn_is_always_asked_and_balldontlie_only_with_a_key(server: LoopbackServer) -> None:
    server.answer(espn.PATH, SERVICES["ESPN"].good)
    server.answer(MIRROR, SERVICES["balldontlie"].good)
    keyless = live_reports(settings_for(server), [DAY], QUICK)
    assert [report.source for report in keyless] == ["ESPN API"]
    both = live_reports(settings_for(server, BALLDONTLIE_API_KEY=KEY), [DAY], QUICK)
    assert [report.source for report in both] == ["ESPN API", "balldontlie API"]
    assert [len(report.listed) for report in both] == [1, 1]


def test_one_service_down_does_not_silence_the_other(server: LoopbackServer) -> None:
    server.answer(espn.PATH, Answer(status=503))
    server.answer(MIRROR, SERVICES["balldontlie"].good)
    down, up = live_reports(settings_for(server, BALLDONTLIE_API_KEY=KEY), [DAY], QUICK)
    assert down.errors == {DAY: "127.0.0.1 answered 503 Service Unavailable"}
    assert (len(up.listed), up.errors) == (1, {})
