"""The BigQuery emulator at an address that fails on demand; what is not refused is really run."""

from __future__ import annotations

import http.client
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import urlencode, urlsplit

from nba_monitoring_tests.loopback import Answer, LoopbackServer, Request
from nba_monitoring_tests.warehouse.loopback_bigquery import google_error

GONE = Answer(drop=True)
CONFLICT = google_error(
    400,
    "invalidQuery",
    "Could not serialize access to table our-project:nba_monitoring.scheduled_games due to concurrent update",
)

Fault = Callable[[Request], Answer | None]


class FaultyBigQuery:
    """Passes each request on to the emulator, unless `fault` has an answer of its own to it."""

    def __init__(self, server: LoopbackServer, emulator: str) -> None:
        self.url = server.url
        self.fault: Fault = lambda request: None
        self._emulator = urlsplit(emulator).netloc

    def is_well(self) -> None:
        """Nothing goes wrong anymore."""
        self.fault = lambda request: None

    def answer(self, request: Request) -> Answer:
        """The fault's answer, else the emulator's."""
        own = self.fault(request)
        return self.passed_on(request) if own is None else own

    def passed_on(self, request: Request) -> Answer:
        """The emulator's answer."""
        connection = http.client.HTTPConnection(self._emulator, timeout=30)
        query = f"?{urlencode(request.query, doseq=True)}" if request.query else ""
        sent = {name: value for name in ("Content-Type", "Content-Encoding") if (value := request.headers.get(name))}
        connection.request(request.method, request.path + query, request.body or None, sent)
        came = connection.getresponse()
        kept = {name: value for name in ("Content-Type", "Content-Encoding") if (value := came.getheader(name))}
        answer = Answer(came.read(), came.status, kept)
        connection.close()
        return answer


@contextmanager
def faulty_bigquery(emulator: str) -> Iterator[FaultyBigQuery]:
    """An address of the emulator, at which nothing goes wrong yet."""
    with LoopbackServer() as server:
        bigquery = FaultyBigQuery(server, emulator)
        server.default = bigquery.answer
        yield bigquery


def sql_of(request: Request) -> str:
    """The statement of a request for a job that is to be run; empty for any other request."""
    if request.method != "POST" or not request.path.endswith("/jobs"):
        return ""
    configuration = request.json["configuration"]
    return "" if configuration.get("dryRun") else str(configuration["query"]["query"])


def denied(table: str) -> Fault:
    """No permission on a table: neither to read it nor to name it in a statement."""
    dataset, name = table.split(".")
    answer = google_error(
        403,
        "accessDenied",
        f"Access Denied: Table our-project:{table}: User does not have permission to query table our-project:{table}, "
        "or perhaps it does not exist.",
    )

    def fault(request: Request) -> Answer | None:
        looks = request.path.endswith(f"/datasets/{dataset}/tables/{name}")
        return answer if looks or re.search(rf"{re.escape(table)}\b", sql_of(request)) else None

    return fault


def refused(answer: Answer, statement: str) -> Fault:
    """This answer to each job whose statement has these words."""
    return lambda request: answer if statement in sql_of(request) else None


def gone_from(statement: str) -> Fault:
    """No answer to anything, from the first job on whose statement has these words."""
    gone: list[Request] = []

    def fault(request: Request) -> Answer | None:
        if statement in sql_of(request):
            gone.append(request)
        return GONE if gone else None

    return fault
