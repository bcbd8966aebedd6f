"""The bounded HTTP client, over real HTTP and TLS to servers that misbehave."""

from __future__ import annotations

import socket
import ssl
import subprocess
import threading
import time
import traceback
from collections.abc import Iterator
from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest
from pydantic import SecretStr

from nba_monitoring.http import (
    Deadline,
    HttpError,
    HttpPolicy,
    InvalidRequestError,
    NoAnswerError,
    NotSentError,
    fetch,
)
from nba_monitoring.orchestration.heartbeat import send_heartbeat
from nba_monitoring_tests.loopback import Answer, LoopbackServer

PATH = "/s3cret"
QUICK = HttpPolicy(timeout=0.5, budget=5, retries=0, backoff=0, longest_wait=0, max_bytes=10_000)
TWICE = replace(QUICK, retries=1)


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.fixture
def server() -> Iterator[LoopbackServer]:
    with LoopbackServer() as server:
        yield server


@pytest.fixture
def other() -> Iterator[LoopbackServer]:
    with LoopbackServer() as server:
        yield server


def error_of(url: str, policy: HttpPolicy = QUICK, body: bytes | None = b"s3cret", **headers: str) -> HttpError:
    with pytest.raises(HttpError) as caught:
        fetch(url, policy, Deadline(policy.budget), headers, body)
    shown = "".join(traceback.format_exception(caught.value))
    assert "s3cret" not in shown
    assert "127.0.0.1" not in str(caught.value)
    return caught.value


def has_no_thread_left() -> bool:
    waited_until = time.monotonic() + 2
    while any(thread.name == "bounded call" for thread in threading.enumerate()):
        if time.monotonic() > waited_until:
            return False
        time.sleep(0.01)
    return True


ENDLESS = {
    "dripping headers": Answer(drip=0.01, endless="headers"),
    "interim answers": Answer(drip=0.01, endless="continue"),
    "a dripping body": Answer(b" ", drip=0.01, endless="body"),
    "a dripping refusal": Answer(b" ", status=404, drip=0.01, endless="body"),
}


@pytest.mark.slow
@pytest.mark.parametrize("answer", ENDLESS.values(), ids=ENDLESS)
def test_an_endless_answer_is_cut_off_in_time_and_its_thread_ends(server: LoopbackServer, answer: Answer) -> None:
    server.answer(PATH, answer)
    began = time.monotonic()
    error = error_of(server.url + PATH)
    assert time.monotonic() - began < 3
    assert isinstance(error, NoAnswerError)
    assert has_no_thread_left()


def test_a_tls_handshake_that_never_ends_is_cut_off_and_nothing_was_sent() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        error = error_of(f"https://127.0.0.1:{silent.getsockname()[1]}{PATH}")
        assert isinstance(error, NotSentError)
        assert str(error) == "timed out"
        assert has_no_thread_left()


@pytest.mark.parametrize("status", [200, 404, 503])
def test_an_answer_is_read_up_to_its_limit(server: LoopbackServer, status: int) -> None:
    server.answer(PATH, Answer(b"a" * 5_000, status, endless="body"))
    if status == 200:
        assert str(error_of(server.url + PATH)) == "an answer of more than 0.01 MB"
    else:
        answer = fetch(server.url + PATH, TWICE, Deadline(5))
        assert (answer.status, len(answer.body)) == (status, 10_000)
    assert has_no_thread_left()


@pytest.mark.parametrize(
    ("body", "status", "redirects"),
    [(None, 302, 0), (b"s3cret", 302, 3), (b"s3cret", 307, 3)],
    ids=["a GET without a policy for it", "a POST", "a POST that would keep its body"],
)
def test_a_redirect_is_the_answer(server: LoopbackServer, body: bytes | None, status: int, redirects: int) -> None:
    server.answer(PATH, Answer(b"", status, {"Location": "/page"}))
    policy = replace(QUICK, redirects=redirects)
    assert fetch(server.url + PATH, policy, Deadline(5), body=body).status == status
    assert len(server.requests) == 1


def test_a_redirect_to_another_host_leaves_the_key_behind(server: LoopbackServer, other: LoopbackServer) -> None:
    server.answer("/first", Answer(b"", 301, {"Location": "/second"}))
    server.answer("/second", Answer(b"", 302, {"Location": f"{other.url}/third"}))
    other.answer("/third", Answer(b"here"))
    policy = replace(QUICK, redirects=2)
    answer = fetch(f"{server.url}/first", policy, Deadline(5), {"Authorization": "s3cret", "Accept": "text/plain"})
    assert answer.body == b"here"
    assert [request.headers["Authorization"] for request in server.requests] == ["s3cret", "s3cret"]
    [third] = other.requests
    assert (third.headers["Authorization"], third.headers["Accept"]) == (None, "text/plain")


