"""Cloud Run: the services of a project and region, by one list call, and a service's answer at its health path."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from typing import Annotated, Any
from urllib.parse import quote, urlsplit

from google.auth.exceptions import GoogleAuthError
from google.auth.transport.requests import Request
from google.oauth2.id_token import fetch_id_token
from pydantic import ConfigDict, Field
from pydantic.alias_generators import to_camel

from nba_monitoring.core.service_entries import CloudRun
from nba_monitoring.core.service_verdict import HealthSeen, Listing, ServiceSeen, TrafficSeen
from nba_monitoring.google_apis.client import GoogleApi, GoogleApiError, Service
from nba_monitoring.http import Deadline, HttpError, HttpPolicy, fetch
from nba_monitoring.json_answers import ApiModel, Instant, part

POLICY = HttpPolicy(timeout=10, budget=25, retries=2, max_bytes=10_000_000)
# A GET may start an instance.
HEALTH_POLICY = HttpPolicy(timeout=10, budget=60, retries=0, max_bytes=100_000)
AT_A_TIME = 10

ROLE = "roles/run.viewer"
PAGE_SIZE = 100
MOST_PAGES = 50
TO_LATEST = "TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST"
COMMIT_LABEL = "commit-sha"  # Cloud Build's own


class _Shape(ApiModel):
    model_config = ConfigDict(alias_generator=to_camel)


class _Condition(_Shape):
    state: str | None = None
    message: str = ""
    last_transition_time: Instant | None = None


class _Traffic(_Shape):
    type: str | None = None
    revision: str | None = None
    percent: int = 0


class _Container(_Shape):
    image: str | None = None


class _Template(_Shape):
    labels: dict[str, str] = Field(default_factory=dict)
    containers: tuple[_Container, ...] = ()


class CloudRunService(_Shape):
    """A service, as far as it is used."""

    terminal_condition: _Condition = _Condition()
    update_time: Instant | None = None
    reconciling: bool = False
    latest_created_revision: str | None = None
    latest_ready_revision: str | None = None
    traffic_statuses: tuple[_Traffic, ...] = ()
    labels: dict[str, str] = Field(default_factory=dict)
    template: _Template = _Template()
    uri: str | None = None


class _Named(_Shape):
    name: Annotated[str, Field(min_length=1)]


class Page(_Shape):
    """A page of the list."""

    services: tuple[Any, ...] = ()
    next_page_token: str | None = None
    unreachable: tuple[str, ...] = ()


def list_services(cloud_run: CloudRun, url: str, policy: HttpPolicy = POLICY) -> Listing:
    """The services of the project and region, all pages of them. An error is part of the answer; raises nothing."""
    api = GoogleApi(Service("Cloud Run", url, ROLE), policy)
    found = dict[str, ServiceSeen]()
    incomplete: list[str] = []
    try:
        for page in _pages(api, cloud_run, incomplete):
            incomplete += [f"{region} could not be reached" for region in page.unreachable]
            for values in page.services:
                named = part(values, _Named)
                if isinstance(named, str):
                    incomplete.append(f"Cloud Run lists a service without a name ({named})")
                else:
                    found[named.name.rpartition("/")[2]] = _seen(values)
    except GoogleApiError as error:
        return Listing(error=_why(error, cloud_run))
    return Listing(found, incomplete=incomplete[0] if incomplete else None)


def ask_health(wanted: Mapping[str, tuple[str, str]]) -> Mapping[str, HealthSeen]:
    """Services' answers at their health paths, given address and path of each by name. Raises nothing.

    Each is asked a second time unless its first answer is a 2xx, and all of them within HEALTH_POLICY's budget.
    """
    deadline = Deadline(HEALTH_POLICY.budget)
    with ThreadPoolExecutor(max_workers=AT_A_TIME) as threads:
        asked = {name: threads.submit(_ask_twice, *where, deadline) for name, where in wanted.items()}
        return {name: answer.result() for name, answer in asked.items()}


def _pages(api: GoogleApi, cloud_run: CloudRun, incomplete: list[str]) -> Iterator[Page]:
    path = f"/v2/projects/{quote(cloud_run.project)}/locations/{quote(cloud_run.region)}/services"
    token, tokens = "", set[str]()
    for _ in range(MOST_PAGES):
        page = api.get(path, Page, {"pageSize": str(PAGE_SIZE), **({"pageToken": token} if token else {})})
        yield page
        token = page.next_page_token or ""
        if not token:
            return
        if token in tokens:
            incomplete.append("Cloud Run repeats a page of its list")
            return
        tokens.add(token)
    incomplete.append(f"Cloud Run's list has more than {MOST_PAGES} pages")


def _seen(values: Mapping[str, Any]) -> ServiceSeen:
    service = part(values, CloudRunService)
    if isinstance(service, str):
        return ServiceSeen(unreadable=f"Cloud Run sent an unexpected entry: {service}")
    condition, containers = service.terminal_condition, service.template.containers
    image = containers[0].image if containers else None
    return ServiceSeen(
        state=condition.state,
        message=" ".join(condition.message.split()),
        changed_at=condition.last_transition_time,
        updated_at=service.update_time,
        is_reconciling=service.reconciling,
        created=_last(service.latest_created_revision),
        ready=_last(service.latest_ready_revision),
        traffic=tuple(
            TrafficSeen(_last(share.revision), share.percent, share.type == TO_LATEST)
            for share in service.traffic_statuses
        ),
        commit=service.template.labels.get(COMMIT_LABEL) or service.labels.get(COMMIT_LABEL),
        # A tag may be moved to another image.
        image=image if image and "@sha256:" in image else None,
        address=service.uri,
    )


def _last(name: str | None) -> str | None:
    """The last part of a resource's name; None for an empty one."""
    return (name or "").rpartition("/")[2] or None


