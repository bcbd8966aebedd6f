"""What should be told of what was planted, by the contract's sentences: when first, how urgently, how it ends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from nba_monitoring_tests.season_machine.calendar import Game
from nba_monitoring_tests.season_machine.clock import DAY, HALF_HOUR, eastern, morning, next_look, results_deadline

URGENT = timedelta(hours=3)
ALWAYS_ERROR = frozenset({"UNKNOWN_SCHEDULE", "SUSPECT_JOIN"})


@dataclass(frozen=True)
class Planted:
    """A fault as it was planted, or something odd that is none (`status` is None)."""

    kind: str
    day: date
    stage: str = ""
    status: str | None = None
    is_results: bool = False  # told on the morning after
    due: datetime | None = None  # UTC, from when on it is wrong
    # The games that it concerns: those that lack their rows, or all of the date where teams, the date or a rule does.
    games: Sequence[Game] = ()
    mended: datetime | None = None  # UTC, when the last of the rows came that are needed
    excused: datetime | None = None  # UTC, when the platform said that it had stopped on purpose
    missing: Sequence[str] = ()
    partial: Sequence[str] = ()
    note: str = field(default="", compare=False)

    @property
    def answer(self) -> Answer | None:
        """What is to be told of it; None where nothing is."""
        return None if self.status is None else Answer(self)


@dataclass(frozen=True)
class Window:
    """From when and until when a message may come (UTC, both included)."""

    first: datetime
    last: datetime

    def __contains__(self, instant: datetime) -> bool:
        return self.first <= instant <= self.last


@dataclass(frozen=True)
class Answer:
    """What is to be told of a fault. Looks come every half hour from 8:00 AM Pacific on, and may come more often."""

    planted: Planted

    @property
    def incident_id(self) -> str:
        return f"nba-{self.planted.day}" + ("-results" if self.planted.is_results else "")

    @property
    def first(self) -> Window:
        """When it is told: at the first look at which it is wrong."""
        assert self.planted.due is not None
        begin = self._first_look
        wrong = max(self.planted.due, begin)
        return Window(wrong, next_look(wrong, begin))

    @property
    def deadline(self) -> datetime:
        """The last tip-off of what is uncovered (UTC), the end of a date whose games nobody knows, or the end of the
        morning after."""
        if self.planted.is_results:
            return results_deadline(self.planted.day)
        return max((game.tip for game in self.planted.games), default=eastern(self.planted.day, 24))

    @property
    def end(self) -> tuple[str, Window]:
        """How it ends, and when that is told."""
        for reason, at in (("excused", self.planted.excused), ("recovered", self.planted.mended)):
            if at is not None and at <= self.deadline:
                # What came after the last look, yet in time, is seen by one more.
                return reason, Window(at, max(next_look(at, self._first_look), self.first.last))
        return "too late", Window(self.deadline, self.deadline + HALF_HOUR)

    @property
    def came_late(self) -> Window | None:
        """When it is told that the rows came after the end, where another look at the date sees them."""
        mended, last_look = self.planted.mended, morning(self.planted.day + DAY)
        if self.planted.is_results or mended is None or not self.deadline < mended <= last_look:
            return None
        return Window(mended, last_look)

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
    def _first_look(self) -> datetime:
        return morning(self.planted.day + DAY if self.planted.is_results else self.planted.day)
