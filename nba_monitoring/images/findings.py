"""What is wrong with an image: each problem in the words of Python, and the findings, with their remedy."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What can't be imported, or copied."""

    MODULE = "module"
    DISTRIBUTION = "distribution"
    RELATIVE = "relative"
    SYNTAX = "syntax"
    COPY_SOURCE = "copy_source"


@dataclass(frozen=True, slots=True)
class Problem:
    """An import that can't succeed. `error` is Python's message."""

    kind: Kind
    missing: str
    file: str
    line: int
    error: str
    names: frozenset[str]
    """The names of the exceptions that catch it."""
    wanted: str = ""
    """The whole name that was to be imported."""


ERRORS = frozenset({"Exception", "BaseException"})
IMPORT_ERRORS = ERRORS | {"ImportError"}
NOT_FOUND = IMPORT_ERRORS | {"ModuleNotFoundError"}


class When(StrEnum):
    """When something can't succeed."""

    BUILD = "build"
    BOOT = "boot"
    CALL = "call"
    OPTIONAL = "optional"


class ImageStatus(StrEnum):
    """The verdict on an image."""

    COMPLETE = "COMPLETE"
    SWITCHED_OFF = "SWITCHED_OFF"
    INCOMPLETE = "INCOMPLETE"
    UNREADABLE = "UNREADABLE"

    @property
    def passes(self) -> bool:
        """Whether the image can be deployed as it is."""
        return self is ImageStatus.COMPLETE

    @property
    def severity(self) -> str | None:
        """ERROR or WARN; None if it passes."""
        return None if self.passes else "ERROR" if self is ImageStatus.INCOMPLETE else "WARN"


_WORST = tuple(When)
_WORDS = {
    When.BUILD: "",
    When.BOOT: " at start",
    When.CALL: " when a request is served",
    When.OPTIONAL: " behind an except, so what it is for is switched off",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is missing. `where` is the first of its `places`, as `path:line`."""

    when: When
    kind: Kind
    missing: str
    where: str
    places: int
    fix: str
    error: str

    @property
    def text(self) -> str:
        """The finding as a sentence, and the remedy."""
        more = self.places - 1
        others = f", and {more} more place{'s' * (more > 1)}" if more else ""
        return f"{self.error}{_WORDS[self.when]} ({self.where}{others}). {self.fix}"


def status_of(findings: Iterable[Finding], is_readable: bool) -> ImageStatus:
    """The status of an image with these findings."""
    times = {finding.when for finding in findings}
    if times - {When.OPTIONAL}:
        return ImageStatus.INCOMPLETE
    if not is_readable:
        return ImageStatus.UNREADABLE
    return ImageStatus.SWITCHED_OFF if times else ImageStatus.COMPLETE


@dataclass(frozen=True, slots=True)
class Found:
    """A problem, and when it occurs."""

    when: When
    problem: Problem


def worst_first(found: Iterable[Found]) -> Sequence[Sequence[Found]]:
    """The problems by what is missing, each group with its worst time first, and the worst group first."""
    groups: dict[tuple[Kind, str], list[Found]] = {}
    for each in found:
        groups.setdefault((each.problem.kind, each.problem.missing), []).append(each)
    ordered = [sorted(group, key=lambda each: _WORST.index(each.when)) for group in groups.values()]
    return sorted(ordered, key=lambda group: _WORST.index(group[0].when))
