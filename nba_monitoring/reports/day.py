"""A date as the morning page opens with it: ready or not in one word, and a row per game with a mark per stage."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from nba_monitoring.core.counting import WHOLE_DATE
from nba_monitoring.core.games import Game
from nba_monitoring.core.incidents import deadline
from nba_monitoring.core.record import CheckRecord
from nba_monitoring.core.stage_record import StageCheck
from nba_monitoring.core.stages import Due, StageTable
from nba_monitoring.core.status import Status
from nba_monitoring.core.words import day_off, first_few, halted, not_due, not_expected
from nba_monitoring.reports.checks import MOST_REASONS, lacking


class Readiness(StrEnum):
    """Whether the stages of a date are ready, in one word."""

    READY = "Ready"
    NOT_READY = "Not ready"
    NOT_YET = "Not yet"
    NO_GAMES = "No games"
    NOTHING_DUE = "Nothing due"  # halted, or early in the season
    NOT_CHECKED = "Not checked"


@dataclass(frozen=True, slots=True)
class GameRow:
    """A game, and the status of each stage for it."""

    game: Game
    tip_at: datetime | None  # UTC; None if no source knows it
    statuses: Sequence[Status]  # one per stage of the day


@dataclass(frozen=True, slots=True)
class Day:
    """The newest check of a date, as far as it concerns the stages with one due time."""

    day: date
    due: Due
    record: CheckRecord | None  # None: not checked
    stages: Sequence[StageCheck]  # in pipeline order
    games: Sequence[GameRow]  # by tip-off
    reasons: Sequence[str]  # why it is not ready, one sentence each

    @property
    def readiness(self) -> Readiness:
        """Whether the stages are ready."""
        statuses = [check.status for check in self.stages]
        if not statuses:
            return Readiness.NOT_CHECKED
        if not all(status.passes for status in statuses):
            return Readiness.NOT_READY
        if all(status is Status.NO_GAMES for status in statuses):
            return Readiness.NO_GAMES
        if Status.NOT_DUE in statuses:
            return Readiness.NOT_YET
        return Readiness.READY if Status.AVAILABLE in statuses else Readiness.NOTHING_DUE

    @property
    def first_tip_at(self) -> datetime | None:
        """The first tip-off of the expected games (UTC); None if there is none, or it is unknown."""
        return None if self.record is None else self.record.first_tip_at

    @property
    def deadline(self) -> datetime | None:
        """The end of the time to act (UTC): the last tip-off of a game that lacks something, or of all; for results,
        their deadline. None without games.
        """
        lacking = [row for row in self.games if any(not status.passes for status in row.statuses)]
        tips = [row.tip_at for row in lacking or self.games]
        return deadline(self.day, self.due, tips) if tips else None

    @property
    def notes(self) -> Sequence[str]:
        """What else a person should know of the date."""
        if self.record is None:
            return ()
        excluded = {game: found.why for game, found in self.record.detail.excluded.items()}
        return [*not_expected(excluded), *self.record.detail.notes]


def day_of(day: date, due: Due, record: CheckRecord | None, table: StageTable) -> Day:
    """A date of which `record` is the newest check."""
    if record is None:
        return Day(day, due, None, (), (), ())
    stages = list(record.stages_due(due).values())
    seen = sorted(record.detail.games.items(), key=lambda item: (item[1].tip_at is None, item[1].tip_at, item[0]))
    games = [GameRow(game, found.tip_at, [status_for(check, game) for check in stages]) for game, found in seen]
    return Day(day, due, record, stages, games, list(_reasons(stages, table, record)))


def status_for(check: StageCheck, game: Game) -> Status:
    """A stage's status for one game. A stage counted by date, and a rule that fails, concern each game."""
    units = {game.id, game.away, game.home, WHOLE_DATE}
    lacks_some = check.status in (Status.MISSING_DATA, Status.PARTIAL_DATA, Status.NOT_DUE)
    if not lacks_some or not (check.missing or check.partial):
        return check.status
    for status, lacked in ((Status.MISSING_DATA, check.missing), (Status.PARTIAL_DATA, check.partial)):
        if units & set(lacked):
            return check.status if check.status.passes else status
    return Status.AVAILABLE


def _reasons(stages: Sequence[StageCheck], table: StageTable, record: CheckRecord) -> Iterable[str]:
    def title(check: StageCheck) -> str:
        return table[check.stage].title if check.stage in table else check.stage

    failing = [check for check in stages if not check.status.passes]
    waiting = [check for check in failing if check.detail.is_consequence]
    for check in failing:
        if check not in waiting:
            first = " (first broken)" if check.is_first_broken else ""
            why = "; ".join([*first_few(lacking(check), MOST_REASONS), *check.causes]) or check.status.value
            yield f"{title(check)}{first}: {why}"
    if waiting:
        yield f"Downstream: {', '.join(map(title, waiting))}"
    for check in stages:
        if check.status is Status.NOT_DUE and check.due_at is not None:
            yield f"{title(check)}: {not_due(check.due_at, check.check_date)}"
        if check.status is Status.HALTED:
            halt = check.detail.halt
            yield f"{title(check)}: {halted(halt.reason if halt else None, halt.since if halt else None)}"
    if any(check.status is Status.BOOTSTRAP for check in stages):
        early = [title(check) for check in stages if check.status is Status.BOOTSTRAP]
        yield f"Early in the season, nothing is due: {', '.join(early)}"
    if record.detail.off_day_proof and all(check.status is Status.NO_GAMES for check in stages):
        yield day_off(record.detail.off_day_proof)
