"""The alerts that a planted fault should lead to, by the contract: the first one, its severity, and the end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from nba_monitoring_tests.season_machine.calendar import Game
from nba_monitoring_tests.season_machine.clock import DAY, HALF_HOUR, eastern, morning, next_check, results_deadline

URGENT = timedelta(hours=3)
ALWAYS_ERROR = frozenset({"UNKNOWN_SCHEDULE", "SUSPECT_JOIN"})


@dataclass(frozen=True)
class Planted:
    """A fault as it was planted, or something odd that is none (`status` is None)."""

    kind: str
    day: date
    stage: str = ""
    status: str | None = None
    is_results: bool = False  # found on the morning after the games
    due: datetime | None = None  # UTC, from when on it is wrong
    # The affected games: those without their rows, or all of the date for a fault of teams, of the date or of a rule.
    games: Sequence[Game] = ()
    recovered: datetime | None = None  # UTC, when the last of the rows came that are needed
    excused: datetime | None = None  # UTC, when the platform recorded a halt
    missing: Sequence[str] = ()
    partial: Sequence[str] = ()
    is_without_problems: bool = False  # whether a check reports no problem with the schedule's tables
    service: str | None = None  # the failing one that explains it
    note: str = field(default="", compare=False)

    @property
    def answer(self) -> Answer | None:
        """The expected alerts; None if there should be none."""
        return None if self.status is None else Answer(self)


@dataclass(frozen=True)
class Window:
    """The earliest and latest instant of an alert (UTC, both included)."""

    first: datetime
    last: datetime

    def __contains__(self, instant: datetime) -> bool:
        return self.first <= instant <= self.last


@dataclass(frozen=True)
class Answer:
    """The expected alerts of a fault. Checks run every half hour from 8:00 AM Pacific on, or more often."""

    planted: Planted

    @property
    def incident_id(self) -> str:
        return f"nba-{self.planted.day}" + ("-results" if self.planted.is_results else "")

    @property
    def first(self) -> Window:
        """The first alert: at the first check that can find the fault."""
        assert self.planted.due is not None
        begin = self._first_check
        wrong = max(self.planted.due, begin)
        return Window(wrong, next_check(wrong, begin))

    @property
    def deadline(self) -> datetime:
        """The last uncovered tip-off (UTC), the end of a date whose games are not known, or the deadline of results."""
        if self.planted.is_results:
            return results_deadline(self.planted.day)
        return max((game.tip for game in self.planted.games), default=eastern(self.planted.day, 24))

    @property
    def end(self) -> tuple[str, Window]:
        """How the incident ends, and when that is reported."""
        for reason, at in (("excused", self.planted.excused), ("recovered", self.planted.recovered)):
            if at is not None and at <= self.deadline:
                # Rows that came after the last check and in time are found by one more.
                return reason, Window(at, max(next_check(at, self._first_check), self.first.last))
        return "too late", Window(self.deadline, self.deadline + HALF_HOUR)

    @property
    def came_late(self) -> Window | None:
        """The alert about rows that came after the end, if a later check of the date finds them; None if not."""
        recovered, last_check = self.planted.recovered, morning(self.planted.day + DAY)
        if self.planted.is_results or recovered is None or not self.deadline < recovered <= last_check:
            return None
        return Window(recovered, last_check)

    @property
    def turns_urgent(self) -> datetime | None:
        """From when on (UTC) it is an ERROR; None where it always is."""
        planted = self.planted
        if planted.is_results or planted.status in ALWAYS_ERROR or not planted.games:
            return None
        return min(game.tip for game in planted.games) - URGENT

    def severity(self, at: datetime) -> str:
        """WARN while the first uncovered game is more than three hours away, ERROR from then on."""
        urgent = self.turns_urgent
        return "WARN" if urgent is not None and at < urgent else "ERROR"

    @property
    def _first_check(self) -> datetime:
        return morning(self.planted.day + DAY if self.planted.is_results else self.planted.day)