def test_a_request_that_may_have_arrived_is_sent_again_only_if_the_policy_says_so(server: LoopbackServer) -> None:
    server.answer(PATH, Answer(drop=True))
    assert isinstance(error_of(server.url + PATH, replace(TWICE, retry_unclear=False)), NoAnswerError)
    assert len(server.requests) == 1
    error_of(server.url + PATH, TWICE)
    assert len(server.requests) == 3


def test_nothing_is_sent_without_time(server: LoopbackServer) -> None:
    with pytest.raises(NotSentError, match="no time was left"):
        fetch(server.url, QUICK, Deadline(0))
    assert server.requests == []


def test_a_retry_that_the_deadline_has_no_time_for_is_left_out(server: LoopbackServer) -> None:
    server.answer(PATH, Answer(status=503))
    assert fetch(server.url + PATH, replace(TWICE, backoff=6, longest_wait=60), Deadline(5)).status == 503
    assert len(server.requests) == 1


@pytest.mark.parametrize("wait", ["2", "soon", "9" * 30])
def test_a_service_that_asks_for_a_longer_wait_is_not_asked_again(server: LoopbackServer, wait: str) -> None:
    server.answer(PATH, Answer(status=429, headers={"Retry-After": wait}))
    assert fetch(server.url + PATH, TWICE, Deadline(5)).status == 429
    assert len(server.requests) == (1 if wait == "2" else 2)


def test_a_header_that_cannot_be_sent_is_not_shown(server: LoopbackServer) -> None:
    for value in ("s3cret\nX: s3cret", "s3cret€"):
        assert isinstance(error_of(server.url, Authorization=value), InvalidRequestError)
    assert server.requests == []


def test_no_address_gets_into_a_log(server: LoopbackServer, root_log: StringIO) -> None:
    # urllib3 warns of headers that it can't parse, with the address.
    server.answer(PATH, Answer(b"ok", headers={"X": "1\r\nno header"}), Answer(status=500), Answer(drop=True))
    for _ in range(3):
        try:
            fetch(server.url + PATH, TWICE, Deadline(5))
        except HttpError:
            continue
    assert "s3cret" not in root_log.getvalue()


def test_the_environment_s_proxy_is_used_and_its_password_stays_with_it(
    server: LoopbackServer, monkeypatch: pytest.MonkeyPatch, root_log: StringIO
) -> None:
    server.answer(PATH, Answer(b"ok"))
    monkeypatch.setenv("HTTP_PROXY", server.url.replace("http://", "http://me:pr0xy@"))
    assert fetch(f"http://slack.invalid{PATH}", QUICK, Deadline(5)).body == b"ok"
    [request] = server.requests
    assert request.headers["Proxy-Authorization"] == "Basic bWU6cHIweHk="
    assert "pr0xy" not in root_log.getvalue()
    monkeypatch.setenv("NO_PROXY", "slack.invalid")
    assert str(error_of(f"http://slack.invalid{PATH}")) == "no such host name, or no network"


def test_a_proxy_out_of_reach_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://me:s3cret@127.0.0.1:9")
    error = error_of(f"http://slack.invalid{PATH}")
    assert isinstance(error, NotSentError)
    assert str(error) == "the proxy failed: connection refused"


@pytest.mark.slow
def test_a_certificate_is_checked_against_the_bundle_of_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    subprocess.run(
        "openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj /CN=localhost "
        "-addext subjectAltName=IP:127.0.0.1 -keyout key.pem -out own.pem".split(),
        cwd=tmp_path,
        check=True,
        capture_output=True,
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "own.pem", tmp_path / "key.pem")
    with LoopbackServer(context) as server:
        server.answer(PATH, Answer(b"ok"))
        url = server.url.replace("http://", "https://") + PATH
        patient = replace(QUICK, timeout=5, budget=5)
        error = error_of(url, patient)
        assert isinstance(error, NotSentError)
        assert str(error) == "its TLS certificate is not valid (self-signed certificate)"
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "own.pem"))
        assert fetch(url, patient, Deadline(5)).body == b"ok"


HEARTBEATS = {
    "ok": (Answer(b"OK"), None),
    "a redirect to a sign-in page": (
        Answer(b"", 302, {"Location": "/page"}),
        "the watcher redirects (302), and redirects are not followed",
    ),
    "404": (Answer(b"", 404), "the watcher answered 404"),
    "an answer without end": (Answer(b"a" * 5_000, endless="body"), "an answer of more than 0.01 MB"),
    "a dripping answer": (Answer(b"a", drip=0.01, endless="body"), "timed out"),
}


@pytest.mark.slow
@pytest.mark.parametrize(("answer", "failure"), HEARTBEATS.values(), ids=HEARTBEATS)
def test_a_heartbeat_counts_only_when_the_watcher_itself_accepts_it(
    server: LoopbackServer, answer: Answer, failure: str | None
) -> None:
    server.answer(PATH, answer)
    server.answer("/page", Answer(b"Sign in"))
    assert send_heartbeat(SecretStr(server.url + PATH), Deadline(QUICK.budget), QUICK) == failure
    assert server.requests_to("/page") == []
    assert has_no_thread_left()
