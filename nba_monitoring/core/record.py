"""A date's verdict as a row of the history table, which the check's evaluation also carries to the alerts."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Annotated, Any

from pydantic import Field, SerializerFunctionWrapHandler, WrapSerializer

from nba_monitoring.core.codec import GameId, Instant, UnreadableError, from_json_values, to_json_values
from nba_monitoring.core.coverage import UnmatchedRows
from nba_monitoring.core.eastern import game_date
from nba_monitoring.core.games import Game
from nba_monitoring.core.scheduler_job import JobSeen
from nba_monitoring.core.slate.health import Freshness
from nba_monitoring.core.slate.sources import SourceKind
from nba_monitoring.core.stage_record import StageCheck, StageDetail, Trigger
from nba_monitoring.core.stages import PHASE4, Due
from nba_monitoring.core.status import Severity, Status

# The version of `detail`. CHANGELOG.md says what each one added; fields that older versions lack have a default.
RECORD_VERSION = 4

# What the stages' entries in a date's row leave out, because the row has it; and their name, which is their key.
_OF_THE_DATE = ("check_date", "check_time", "check_id", "run_id", "trigger")


def _without_the_dates(stages: Mapping[str, StageCheck], handler: SerializerFunctionWrapHandler) -> Any:
    found: dict[str, dict[str, Any]] = handler(stages)
    for values in found.values():
        for name in (*_OF_THE_DATE, "stage"):
            del values[name]
    return found


Stages = Annotated[Mapping[str, StageCheck], WrapSerializer(_without_the_dates)]


@dataclass(frozen=True, slots=True)
class GameSeen:
    """One expected game, and the stage's rows for it."""

    rows: int = 0
    usable_rows: int = 0
    reason: str | None = None  # what is wrong; None if the game is covered
    tip_at: Instant | None = None
    witnesses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StageSeen:
    """The stage's rows for the whole date."""

    rows: int = 0
    written_at: Instant | None = None


@dataclass(frozen=True, slots=True)
class Exclusion:
    """Why a listed game is not expected, and which sources say so."""

    reason: str
    moved_to: date | None = None
    witnesses: tuple[str, ...] = ()

    @property
    def why(self) -> str:
        """'postponed', 'moved to another date to 2026-01-25'."""
        return f"{self.reason}{f' to {self.moved_to}' if self.moved_to else ''}"


@dataclass(frozen=True, slots=True)
class SourceSeen:
    """What one schedule source reported for the date."""

    kind: SourceKind
    games: int
    freshness: Freshness
    newest_game: date | None = None
    scraped_at: Instant | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class BytesRead:
    """Bytes that a run's queries read and are billed for: at least 10 MB per table and query, none if cached."""

    queries: int = 0
    processed: int = 0
    billed: int = 0

    def plus(self, processed: int | None, billed: int | None) -> BytesRead:
        """The sum with one more query. None, as for a statement that changes no rows, counts as 0."""
        return BytesRead(self.queries + 1, self.processed + (processed or 0), self.billed + (billed or 0))


@dataclass(frozen=True, slots=True)
class Mute:
    """One mute of a date, or the end of one."""

    day: date
    set_at: datetime  # UTC
    until: datetime | None  # UTC; None: to the end of the date
    reason: str | None  # None if it ends a mute
    by: str | None = None  # None if nobody gave a name

    @property
    def summary(self) -> str:
        """Its reason and author: 'rebuilt until noon (Ann)'."""
        return _mute_summary(self.reason or "", self.by)


def _mute_summary(reason: str, by: str | None) -> str:
    return f"{reason} ({by})" if by else reason


def mute_in_force(mutes: Iterable[Mute], now: datetime) -> Mute | None:
    """The newest of a date's mutes, unless it was ended or has expired."""
    newest = max(mutes, key=lambda mute: mute.set_at, default=None)
    if newest is None or newest.reason is None:
        return None
    return newest if newest.until is None or now < newest.until else None


@dataclass(frozen=True, slots=True)
class MuteInForce:
    """The mute in force at the check."""

    reason: str
    set_at: Instant
    until: Instant | None = None
    by: str | None = None

    @property
    def summary(self) -> str:
        """Its reason and author: 'rebuilt until noon (Ann)'."""
        return _mute_summary(self.reason, self.by)


@dataclass(frozen=True, slots=True)
class Detail:
    """What the other columns leave out. Every field has a default, so that older rows can be read."""

    games: Mapping[GameId, GameSeen] = field(default_factory=dict)
    stage: Annotated[StageSeen, Field(alias="phase")] = field(default_factory=StageSeen)
    unmatched_rows: tuple[UnmatchedRows, ...] = ()
    warnings: tuple[str, ...] = ()
    excluded: Mapping[GameId, Exclusion] = field(default_factory=dict)
    off_day_proof: str | None = None
    season_opener: date | None = None
    sources: Mapping[str, SourceSeen] = field(default_factory=dict)
    disagreements: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    unreadable: tuple[str, ...] = ()  # problems that may hide a game
    not_counted: str | None = None  # which of the date's games the settings leave out; version 4
    stages: Stages = field(default_factory=dict)  # in pipeline order; versions 1 and 2 had none
    not_watched: tuple[str, ...] = ()  # stages without a table in the embedded warehouse
    mute: MuteInForce | None = None
    is_live: bool | None = None  # whether there is time to act; version 1 left it to the dates
    is_clock_real: bool = True  # False for a check with --now or --as-of, which version 1 did not mark
    bytes_read: BytesRead | None = None  # by the run so far, for all of its dates; None if nothing is billed
    version: int = 1

    @property
    def notes(self) -> tuple[str, ...]:
        """Everything that a person should check, whatever the status."""
        return (*self.warnings, *self.problems, *self.disagreements)


