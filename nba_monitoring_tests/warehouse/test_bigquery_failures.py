"""A BigQuery that refuses, fails, answers nonsense or does not exist: one sentence, within half a minute."""

from __future__ import annotations

import socket
from dataclasses import replace
from pathlib import Path

import pytest
from google.cloud.bigquery.retry import DEFAULT_RETRY

from nba_monitoring.settings import BigQueryWarehouse
from nba_monitoring.warehouse import Warehouse, WarehouseError, open_warehouse
from nba_monitoring.warehouse.engines.bigquery import BigQueryEngine, connect_to, policy_of
from nba_monitoring.warehouse.engines.bigquery_jobs import BigQueryPolicy
from nba_monitoring_tests.days import DAY
from nba_monitoring_tests.loopback import Answer, LoopbackServer
from nba_monitoring_tests.warehouse.loopback_bigquery import google_error

# Asks again at once, for a quarter of a second; with time for an answer from a machine that is busy, and without.
HASTY = BigQueryPolicy(request_timeout=10.0, retry=DEFAULT_RETRY.with_timeout(0.25).with_delay(0.01, 0.01))
IMPATIENT = replace(HASTY, request_timeout=0.1)


def problem(address: str, policy: BigQueryPolicy = HASTY) -> str:
    target = BigQueryWarehouse(project="our-project", location="us-west2", emulator_host=address)
    with connect_to(target) as client, pytest.raises(WarehouseError) as caught:
        Warehouse(BigQueryEngine(client, policy)).schedule_reports(DAY, DAY)
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
            "no permission to run queries in project our-project; grant the account roles/bigquery.jobUser: Access "
            "Denied: Project our-project: no bigquery.jobs.create permission",
        ),
        (
            google_error(
                403,
                "accessDenied",
                "Access Denied: Table our-project:nba_raw.espn_scoreboard: User does not have permission to query it.",
            ),
            "no permission to read nba_raw.espn_scoreboard; grant the account roles/bigquery.dataViewer on dataset "
            "nba_raw: "
            "Access Denied: Table our-project:nba_raw.espn_scoreboard: User does not have permission to query it",
        ),
        (
            google_error(
                403, "quotaExceeded", "Quota exceeded: Your project exceeded quota for free query bytes scanned."
            ),
            "a quota of project our-project is used up: Quota exceeded: Your project exceeded quota for free query "
            "bytes scanned; wait for it to reset, or request an increase",
        ),
        (
            google_error(403, "billingNotEnabled", "Billing has not been enabled for this project."),
            "project our-project has no billing account",
        ),
        (
            google_error(
                400,
                "bytesBilledLimitExceeded",
                "Query exceeded limit for bytes billed: 10485760. 20971520 or higher required.",
            ),
            "the query would cost more than NBA_MONITORING_MAX_BYTES_BILLED allows: Query exceeded limit for bytes "
            "billed: "
            "10485760. 20971520 or higher required; raise the limit if the cost is right",
        ),
        (
            google_error(
                400,
                "invalidQuery",
                "Cannot query over table 'nba_raw.espn_scoreboard' without a filter over column(s) 'game_date' that "
                "can be used for partition elimination",
            ),
            "requires a filter on its partition column: Cannot query over table",
        ),
        (
            google_error(404, "notFound", "Not found: Dataset our-project:nba_raw was not found in location US"),
            "dataset nba_raw was not found in location US of project our-project; set the location of its data",
        ),
        (
            google_error(403, "responseTooLarge", "Response too large to return."),
            "the result exceeds BigQuery's limit: Response too large to return; check fewer dates at once",
        ),
        (
            google_error(400, "resourcesExceeded", "Resources exceeded during query execution."),
            "the query exceeds BigQuery's resources",
        ),
        (
            google_error(
                403, "policyViolation", "VPC Service Controls: Request is prohibited by organization's policy."
            ),
            "blocked by an organization policy",
        ),
        (google_error(401, "authError", "Invalid Credentials"), "no valid Google credentials"),
        (google_error(404, "notFound", "Not found: Project our-project"), "check NBA_MONITORING_WAREHOUSE"),
        (google_error(400, "invalidQuery", "Unrecognized name: home at [4:1]"), "has no column home"),
        (google_error(400, "invalidQuery", "Column trigger is not present in table t"), "has no column trigger"),
        (
            google_error(400, "invalid", "Request payload size exceeds the limit: 10485760 bytes."),
            "the request exceeds BigQuery's limit of 10 MB: Request payload size exceeds the limit",
        ),
        (
            Answer(b"<title>Error 413 (Request Entity Too Large)</title>", 413),
            "the request exceeds BigQuery's limit of 10 MB",
        ),
        (Answer(b"<html>a captive portal</html>"), "BigQuery's answer can't be read"),
        (Answer(b'{"jobReference": {"jobId'), "BigQuery's answer can't be read"),
        (Answer.json({}), "BigQuery's answer can't be read"),
        (Answer.json([]), "BigQuery's answer can't be read"),
        (Answer(b"<html>gone</html>", 404), "not found in BigQuery project our-project"),
    ],
)
def test_a_refusal_is_explained_in_a_sentence(answer: Answer, said: str) -> None:
    with LoopbackServer() as server:
        server.default = answer
        assert said in problem(server.url)


@pytest.mark.parametrize(
    "answer",
    [
        google_error(403, "rateLimitExceeded", "Exceeded rate limits: too many api requests per user per method"),
        google_error(500, "internalError", "An internal error occurred"),
        google_error(503, "backendError", "Service unavailable"),
        Answer(drop=True),
        Answer(delay=5),
    ],
)
def test_a_service_that_fails_is_asked_again_for_a_while_and_then_reported(answer: Answer) -> None:
    with LoopbackServer() as server:
        server.default = answer
        message = problem(server.url, IMPATIENT)
        assert len(server.requests) > 1
    said = ("BigQuery can't be reached", "BigQuery failed", "rate limit exceeded, also after retries")
    assert any(sentence in message for sentence in said)


def test_an_address_where_nobody_listens_is_given_up() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        message = problem(f"http://127.0.0.1:{unused.getsockname()[1]}")
    assert "BigQuery can't be reached: Connection refused; check the network" in message


def test_patience_with_an_address_that_does_not_answer_ends_within_half_a_minute() -> None:
    policy = BigQueryPolicy()
    assert policy.retry.timeout is not None
    assert policy.retry.timeout + policy.request_timeout < 30


def test_an_emulator_is_waited_for_as_long_as_a_query_since_it_answers_once_a_job_is_done() -> None:
    google = BigQueryWarehouse(project="nba", max_bytes_billed=2**30)
    emulator = google.model_copy(update={"emulator_host": "http://127.0.0.1:9050"})
    assert policy_of(google) == BigQueryPolicy(max_bytes_billed=2**30)
    assert policy_of(emulator).request_timeout == BigQueryPolicy().query_timeout
    assert policy_of(emulator).max_bytes_billed == 2**30


def test_a_machine_without_credentials_gets_an_error_that_explains_how_to_get_them(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NO_GCE_CHECK", "true")
    monkeypatch.delenv("GOOGLE_APPLICATION_CREDENTIALS", raising=False)
    with pytest.raises(WarehouseError) as caught, open_warehouse(BigQueryWarehouse(project="our-project")):
        pass
    assert str(caught.value).startswith("bigquery://our-project: no valid Google credentials")
    assert "gcloud auth application-default login" in str(caught.value)
