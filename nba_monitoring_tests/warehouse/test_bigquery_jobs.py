"""Jobs: a write is made once whatever happens to its answer, and no job runs on unnoticed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from google.api_core.retry import Retry
from google.cloud.bigquery.retry import DEFAULT_RETRY

from nba_monitoring.core.record import BytesRead, CheckRecord, Mute
from nba_monitoring.core.stage_record import Trigger
from nba_monitoring.core.status import Status
from nba_monitoring.monitor import Monitor
from nba_monitoring.sample.platform_tables import ALL_TABLES
from nba_monitoring.settings import BigQueryWarehouse, Settings
from nba_monitoring.warehouse import Warehouse, WarehouseError
from nba_monitoring.warehouse.engines.bigquery import BigQueryEngine, connect_to
from nba_monitoring.warehouse.engines.bigquery_errors import may_pass
from nba_monitoring.warehouse.engines.bigquery_jobs import BigQueryPolicy
from nba_monitoring.warehouse.tables import CHECKS, MONITOR_TABLES
from nba_monitoring_tests.days import DAY
from nba_monitoring_tests.loopback import Answer
from nba_monitoring_tests.warehouse.loopback_bigquery import (
    DONE,
    PROJECT,
    LoopbackBigQuery,
    Outcome,
    google_error,
    loopback_bigquery,
)

MORNING = datetime(2026, 1, 18, 16, tzinfo=UTC)
# Asks again at once, for a while.
HASTY = BigQueryPolicy(
    request_timeout=5.0,
    retry=DEFAULT_RETRY.with_timeout(1.0).with_delay(0.01, 0.01),
    query_timeout=0.2,
    job_retry=Retry(predicate=may_pass, initial=0.01, maximum=0.01, timeout=2.0),
)
CONFLICT = Outcome(
    reason="invalidQuery",
    message="Could not serialize access to table our-project:nba_monitoring.stage_checks due to concurrent update",
)


def record(day: date = DAY, run_id: str = "run") -> CheckRecord:
    return CheckRecord(day, MORNING, 1, 0, Status.MISSING_DATA, check_id=f"{day}_{run_id}", run_id=run_id)


@pytest.fixture
def bigquery() -> Iterator[LoopbackBigQuery]:
    with loopback_bigquery({table.name: table.columns for table in MONITOR_TABLES}) as running:
        yield running


@contextmanager
def opened(
    bigquery: LoopbackBigQuery, policy: BigQueryPolicy = HASTY, location: str | None = "us-west2"
) -> Iterator[Warehouse]:
    target = BigQueryWarehouse(project=PROJECT, location=location, emulator_host=bigquery.url)
    with connect_to(target) as client:
        yield Warehouse(BigQueryEngine(client, policy, Trigger.BACKFILL))


def problem(bigquery: LoopbackBigQuery) -> str:
    with opened(bigquery) as warehouse, pytest.raises(WarehouseError) as caught:
        warehouse.append_checks([record()])
    message = str(caught.value)
    assert "\n" not in message
    return message


def test_a_write_whose_answer_was_lost_is_sent_again_and_found(bigquery: LoopbackBigQuery) -> None:
    bigquery.outcomes = [Outcome(answer_is_lost=True)]
    with opened(bigquery) as warehouse:
        warehouse.append_checks([record()])
    assert len(bigquery.sent()) == 3  # the first table's twice
    assert [job.labels["table"] for job in bigquery.taken] == [
        "nba_monitoring-stage_checks",
        "nba_monitoring-data_availability_checks",
    ]


def test_the_same_checks_from_another_process_are_the_same_write(bigquery: LoopbackBigQuery) -> None:
    later = replace(record(), check_time=MORNING + timedelta(minutes=5))
    for written in (record(), later):
        with opened(bigquery) as warehouse:
            warehouse.append_checks([written])
    assert len(bigquery.taken) == 2  # one a table


def test_other_checks_are_another_write(bigquery: LoopbackBigQuery) -> None:
    with opened(bigquery) as warehouse:
        warehouse.append_checks([record()])
        warehouse.append_checks([record(run_id="another")])
        warehouse.append_checks([record(), record(DAY + timedelta(days=1))])
    assert len(bigquery.taken) == 6


def test_rows_that_are_replaced_are_written_each_time(bigquery: LoopbackBigQuery) -> None:
    with opened(bigquery) as warehouse:
        for _ in range(2):
            warehouse.replace_scheduled_games(DAY, DAY, {}, MORNING)
    assert len(bigquery.taken) == 2


def test_a_write_that_failed_for_certain_gets_a_successor(bigquery: LoopbackBigQuery) -> None:
    bigquery.outcomes = [Outcome(reason="quotaExceeded", message="Quota exceeded: DML")]
    assert "a quota of project our-project is used up: Quota exceeded: DML; wait" in problem(bigquery)
    with opened(bigquery) as warehouse:
        warehouse.append_checks([record()])
    first, second, _ = bigquery.taken
    assert (first.id.removesuffix("_0"), first.id[-2:]) == (second.id.removesuffix("_1"), "_0")


def test_a_conflict_with_another_run_is_tried_again(bigquery: LoopbackBigQuery) -> None:
    bigquery.outcomes = [CONFLICT, CONFLICT, DONE]
    with opened(bigquery) as warehouse:
        warehouse.append_checks([record()])
    assert [job.id[-2:] for job in bigquery.taken] == ["_0", "_1", "_2", "_0"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("outcome", "said"),
    [
        (CONFLICT, "nba_monitoring.stage_checks: conflicting writes to the same dates: Could not"),
        (
            Outcome(
                reason="resourcesExceeded",
                message="Resources exceeded during query execution: Too many DML statements outstanding against table "
                "our-project:nba_monitoring.stage_checks, limit is 20.",
            ),
            "too many writes are queued for this table: Resources exceeded",
        ),
        (
            Outcome(reason="rateLimitExceeded", message="Exceeded rate limits"),
            "rate limit exceeded, also after retries",
        ),
        (Outcome(reason="jobInternalError", message="An internal error"), "BigQuery failed: An internal error"),
    ],
)
def test_what_keeps_failing_is_reported_after_several_tries(
    bigquery: LoopbackBigQuery, outcome: Outcome, said: str
) -> None:
    bigquery.outcome_of = lambda sql: outcome
    assert said in problem(bigquery)
    assert len(bigquery.taken) > 2


@pytest.mark.parametrize(
    ("outcome", "said"),
    [
        (
            Outcome(
                reason="accessDenied",
                message="Access Denied: Table our-project:nba_monitoring.stage_checks: Permission "
                "bigquery.tables.updateData denied",
            ),
            "no permission to write nba_monitoring.stage_checks; grant the account roles/bigquery.dataEditor on "
            "dataset "
            "nba_monitoring: Access Denied: Table our-project:nba_monitoring.stage_checks: Permission "
            "bigquery.tables.updateData denied",
        ),
        (
            Outcome(refused=google_error(413, "uploadTooLarge", "Request Entity Too Large")),
            "the request exceeds BigQuery's limit of 10 MB",
        ),
        (
            Outcome(reason="stopped", message="Job execution was cancelled: User requested"),
            "the job was canceled",
        ),
    ],
)
def test_what_no_retry_cures_is_reported_at_once(bigquery: LoopbackBigQuery, outcome: Outcome, said: str) -> None:
    bigquery.outcomes = [outcome]
    assert said in problem(bigquery)
    assert len(bigquery.sent()) == 1


@pytest.mark.slow
def test_a_job_that_overruns_is_canceled_and_named(bigquery: LoopbackBigQuery) -> None:
    bigquery.outcomes = [Outcome(hangs=True)]
    message = problem(bigquery)
    (job,) = bigquery.taken
    assert job.is_cancelled
    assert message.startswith(
        f"nba_monitoring.stage_checks: job our-project:us-west2.{job.id} did not finish within 0.2 s and was canceled; "
    )
    with opened(bigquery) as warehouse:
        warehouse.append_checks([record()])
    assert [taken.id[-2:] for taken in bigquery.taken] == ["_0", "_1", "_0"]


@pytest.mark.slow
def test_a_job_that_can_not_be_canceled_is_found_again_and_not_doubled(bigquery: LoopbackBigQuery) -> None:
    bigquery.outcomes = [Outcome(hangs=True)]
    answer = bigquery.answer
    bigquery.server.default = lambda request: (
        google_error(403, "accessDenied", "no") if request.path.endswith("/cancel") else answer(request)
    )
    assert "could not be canceled, so it may still be running" in problem(bigquery)
    (job,) = bigquery.taken
    job.outcome = DONE
    with opened(bigquery) as warehouse:
        warehouse.append_checks([record()])
    assert [taken.id[-2:] for taken in bigquery.taken] == ["_0", "_0"]


def test_a_moment_in_which_a_job_is_not_found_is_waited_out(bigquery: LoopbackBigQuery) -> None:
    bigquery.outcomes = [Outcome(answer_is_lost=True)]
    hidden = ["once"]

    def answer(request: object) -> Answer:
        if "/jobs/" in request.path and hidden:  # type: ignore[attr-defined]
            hidden.pop()
            return google_error(404, "notFound", "Not found: Job")
        return bigquery.answer(request)  # type: ignore[arg-type]

    bigquery.server.default = answer
    with opened(bigquery) as warehouse:
        warehouse.append_checks([record()])
    assert len(bigquery.taken) == 2


def test_all_new_columns_come_in_one_statement(bigquery: LoopbackBigQuery) -> None:
    first_five = dict(list(CHECKS.columns.items())[:5])
    bigquery.tables[CHECKS.name] = first_five
    with opened(bigquery) as warehouse:
        warehouse.append_checks([record()])
    (altered,) = [job.sql for job in bigquery.taken if job.sql.startswith("ALTER")]
    assert altered.count("ADD COLUMN IF NOT EXISTS") == len(CHECKS.columns) - 5


def test_a_new_table_in_an_existing_dataset_needs_no_permission_to_create_datasets(bigquery: LoopbackBigQuery) -> None:
    bigquery.datasets["nba_monitoring"] = "us-west2"
    del bigquery.tables[CHECKS.name]
    with opened(bigquery) as warehouse:
        warehouse.append_checks([record()])
    assert bigquery.made == []
    assert len([job for job in bigquery.taken if job.sql.startswith("CREATE TABLE")]) == 1


@pytest.mark.parametrize("location", ["us-west2", "europe-west4"])
def test_without_a_location_it_is_that_of_the_platform(bigquery: LoopbackBigQuery, location: str) -> None:
    bigquery.datasets["nba_raw"] = location
    bigquery.tables.clear()
    with opened(bigquery, location=None) as warehouse:
        warehouse.append_checks([record()])
    assert {job.location for job in bigquery.taken} == {location}
    assert [dataset["location"] for dataset in bigquery.made] == [location]
    assert bigquery.made[0]["labels"] == {"app": "nba_monitoring"}


def test_without_any_location_the_variable_is_named(bigquery: LoopbackBigQuery) -> None:
    bigquery.datasets.clear()
    with opened(bigquery, location=None) as warehouse, pytest.raises(WarehouseError) as caught:
        warehouse.append_checks([record()])
    assert "NBA_MONITORING_WAREHOUSE=bigquery://our-project?location=us-west2" in str(caught.value)


def test_every_job_is_labelled_and_capped(bigquery: LoopbackBigQuery) -> None:
    with opened(bigquery, replace(HASTY, max_bytes_billed=20 * 2**20)) as warehouse:
        warehouse.append_checks([record()])
        warehouse.history(DAY, DAY)
    for job in bigquery.taken:
        assert job.configuration["query"]["maximumBytesBilled"] == str(20 * 2**20)
        assert (job.labels["app"], job.labels["trigger"]) == ("nba_monitoring", "backfill")
    assert bigquery.taken[-1].labels["table"] == "nba_monitoring-data_availability_checks"


def test_bytes_are_summed_over_a_run(bigquery: LoopbackBigQuery) -> None:
    bigquery.outcomes = [
        Outcome(bytes_processed=100, bytes_billed=10 * 2**20),
        Outcome(bytes_processed=12_000_000, bytes_billed=12 * 2**20),
    ]
    with opened(bigquery) as warehouse:
        warehouse.history(DAY, DAY)
        warehouse.stage_history(DAY, DAY)
        assert warehouse.bytes_read == BytesRead(2, 12_000_100, 22 * 2**20)


def test_what_a_run_was_billed_is_in_its_record(bigquery: LoopbackBigQuery) -> None:
    bigquery.tables |= {name: dict(columns) for name, columns in ALL_TABLES.items()}
    bigquery.outcome_of = lambda sql: Outcome(bytes_processed=1, bytes_billed=10 * 2**20)
    settings = Settings.model_validate({"NBA_MONITORING_SCHEDULE_APIS": "never"})
    with opened(bigquery, replace(HASTY, query_timeout=30.0)) as warehouse:
        monitor = Monitor(warehouse, settings, DAY, DAY, MORNING)
        monitor.keep_slates()
        monitor.keep_coverages()
        (found,) = monitor.record("run", Trigger.SCHEDULED)
    # As many as docs/bigquery.md says, with those that write the verdict too.
    assert len(bigquery.taken) == 25
    # The two statements that append the verdict come after it.
    assert found.detail.bytes_read == BytesRead(23, 23, 230 * 2**20)
    assert f'\\"billed\\":{230 * 2**20}' in json.dumps(bigquery.taken[-1].parameters)


def test_a_mute_given_twice_at_the_same_instant_is_one(bigquery: LoopbackBigQuery) -> None:
    mute = Mute(DAY, MORNING, None, "rebuilt", "Ann")
    with opened(bigquery) as warehouse:
        warehouse.append_mutes([mute])
        warehouse.append_mutes([mute])
        warehouse.append_mutes([replace(mute, set_at=MORNING + timedelta(seconds=1))])
    assert len(bigquery.taken) == 2
