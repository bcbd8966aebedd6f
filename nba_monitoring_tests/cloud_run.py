"""A Cloud Run on the loopback, written from Google's description of its API."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nba_monitoring_tests.loopback import Answer, LoopbackServer, Request

PROJECT, REGION = "nba-props-platform", "us-west2"
LIST = f"/v2/projects/{PROJECT}/locations/{REGION}/services"

OLD, NEW = "00041-abc", "00042-xyz"
IMAGE = "us-west2-docker.pkg.dev/nba/images/worker@sha256:"


@dataclass
class FakeCloudRun:
    """Services by their names. `page_size` splits the list; `answers` replace it, in their order."""

    server: LoopbackServer
    services: dict[str, dict[str, Any]] = field(default_factory=dict)
    page_size: int = 100

    def __post_init__(self) -> None:
        self.works()

    def works(self) -> None:
        self.server.answer(LIST, self._page)

    def answers(self, *answers: Answer) -> None:
        self.server.answer(LIST, *answers)

    @property
    def lists(self) -> list[Request]:
        return self.server.requests_to(LIST)

    def deploy(self, name: str, revision: str = NEW, *, commit: str = "c0ffee1", image: str = "1", **more: Any) -> None:
        """A service whose newest revision is ready and gets all traffic."""
        self.services[name] = {
            "name": f"projects/{PROJECT}/locations/{REGION}/services/{name}",
            "uid": "6f1a",
            "generation": "42",
            "labels": {"commit-sha": commit},
            "updateTime": "2026-01-17T20:00:00.123456Z",
            "template": {
                "labels": {"commit-sha": commit},
                "containers": [{"name": "worker", "image": f"{IMAGE}{image * 64}"}],
            },
            "terminalCondition": _condition("CONDITION_SUCCEEDED"),
            "conditions": [{"type": "RoutesReady", "state": "CONDITION_SUCCEEDED"}],
            "latestCreatedRevision": _revision(name, revision),
            "latestReadyRevision": _revision(name, revision),
            "trafficStatuses": [
                {"type": "TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST", "revision": f"{name}-{revision}", "percent": 100}
            ],
            "uri": f"{self.server.url}/{name}",
            "reconciling": False,
            **more,
        }
        self.health(name, Answer.json({"status": "healthy"}))

    def change(self, name: str, **fields: Any) -> None:
        """Change fields of a service; None leaves one out."""
        changed = {**self.services[name], **fields}
        self.services[name] = {field: value for field, value in changed.items() if value is not None}

    def fail_newest(self, name: str, message: str, revision: str = NEW, *, at: str = "2026-01-18T17:00:00Z") -> None:
        """A deployment whose revision does not start; the one before goes on."""
        self.change(
            name,
            latestCreatedRevision=_revision(name, revision),
            updateTime=at,
            terminalCondition=_condition("CONDITION_FAILED", message=message, lastTransitionTime=at),
        )

    def send_traffic(self, name: str, shares: Mapping[str, int]) -> None:
        """Pin the traffic to revisions."""
        kind = "TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION"
        statuses = [{"type": kind, "revision": f"{name}-{one}", "percent": share} for one, share in shares.items()]
        self.change(name, trafficStatuses=statuses)

    def health(self, name: str, *answers: Answer) -> None:
        self.server.answer(f"/{name}/health", *answers)

    def asked_for_health(self, name: str) -> int:
        return len(self.server.requests_to(f"/{name}/health"))

    def _page(self, request: Request) -> Answer:
        start = int(request.query.get("pageToken", ["0"])[0])
        found = list(self.services.values())[start : start + self.page_size]
        more = start + self.page_size < len(self.services)
        return Answer.json({"services": found, **({"nextPageToken": str(start + self.page_size)} if more else {})})


def _revision(name: str, revision: str) -> str:
    return f"projects/{PROJECT}/locations/{REGION}/services/{name}/revisions/{name}-{revision}"


def _condition(state: str, **more: str) -> dict[str, str]:
    return {"type": "Ready", "state": state, "lastTransitionTime": "2026-01-17T20:00:30Z", **more}


def write_services(path: Path, services: Mapping[str, str]) -> Path:
    """A services file with the fields of each service, in YAML's short form, by name."""
    entries = "".join(f"  {name}: {{{fields}}}\n" for name, fields in services.items())
    path.write_text(f"cloud_run: {{project: {PROJECT}, region: {REGION}}}\nservices:\n{entries}", encoding="utf-8")
    return path
