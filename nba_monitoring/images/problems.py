"""What can go wrong in an image."""

from __future__ import annotations

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
