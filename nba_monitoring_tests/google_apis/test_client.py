"""The client of Google's REST APIs, over real HTTP to servers that refuse, hang and lie."""

from __future__ import annotations

import json
import time
import traceback
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from nba_monitoring.google_apis.client import DEFAULT_POLICY, GoogleApi, GoogleApiError, Service
from nba_monitoring.json_answers import ApiModel
from nba_monitoring_tests.loopback import Answer, LoopbackServer

PATH = "/v1/projects/p/things/one"
ROLE = "roles/things.viewer"
QUICK = replace(DEFAULT_POLICY, timeout=0.5, budget=0.5)


class Thing(ApiModel):
    name: str


@pytest.fixture
def server() -> Iterator[LoopbackServer]:
    with LoopbackServer() as server:
        yield server


def api_at(server: LoopbackServer) -> GoogleApi:
    return GoogleApi(Service("Things", server.url, ROLE), QUICK)


def refusal(reason: str, status: int = 403) -> Answer:
    details = [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": reason, "domain": "googleapis.com"}]
    error = {"code": status, "message": "s3cret", "status": "PERMISSION_DENIED", "details": details}
    return Answer.json({"error": error}, status)


REFUSALS = {
    "401": (Answer.json({}, 401), "Things refuses the credentials (401); check the service account and its key"),
    "403": (refusal("IAM_PERMISSION_DENIED"), f"Things refuses this account (403); grant it {ROLE}"),
    "403 of a proxy": (Answer(b"<html>s3cret", 403), f"Things refuses this account (403); grant it {ROLE}"),
    "403 deep": (Answer(b"[" * 100_000, 403), f"Things refuses this account (403); grant it {ROLE}"),
    "a disabled API": (refusal("SERVICE_DISABLED"), "Things is not enabled in this project (403); enable its API"),
    "a scope": (
        refusal("ACCESS_TOKEN_SCOPE_INSUFFICIENT"),
        "Things refuses the token (403); the machine's scopes must include cloud-platform",
    ),
    "404": (Answer.json({}, 404), "Things has nothing of that name (404)"),
    "429": (Answer.json({}, 429), "Things refuses more requests for now (429); its quota is used up"),
    "503": (Answer(b"s3cret", 503), "Things answered 503 Service Unavailable"),
    "a redirect": (Answer(b"", 302, {"Location": "/s3cret"}), "Things answered 302 Found"),
    "no JSON": (Answer(b"<html>s3cret"), "Things sent no valid JSON: expected value at line 1 column 1"),
    "another shape": (
        Answer.json({"name": 7}),
        "Things sent an unexpected answer: name: Input should be a valid string",
    ),
    "too much": (Answer(b" " * 1_100_000), "Things: an answer of more than 1 MB"),
    "cut off": (Answer(b"{" * 100, truncate_at=10), "Things: the answer was cut off"),
    "dropped": (Answer(drop=True), "Things: the connection was dropped"),
    "hanging": (Answer(delay=30), "Things did not answer within 0.5 s"),
    "dripping": (Answer(b" ", drip=0.01, endless="body"), "Things did not answer within 0.5 s"),
}


@pytest.mark.parametrize("kind", REFUSALS)
def test_each_way_to_get_no_answer_has_its_own_words(server: LoopbackServer, kind: str) -> None:
    answer, words = REFUSALS[kind]
    server.answer(PATH, answer)
    started = time.monotonic()
    with pytest.raises(GoogleApiError) as caught:
        api_at(server).get(PATH, Thing)
    assert time.monotonic() - started < 5
    assert str(caught.value) == words
    assert "s3cret" not in "".join(traceback.format_exception(caught.value))
    assert len(server.requests) == 1


def test_an_answer_is_validated_and_its_query_sent(server: LoopbackServer) -> None:
    server.answer(PATH, Answer.json({"name": "one", "more": 1}))
    assert api_at(server).get(PATH, Thing, {"pageToken": "a b"}) == Thing(name="one")
    assert server.requests[0].query == {"pageToken": ["a b"]}


@pytest.mark.parametrize(
    ("answer", "may_have_arrived"),
    [
        (Answer(drop=True), True),
        (Answer(delay=30), True),
        (Answer.json({}, 503), True),
        (Answer(b"<html>"), True),
        (Answer.json({}, 403), False),
        (Answer.json({}, 429), False),
    ],
)
def test_a_post_is_sent_once_and_an_unclear_answer_stays_unclear(
    server: LoopbackServer, answer: Answer, may_have_arrived: bool
) -> None:
    server.answer(PATH, answer)
    with pytest.raises(GoogleApiError) as caught:
        api_at(server).post(PATH, Thing, "roles/things.runner")
    assert caught.value.may_have_arrived is may_have_arrived
    assert [request.method for request in server.requests] == ["POST"]


def test_a_refused_post_names_the_role_that_it_needs(server: LoopbackServer) -> None:
    server.answer(PATH, Answer.json({}, 403))
    with pytest.raises(GoogleApiError, match=r"grant it roles/things\.runner"):
        api_at(server).post(PATH, Thing, "roles/things.runner")


def test_what_was_never_sent_has_not_arrived() -> None:
    with LoopbackServer() as gone:
        service = Service("Things", gone.url, ROLE)
    with pytest.raises(GoogleApiError, match="Things: connection refused") as caught:
        GoogleApi(service, QUICK).post(PATH, Thing, ROLE)
    assert not caught.value.may_have_arrived


def test_all_requests_share_one_budget(server: LoopbackServer) -> None:
    server.answer(PATH, Answer.json({"name": "one"}, delay=0.3))
    api = api_at(server)
    api.get(PATH, Thing)
    with pytest.raises(GoogleApiError, match="did not answer within"):
        api.get(PATH, Thing)


def test_no_token_goes_to_an_address_that_is_not_googles(
    server: LoopbackServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "none.json"))
    server.answer(PATH, Answer.json({"name": "one"}))
    api_at(server).get(PATH, Thing)
    assert "Authorization" not in server.requests[0].headers


@pytest.fixture
def account(server: LoopbackServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A service account whose token server is the loopback one."""
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    values = {"type": "service_account", "client_email": "monitor@p", "private_key": pem}
    key = tmp_path / "key.json"
    key.write_text(json.dumps(values | {"token_uri": f"{server.url}/token"}))
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(key))


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (Answer(delay=30), "Things did not answer within 0.5 s"),
        (
            Answer.json({"error": "invalid_grant", "error_description": "s3cret"}, 400),
            r"Things: no access token could be fetched \(RefreshError\)",
        ),
    ],
)
@pytest.mark.usefixtures("account")
def test_a_token_server_that_hangs_or_refuses_is_bounded_too(
    server: LoopbackServer, answer: Answer, words: str
) -> None:
    server.answer("/token", answer)
    with pytest.raises(GoogleApiError, match=words) as caught:
        GoogleApi(Service("Things", "https://things.googleapis.com", ROLE), QUICK).post(PATH, Thing, ROLE)
    assert "s3cret" not in str(caught.value)
    assert not caught.value.may_have_arrived
    assert len(server.requests_to("/token")) == 1


def test_without_credentials_the_error_names_the_variable(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "none.json"))
    with pytest.raises(GoogleApiError, match="no Google credentials; set GOOGLE_APPLICATION_CREDENTIALS"):
        GoogleApi(Service("Things", "https://things.googleapis.com", ROLE), QUICK).get(PATH, Thing)
