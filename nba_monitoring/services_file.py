"""Reads services.yaml: the services, and how the image of each is checked.

Here: the part about images. Raises ServicesError with one problem per line, at the file's lines.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, ValidationError

from nba_monitoring.core.stage_fields import Entry, Line
from nba_monitoring.errors import MonitoringError
from nba_monitoring.stages_file.problems import Problems
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


class ServicesFile(Entry):
    """A services file. The entries of the services are validated field by field."""

    cloud_run: dict[str, Any] = Field(default_factory=dict)
    """Where the services run."""
    services: dict[str, dict[str, Any]]
    """The services by name."""


def load_images(path: Path, exists: Callable[[str], bool]) -> Mapping[str, ImageEntry]:
    """The images of the services that have one, by the service's name.

    `exists` tells whether the tree has a file. Raises ServicesError.
    """
    problems, file = _read(path)
    found = dict[str, ImageEntry]()
    for name, fields in file.services.items():
        if fields.get("image") is None:
            continue
        place = ("services", name, "image")
        try:
            entry = ImageEntry.model_validate(fields["image"])
        except ValidationError as error:
            problems.add_all(place, ImageEntry, error)
            continue
        if not exists(entry.dockerfile):
            problems.add((*place, "dockerfile"), f"no file {entry.dockerfile!r} in the tree; correct the path")
        found[name] = entry
    if not found and not problems:
        problems.add(("services",), "no service has an image; add `image: {dockerfile: PATH}` to one")
    if problems:
        raise problems.error
    return found


def _read(path: Path) -> tuple[Problems, ServicesFile]:
    try:
        text = read_yaml(path, "--services")
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