@dataclass(frozen=True, slots=True)
class CheckRecord:
    """One row of `nba_monitoring.data_availability_checks`: Phase 4's part of a date's verdict, and the date's.

    Field names and order are the table's columns. `detail` is stored as JSON text. `check_id` is the same for the same
    date in the same run, so that a retried step adds nothing. All but the first five columns have a default.
    """

    check_date: date
    check_time: Instant
    scheduled_games: int
    phase4_ready: int
    status: Status
    severity: Severity | None = None
    check_id: str = ""
    run_id: str = ""
    trigger: Trigger = Trigger.MANUAL
    missing_games: tuple[GameId, ...] = ()
    partial_games: tuple[GameId, ...] = ()
    excluded_games: tuple[GameId, ...] = ()
    first_tip_at: Instant | None = None
    detail: Detail = field(default_factory=Detail)
    first_broken: str | None = None

    @classmethod
    def from_values(cls, values: Mapping[str, Any]) -> CheckRecord:
        """The record of JSON values or of a table's row of any version.

        A NULL column counts as left out, and a failing verdict without a severity as ERROR: better a needless alert
        than a missing one. Raises UnreadableError.
        """
        given = {name: value for name, value in values.items() if value is not None}
        detail = given.get("detail")
        version = detail.get("version", 1) if isinstance(detail, Mapping) else 1
        if isinstance(detail, Mapping) and isinstance(stages := detail.get("stages"), Mapping):
            of_the_date = {name: given[name] for name in _OF_THE_DATE if name in given}
            whole = {
                name: {**part, **of_the_date, "stage": name} if isinstance(part, Mapping) else part
                for name, part in stages.items()
            }
            given["detail"] = {**detail, "stages": whole}
        try:
            record = from_json_values(cls, given)
        except UnreadableError as error:
            if isinstance(version, int) and version > RECORD_VERSION:
                raise UnreadableError(
                    f"written by a newer version of the monitor (record version {version}, "
                    f"this one reads up to {RECORD_VERSION}): {error}"
                ) from None
            raise
        if record.severity is None and not record.status.passes:
            return replace(record, severity=Severity.ERROR)
        return record

    def to_json_values(self) -> dict[str, Any]:
        """The row as JSON values: dates and instants in ISO 8601, games as ids, the columns as keys."""
        return to_json_values(self)

    @property
    def is_live(self) -> bool:
        """Whether there was time to act: the date was still to be played, or in play, at the check."""
        if self.detail.is_live is None:
            return self.check_date >= game_date(self.check_time)
        return self.detail.is_live

    def stands_at(self, now: datetime) -> bool:
        """Whether this check counts for its date at `now` (UTC): it was made by the real clock, and before.

        A check later than now was made on a machine whose clock was ahead.
        """
        return self.detail.is_clock_real and self.check_time <= now

    @property
    def stages(self) -> Mapping[str, StageCheck]:
        """Each stage's part, by name in pipeline order; only Phase 4's in a record of versions 1 and 2."""
        if self.detail.stages:
            return self.detail.stages
        return {
            PHASE4: StageCheck(
                check_date=self.check_date,
                check_time=self.check_time,
                stage=PHASE4,
                status=self.status,
                severity=self.severity,
                check_id=self.check_id,
                run_id=self.run_id,
                trigger=self.trigger,
                expected=self.scheduled_games,
                ready=self.phase4_ready,
                missing=tuple(game.id for game in self.missing_games),
                partial=tuple(game.id for game in self.partial_games),
                written_at=self.detail.stage.written_at,
                is_first_broken=not self.status.passes,
                detail=StageDetail(
                    is_live=self.is_live,
                    rows=self.detail.stage.rows,
                    reasons={game.id: seen.reason for game, seen in self.detail.games.items() if seen.reason},
                    warnings=self.detail.warnings,
                ),
            )
        }

    def stages_due(self, due: Due) -> Mapping[str, StageCheck]:
        """The parts of the stages with one due time."""
        return {name: check for name, check in self.stages.items() if check.detail.due is due}

    @property
    def alerting_stage(self) -> str | None:
        """The first broken stage that there is still time to fix; None if the schedule is broken or the date muted."""
        if self.detail.mute is not None:
            return None
        broken = (name for name, check in self.stages.items() if check.is_first_broken and check.detail.is_live)
        return next((name for name in broken if not self.stages[name].is_broken_by_schedule), None)

    def with_job(self, stage: str, seen: JobSeen | None, takes: timedelta | None = None) -> CheckRecord:
        """With what was seen of the job that fills one of its stages, and how long that usually takes."""
        check = self.stages[stage]
        minutes = None if takes is None else math.ceil(takes / timedelta(minutes=1))
        changed = replace(check, detail=replace(check.detail, job=seen, takes_minutes=minutes))
        return replace(self, detail=replace(self.detail, stages={**self.stages, stage: changed}))

    @property
    def uncovered_games(self) -> tuple[Game, ...]:
        """Missing and partial games."""
        return (*self.missing_games, *self.partial_games)

    @property
    def summary(self) -> str:
        """The verdict in one line: '2026-01-18 MISSING_DATA: 0 of 6 games ready; missing BKN@CHI, ...'."""
        line = f"{self.check_date} {self.status}: {self.phase4_ready} of {self.scheduled_games} games ready"
        for word, games in (("missing", self.missing_games), ("partial", self.partial_games)):
            if games:
                line += f"; {word} {', '.join(game.matchup for game in games)}"
        return line
