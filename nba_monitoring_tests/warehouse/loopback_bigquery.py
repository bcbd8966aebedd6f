"""A BigQuery on 127.0.0.1 that gives REST answers and runs nothing; it records what it was sent.

The real client uses it. Jobs succeed without rows, unless `outcomes` has other results for the next ones.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from nba_monitoring_tests.loopback import Answer, LoopbackServer, Request

PROJECT = "our-project"


def google_error(status: int, reason: str, message: str) -> Answer:
    return Answer.json(
        {"error": {"code": status, "message": message, "errors": [{"reason": reason, "message": message}]}}, status
    )


@dataclass(frozen=True)
class Outcome:
    """What becomes of one job: it is refused when it is sent, or taken and fails, or taken and never ends.

    `answer_is_lost`: it is accepted, but the client gets a network failure.
    """

    refused: Answer | None = None
    reason: str | None = None
    message: str = ""
    hangs: bool = False
    answer_is_lost: bool = False
    bytes_processed: int = 0
    bytes_billed: int = 0


DONE = Outcome()


@dataclass
class Job:
    """A job that was taken."""

    id: str
    location: str | None
    configuration: Mapping[str, Any]
    outcome: Outcome
    is_cancelled: bool = False

    @property
    def sql(self) -> str:
        return str(self.configuration["query"]["query"])

    @property
    def parameters(self) -> list[dict[str, Any]]:
        return list(self.configuration["query"].get("queryParameters", []))

    @property
    def labels(self) -> Mapping[str, str]:
        return dict(self.configuration.get("labels", {}))

    @property
    def is_dry_run(self) -> bool:
        return bool(self.configuration.get("dryRun"))

    @property
    def resource(self) -> dict[str, Any]:
        status: dict[str, Any] = {"state": "RUNNING" if self.outcome.hangs and not self.is_cancelled else "DONE"}
        if self.is_cancelled:
            status["errorResult"] = {"reason": "stopped", "message": "Job execution was cancelled"}
        if self.outcome.reason is not None:
            status["errorResult"] = {"reason": self.outcome.reason, "message": self.outcome.message}
        statistics = {
            "totalBytesProcessed": str(self.outcome.bytes_processed),
            "query": {
                "totalBytesProcessed": str(self.outcome.bytes_processed),
                "totalBytesBilled": str(self.outcome.bytes_billed),
            },
        }
        return {
            "kind": "bigquery#job",
            "jobReference": {"projectId": PROJECT, "jobId": self.id, "location": self.location},
            "configuration": self.configuration,
            "status": status,
            "statistics": statistics,
        }


@dataclass
class LoopbackBigQuery:
    """Its datasets by location, its tables by the types of their columns, and the jobs that it took, in order."""

    server: LoopbackServer
    tables: dict[str, dict[str, str]] = field(default_factory=dict)
    datasets: dict[str, str] = field(default_factory=lambda: {"nba_raw": "us-west2"})
    outcomes: list[Outcome] = field(default_factory=list)
    outcome_of: Callable[[str], Outcome] | None = None
    jobs: dict[str, Job] = field(default_factory=dict)
    made: list[Mapping[str, Any]] = field(default_factory=list)
    denied: frozenset[str] = frozenset()
    tables_changed: dict[str, Mapping[str, Any]] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return self.server.url

    @property
    def taken(self) -> list[Job]:
        return list(self.jobs.values())

    def sent(self) -> list[Request]:
        """The requests for jobs, whether they were taken or not."""
        return [
            request for request in self.server.requests if request.method == "POST" and request.path.endswith("/jobs")
        ]

    def answer(self, request: Request) -> Answer:
        for method, pattern, respond in (
            ("POST", r"/jobs", self._insert),
            ("GET", r"/jobs/([^/]+)", self._job),
            ("GET", r"/queries/([^/]+)", self._results),
            ("POST", r"/jobs/([^/]+)/cancel", self._cancel),
            ("GET", r"/datasets/(\w+)", self._dataset),
            ("POST", r"/datasets", self._make_dataset),
            ("GET", r"/datasets/(\w+)/tables/(\w+)", self._table),
            ("PATCH", r"/datasets/(\w+)/tables/(\w+)", self._change_table),
        ):
            found = re.fullmatch(rf"/bigquery/v2/projects/{PROJECT}{pattern}", request.path)
            if found and method == request.method:
                return respond(request, *found.groups())
        return google_error(404, "notFound", f"Not found: {request.method} {request.path}")

    def _insert(self, request: Request) -> Answer:
        body = request.json
        job_id = body["jobReference"]["jobId"]
        if job_id in self.jobs:
            return google_error(409, "duplicate", f"Already Exists: Job {PROJECT}:us-west2.{job_id}")
        sql = body["configuration"]["query"]["query"]
        outcome = self.outcomes.pop(0) if self.outcomes else self.outcome_of(sql) if self.outcome_of else DONE
        if outcome.refused is not None:
            return outcome.refused
        job = Job(job_id, body["jobReference"].get("location"), body["configuration"], outcome)
        self.jobs[job_id] = job
        if outcome.answer_is_lost:
            return google_error(503, "backendError", "Service unavailable")
        return Answer.json(job.resource)

    def _job(self, request: Request, job_id: str) -> Answer:
        job = self.jobs.get(job_id)
        if job is None or request.query.get("location", [job.location]) != [job.location]:
            return google_error(404, "notFound", f"Not found: Job {PROJECT}:{job_id}")
        return Answer.json(job.resource)

    def _results(self, request: Request, job_id: str) -> Answer:
        job = self.jobs[job_id]
        reference = {"projectId": PROJECT, "jobId": job_id, "location": job.location}
        if job.outcome.hangs:
            return Answer.json({"jobComplete": False, "jobReference": reference})
        return Answer.json(
            {"jobComplete": True, "jobReference": reference, "schema": {"fields": []}, "totalRows": "0", "rows": []}
        )

    def _cancel(self, request: Request, job_id: str) -> Answer:
        self.jobs[job_id].is_cancelled = True
        return Answer.json({"kind": "bigquery#jobCancelResponse", "job": self.jobs[job_id].resource})

    def _dataset(self, request: Request, name: str) -> Answer:
        if name not in self.datasets:
            return google_error(404, "notFound", f"Not found: Dataset {PROJECT}:{name}")
        reference = {"projectId": PROJECT, "datasetId": name}
        return Answer.json({"datasetReference": reference, "location": self.datasets[name]})

    def _make_dataset(self, request: Request) -> Answer:
        self.made.append(request.json)
        self.datasets[request.json["datasetReference"]["datasetId"]] = request.json["location"]
        return Answer.json(request.json)

    def _table(self, request: Request, dataset: str, name: str) -> Answer:
        table = f"{dataset}.{name}"
        if table in self.denied:
            return google_error(
                403,
                "accessDenied",
                f"Access Denied: Table {PROJECT}:{table}: Permission bigquery.tables.get denied on table "
                f"{PROJECT}:{table} (or it may not exist).",
            )
        if table not in self.tables:
            return google_error(404, "notFound", f"Not found: Table {PROJECT}:{table}")
        return Answer.json(
            {
                "tableReference": {"projectId": PROJECT, "datasetId": dataset, "tableId": name},
                "schema": {"fields": [_field(*column) for column in self.tables[table].items()]},
                **self.tables_changed.get(table, {}),
            }
        )

    def _change_table(self, request: Request, dataset: str, name: str) -> Answer:
        self.tables_changed[f"{dataset}.{name}"] = request.json
        return self._table(request, dataset, name)


def _field(name: str, kind: str) -> dict[str, str]:
    element = re.fullmatch(r"ARRAY<(\w+)>", kind)
    return {"name": name, "type": element[1] if element else kind, "mode": "REPEATED" if element else "NULLABLE"}


@contextmanager
def loopback_bigquery(tables: Mapping[str, Mapping[str, str]] | None = None) -> Iterator[LoopbackBigQuery]:
    """A BigQuery with these tables, by the types of their columns."""
    with LoopbackServer() as server:
        bigquery = LoopbackBigQuery(server, {name: dict(columns) for name, columns in (tables or {}).items()})
        server.default = bigquery.answer
        yield bigquery
