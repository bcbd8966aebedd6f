"""The Cloud Run services as services.yaml has them. Imported only to check them or to read the file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import AfterValidator, WithJsonSchema

from nba_monitoring.core.stage_fields import Entry, Line

SERVICE_NAME = r"^[a-z][a-z0-9_]*$"


def _matching(pattern: str, what: str) -> tuple[AfterValidator, WithJsonSchema]:
    """The check of a text, which also stands in the schema for editors."""

    def matches(text: str) -> str:
        if not re.fullmatch(pattern, text):
            raise ValueError(f"{text!r} is not {what}")
        return text

    return AfterValidator(matches), WithJsonSchema({"type": "string", "pattern": pattern})


# It becomes part of the asset's name.
ServiceName = Annotated[
    str, *_matching(SERVICE_NAME, "a name; use lowercase letters, digits and _, starting with a letter")
]
CloudRunName = Annotated[
    str,
    *_matching(r"^[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$", "the name of a Cloud Run service, such as prediction-worker"),
]
Project = Annotated[
    str,
    *_matching(r"^(?:[a-z0-9.-]+:)?[a-z0-9][a-z0-9-]*$", "the id of a project, such as nba-props-platform"),
]
Region = Annotated[str, *_matching(r"^[a-z]+-[a-z]+[0-9]+$", "a region, such as us-west2")]
HealthPath = Annotated[
    str, *_matching(r"^/(?:[!-.0-~][!-~]*)?$", "a path; write it without the address, such as /health")
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
    """The command that redeploys it."""


@dataclass(frozen=True)
class Services:
    """The watched services, by name."""

    cloud_run: CloudRun
    by_name: Mapping[str, Service]
