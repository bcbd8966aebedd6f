"""Reads services.yaml: the Cloud Run services, the stages that each fills, and how its image is checked.

Raises ServicesError with one problem per line, at the file's lines.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, ValidationError

from nba_monitoring.core.service_entries import CloudRun, Service, ServiceName, Services
from nba_monitoring.core.stage_fields import Entry, Line
from nba_monitoring.errors import MonitoringError
from nba_monitoring.stages_file.problems import REQUIRED, Problems, nearest
from nba_monitoring.stages_file.yaml_text import YamlFileError, YamlText, read_yaml


class ServicesError(MonitoringError):
    """The services file is wrong. The message has one problem per line."""


class Ignored(Entry):
    """A finding that is not reported."""

    missing: Line
    """The module or library, as the finding names it."""
    reason: Line
    """Why it may be missing."""


def _as_list(written: object) -> object:
    return [written] if isinstance(written, str) else written


class ImageEntry(Entry):
    """How the image of a service is checked."""

    dockerfile: Line
    """The path of its Dockerfile in the tree."""
    made_before_build: tuple[Line, ...] = ()
    """Paths in the tree that a step before the build makes; folders end with `/`."""
    loads_by_name: tuple[Line, ...] = ()
    """Patterns of files that the program imports by a name only known when it runs: paths in the image if they start
    with `/`, paths in the tree otherwise."""
    starts: Annotated[tuple[Line, ...], BeforeValidator(_as_list)] = ()
    """The commands that the image starts, in place of CMD and ENTRYPOINT."""
    ignore: tuple[Ignored, ...] = ()
    """Findings that are not reported, each with the reason."""


class ServiceEntry(Service):
    """A watched service."""

    image: ImageEntry | None = None
    """How its image is checked. Default: it is not."""


class ImageAlone(Entry):
    """The image of something that is not watched, such as a job."""

    image: ImageEntry
    """How it is checked."""


class ServicesFile(Entry):
    """A services file."""

    cloud_run: CloudRun | None = None
    """Where the services run."""
    # As written: each entry is validated for itself, so that its errors name its place.
    services: dict[ServiceName, dict[str, Any]]
    """The services by name."""


def load_services(path: Path, stages: Iterable[str]) -> Services:
    """The services of a file; `stages` are the names that `feeds` may have. Raises ServicesError."""
    problems, file, entries = _load(path, "NBA_MONITORING_SERVICES")
    known = list(stages)
    found, places = dict[str, Service](), dict[str, str]()
    for name, entry in entries.items():
        place = ("services", name)
        if isinstance(entry, ImageAlone):
            continue
        for position, stage in enumerate(entry.feeds):
            if stage not in known:
                problems.add((*place, "feeds", position), f"no stage {stage!r}; {nearest(stage, known)}")
        if entry.service in places:
            problems.add(
                (*place, "service"), f"{entry.service} is also the service of {places[entry.service]}; keep one"
            )
        places[entry.service] = name
        found[name] = entry
    if found and file.cloud_run is None:
        problems.add(("cloud_run",), f"{REQUIRED}; write `cloud_run: {{project: PROJECT, region: us-west2}}`")
    if not found and not problems:
        problems.add(("services",), "has no service to watch; add `service: NAME` to one")
    if problems or file.cloud_run is None:
        raise problems.error
    return Services(file.cloud_run, found)


def load_images(path: Path, exists: Callable[[str], bool]) -> Mapping[str, ImageEntry]:
    """The images of the services that have one, by the service's name.

    `exists` tells whether the tree has a file. Raises ServicesError.
    """
    problems, _, entries = _load(path, "--services")
    found = {name: entry.image for name, entry in entries.items() if entry.image is not None}
    for name, image in found.items():
        if not exists(image.dockerfile):
            place = ("services", name, "image", "dockerfile")
            problems.add(place, f"no file {image.dockerfile!r} in the tree; correct the path")
    if not found and not problems:
        problems.add(("services",), "no service has an image; add `image: {dockerfile: PATH}` to one")
    if problems:
        raise problems.error
    return found


def _load(path: Path, named_in: str) -> tuple[Problems, ServicesFile, Mapping[str, ServiceEntry | ImageAlone]]:
    """The file and its valid entries by name, with the problems of the others."""
    problems, file = _read(path, named_in)
    entries = dict[str, ServiceEntry | ImageAlone]()
    for name, fields in file.services.items():
        kind = ImageAlone if fields.keys() == {"image"} else ServiceEntry
        try:
            entries[name] = kind.model_validate(fields)
        except ValidationError as error:
            problems.add_all(("services", name), kind, error)
    return problems, file, entries


def _read(path: Path, named_in: str) -> tuple[Problems, ServicesFile]:
    try:
        text = read_yaml(path, named_in)
    except YamlFileError as error:
        problems = Problems(path, YamlText(None), ServicesError)
        problems.add((), str(error), error.line)
        raise problems.error from None
    problems = Problems(path, text, ServicesError)
    for place, line in text.repeated.items():
        problems.add(place, "appears twice; keep one", line)
    if not isinstance(text.data, dict):
        problems.add((), "has no fields; start with `services:`")
        raise problems.error
    try:
        return problems, ServicesFile.model_validate(text.data)
    except ValidationError as error:
        problems.add_all((), ServicesFile, error)
        raise problems.error from None
