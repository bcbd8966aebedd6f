"""The Cloud Run services as services.yaml has them. Imported only where they are checked, or the file is read."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import AfterValidator, WithJsonSchema

from nba_monitoring.core.stage_fields import Entry, Line

SERVICE_NAME = r"^[a-z][a-z0-9_]*$"
_CLOUD_RUN_NAME = r"^[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$"
_PROJECT = r"^(?:[a-z0-9.-]+:)?[a-z0-9][a-z0-9-]*$"
_REGION = r"^[a-z]+-[a-z]+[0-9]+$"
_PATH = r"^/(?:[!-.0-~][!-~]*)?$"


def _matching(pattern: str, what: str) -> Callable[[str], str]:
    def matches(text: str) -> str:
        if not re.fullmatch(pattern, text):
            raise ValueError(f"{text!r} is not {what}")
        return text

    return matches


# It becomes part of the asset's name.
ServiceName = Annotated[
    str,
    AfterValidator(_matching(SERVICE_NAME, "a name; use lowercase letters, digits and _, starting with a letter")),
    WithJsonSchema({"type": "string", "pattern": SERVICE_NAME}),
]
CloudRunName = Annotated[
    str,
    AfterValidator(_matching(_CLOUD_RUN_NAME, "the name of a Cloud Run service, such as prediction-worker")),
    WithJsonSchema({"type": "string", "pattern": _CLOUD_RUN_NAME}),
]
Project = Annotated[
    str,
    AfterValidator(_matching(_PROJECT, "the id of a project, such as nba-props-platform")),
    WithJsonSchema({"type": "string", "pattern": _PROJECT}),
]
Region = Annotated[
    str,
    AfterValidator(_matching(_REGION, "a region, such as us-west2")),
    WithJsonSchema({"type": "string", "pattern": _REGION}),
]
HealthPath = Annotated[
    str,
    AfterValidator(_matching(_PATH, "a path; write it without the address, such as /health")),
    WithJsonSchema({"type": "string", "pattern": _PATH}),
]


class CloudRun(Entry):
    """Where the services run."""

    project: Project
    """The project's id."""
    region: Region
    """The region of all services."""


class Service(Entry):
    """A service on Cloud Run."""

    service: CloudRunName
    """Its name on Cloud Run."""
    feeds: tuple[Line, ...] = ()
    """The stages that it fills."""
    health: HealthPath | None = None
    """The path that a check requests; anything but a 2xx, twice, is UNHEALTHY. The request starts an instance.
    Default: nothing is requested."""
    traffic: Literal["latest", "split"] = "latest"
    """`latest`: all traffic goes to the newest revision. `split`: some of it may go to others, as for a canary."""
    fix: Line | None = None
    """The command that deploys it again."""


@dataclass(frozen=True)
class Services:
    """The watched services, by name."""

    cloud_run: CloudRun
    by_name: Mapping[str, Service]
