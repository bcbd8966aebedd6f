"""Status of a stage on a date, and severity of a failing check."""

from __future__ import annotations

from enum import StrEnum


class Status(StrEnum):
    """Result of comparing a stage with a date's slate."""

    AVAILABLE = "AVAILABLE"
    NO_GAMES = "NO_GAMES"
    BOOTSTRAP = "BOOTSTRAP"
    NOT_DUE = "NOT_DUE"
    HALTED = "HALTED"
    PARTIAL_DATA = "PARTIAL_DATA"
    MISSING_DATA = "MISSING_DATA"
    BAD_DATA = "BAD_DATA"
    UNKNOWN_SCHEDULE = "UNKNOWN_SCHEDULE"
    SUSPECT_JOIN = "SUSPECT_JOIN"

    @property
    def passes(self) -> bool:
        """Whether the check passes with this status."""
        return self in _PASSING

    @property
    def owes_nothing(self) -> bool:
        """Whether no data was due."""
        return self in _OWING_NOTHING


_PASSING = frozenset({Status.AVAILABLE, Status.NO_GAMES, Status.BOOTSTRAP, Status.NOT_DUE, Status.HALTED})


_OWING_NOTHING = frozenset({Status.NO_GAMES, Status.BOOTSTRAP, Status.HALTED, Status.UNKNOWN_SCHEDULE})


class Severity(StrEnum):
    """How urgent a failing check is."""

    WARN = "WARN"
    ERROR = "ERROR"