def _why(error: GoogleApiError, cloud_run: CloudRun) -> str:
    match error.status:
        case HTTPStatus.UNAUTHORIZED:
            return f"{error}; the account needs {ROLE}"
        case HTTPStatus.NOT_FOUND:
            return (
                f"Cloud Run has no project {cloud_run.project} with the region {cloud_run.region} (404); "
                "correct cloud_run in NBA_MONITORING_SERVICES"
            )
    return str(error)


def _ask_twice(address: str, path: str, deadline: Deadline) -> HealthSeen:
    headers = _signed(address, deadline.within(HEALTH_POLICY.timeout))
    first = _ask(address + path, headers, deadline)
    return first if first.is_healthy else _ask(address + path, headers, deadline)


def _ask(url: str, headers: Mapping[str, str], deadline: Deadline) -> HealthSeen:
    try:
        answer = fetch(url, HEALTH_POLICY, deadline, headers)
    except HttpError as error:
        return HealthSeen(error=str(error))
    return HealthSeen(answer.status, named=_named(answer.body))


def _named(body: bytes) -> str | None:
    """The service that an answer says it is from, if it is JSON that names one."""
    try:
        values = json.loads(body)
    except (ValueError, RecursionError):
        return None
    named = values.get("service") if isinstance(values, dict) else None
    return " ".join(named.split())[:60] or None if isinstance(named, str) else None


def _signed(address: str, deadline: Deadline) -> Mapping[str, str]:
    """The header by which a service that is not public knows the caller. A token goes only to Cloud Run, over TLS."""
    parts = urlsplit(address)
    if parts.scheme != "https" or not (parts.hostname or "").endswith(".run.app"):
        return {}
    try:
        token = deadline.run(lambda: fetch_id_token(Request(), address))  # type: ignore[no-untyped-call]  # google-auth's
    except (GoogleAuthError, TimeoutError):
        # The service may be public.
        return {}
    return {"Authorization": f"Bearer {token}"}
