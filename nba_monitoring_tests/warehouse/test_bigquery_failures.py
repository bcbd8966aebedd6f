"""A BigQuery that refuses, fails, talks nonsense or is not there: one sentence, within half a minute."""

from __future__ import annotations

import socket
from datetime import date
from pathlib import Path

import pytest
from google.cloud.bigquery.retry import DEFAULT_RETRY

from nba_monitoring.settings import BigQueryWarehouse
from nba_monitoring.warehouse import Warehouse, WarehouseError, open_warehouse
from nba_monitoring.warehouse.engines.bigquery import BigQueryEngine, BigQueryPolicy, connect_to
from nba_monitoring_tests.loopback import Answer, LoopbackServer

DAY = date(2026, 1, 18)
# Asks again at once, for a quarter of a second.
HASTY = BigQueryPolicy(request_timeout=0.1, retry=DEFAULT_RETRY.with_timeout(0.25).with_delay(0.01, 0.01))


def google_error(status: int, reason: str, message: str) -> Answer:
    return Answer.json(
        {"error": {"code": status, "message": message, "errors": [{"reason": reason, "message": message}]}}, status
    )


def problem(address: str) -> str:
    target = BigQueryWarehouse(project="our-project", location="us-west2", emulator_host=address)
    with connect_to(target) as client, pytest.raises(WarehouseError) as caught:
        Warehouse(BigQueryEngine(client, HASTY)).schedule_reports(DAY, DAY)
    message = str(caught.value)
    assert message.startswith("nba_raw.espn_scoreboard: ")
    assert "\n" not in message
    return message


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (
            google_error(
                403, "accessDenied", "Access Denied: Project our-project: no bigquery.jobs.create permission."
            ),
            "BigQuery project our-project refuses: Access Denied: Project our-project: no bigquery.jobs.create "
            "permission; grant the monitor's account access",
        ),
        (google_error(401, "authError", "Invalid Credentials"), "no valid Google credentials"),
        (google_error(404, "notFound", "Not found: Project our-project"), "check NBA_MONITORING_WAREHOUSE"),
        (google_error(400, "invalidQuery", "Unrecognized name: home at [4:1]"), "has no column home"),
        (google_error(400, "invalidQuery", "Column trigger is not present in table t"), "has no column trigger"),
        (google_error(400, "invalid", "Request payload size exceeds the limit"), "payload size exceeds"),
        (Answer(b"<html>a captive portal</html>"), "BigQuery's answer can't be read"),
        (Answer(b'{"jobReference": {"jobId'), "BigQuery's answer can't be read"),
        (Answer.json({}), "BigQuery's answer can't be read"),
        (Answer.json([]), "BigQuery's answer can't be read"),
        (Answer(b"<html>gone</html>", 404), "not found in BigQuery project our-project"),
    ],
)
def test_a_refusal_is_told_in_a_sentence(answer: Answer, said: str) -> None:
    with LoopbackServer() as server:
        server.default = answer
        assert said in problem(server.url)


@pytest.mark.parametrize(
    "answer",
    [
        google_error(500, "internalError", "An internal error occurred"),
        google_error(503, "backendError", "Service unavailable"),
        Answer(drop=True),
        Answer(delay=5),
    ],
)
def test_a_service_that_fails_is_asked_again_for_a_while_and_then_reported(answer: Answer) -> None:
    with LoopbackServer() as server:
        server.default = answer
        message = problem(server.url)
        assert len(server.requests) > 1
    assert "BigQuery can't be reached" in message or "BigQuery failed" in message


def test_an_address_where_nobody_listens_is_given_up() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        message = problem(f"http://127.0.0.1:{unused.getsockname()[1]}")
    assert "BigQuery can't be reached: Connection refused; check the network" in message


def test_patience_with_an_address_that_does_not_answer_ends_within_half_a_minute() -> None:
    policy = BigQueryPolicy()
    assert policy.retry.timeout is not None
    assert policy.retry.timeout + policy.request_timeout < 30


def test_a_machine_without_credentials_is_told_how_to_get_them(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NO_GCE_CHECK", "true")
    monkeypatch.delenv("GOOGLE_APPLICATION_CREDENTIALS", raising=False)
    with pytest.raises(WarehouseError) as caught, open_warehouse(BigQueryWarehouse(project="our-project")):
        pass
    assert str(caught.value).startswith("bigquery://our-project: no valid Google credentials")
    assert "gcloud auth application-default login" in str(caught.value)
