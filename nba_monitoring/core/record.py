"""A date's verdict as a row of the history table, which the check's evaluation also carries to the alerts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import Field, SerializerFunctionWrapHandler, WrapSerializer

from nba_monitoring.core.bytes_read import BytesRead
from nba_monitoring.core.codec import GameId, Instant, UnreadableError, from_json_values, to_json_values
from nba_monitoring.core.coverage import UnmatchedRows
from nba_monitoring.core.eastern import game_date
from nba_monitoring.core.games import Game
from nba_monitoring.core.mutes import Mute
from nba_monitoring.core.slate.health import Freshness
from nba_monitoring.core.slate.slate import ExpectedGame
from nba_monitoring.core.slate.sources import SourceKind
from nba_monitoring.core.stage_record import StageCheck, StageDetail, Trigger
from nba_monitoring.core.stage_verdict import StageVerdict, UnitVerdict
from nba_monitoring.core.stages import PHASE4, Due
from nba_monitoring.core.status import Severity, Status
from nba_monitoring.core.verdict import DateVerdict

# The version of `detail`. CHANGELOG.md says what each one added; fields that older versions lack have a default.
RECORD_VERSION = 4

# What the stages' entries in a date's row leave out, because the row has it; and their name, which is their key.
_OF_THE_DATE = ("check_date", "check_time", "check_id", "run_id", "trigger")


def _without_the_dates(stages: Mapping[str, StageCheck], handler: SerializerFunctionWrapHandler) -> Any:
    return {
        name: {field: value for field, value in values.items() if field not in (*_OF_THE_DATE, "stage")}
        for name, values in handler(stages).items()
    }


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
class MuteInForce:
    """The mute in force at the check."""

    reason: str
    set_at: Instant
    until: Instant | None = None
    by: str | None = None

    @property
    def summary(self) -> str:
        """Its reason and author: 'rebuilt until noon (Ann)'."""
        return f"{self.reason} ({self.by})" if self.by else self.reason


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
    def from_verdict(
        cls,
        verdict: DateVerdict,
        run_id: str,
        trigger: Trigger,
        mute: Mute | None = None,
        is_clock_real: bool = True,
        bytes_read: BytesRead | None = None,
    ) -> CheckRecord:
        """The row for a run's verdict, with the mute in force, whether the clock was real, and the cost."""
        slate, phase4 = verdict.slate, verdict.stages[PHASE4]
        return cls(
            check_date=verdict.day,
            check_time=verdict.checked_at,
            scheduled_games=phase4.expected,
            phase4_ready=phase4.ready,
            status=phase4.status,
            severity=phase4.severity,
            check_id=_check_id(verdict, run_id),
            run_id=run_id,
            trigger=trigger,
            missing_games=_games(phase4.missing),
            partial_games=_games(phase4.partial),
            excluded_games=tuple(entry.game for entry in slate.excluded),
            first_tip_at=slate.first_tip_at,
            detail=replace(
                _detail(verdict, phase4, mute, is_clock_real),
                stages=_stages(verdict, run_id, trigger, is_clock_real),
                bytes_read=bytes_read,
            ),
            first_broken=verdict.first_broken,
        )

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
    def uncovered_games(self) -> tuple[Game, ...]:
        """Missing and partial games."""
        return (*self.missing_games, *self.partial_games)

    @property
    def summary(self) -> str:
        """The verdict in a line: '2026-01-18 MISSING_DATA: 0 of 6 games ready; missing BKN@CHI, ...'."""
        line = f"{self.check_date} {self.status}: {self.phase4_ready} of {self.scheduled_games} games ready"
        for word, games in (("missing", self.missing_games), ("partial", self.partial_games)):
            if games:
                line += f"; {word} {', '.join(game.matchup for game in games)}"
        return line


def _games(units: Sequence[UnitVerdict]) -> tuple[Game, ...]:
    return tuple(unit.entry.game for unit in units if unit.entry is not None)


def _detail(verdict: DateVerdict, phase4: StageVerdict, mute: Mute | None, is_clock_real: bool) -> Detail:
    slate, coverage = verdict.slate, phase4.coverage
    return Detail(
        games={unit.entry.game: _game(unit, unit.entry) for unit in phase4.units if unit.entry is not None},
        stage=StageSeen(coverage.total_rows, coverage.written_at),
        unmatched_rows=coverage.unmatched,
        warnings=phase4.warnings,
        excluded={
            entry.game: Exclusion(entry.reason.value, entry.moved_to, entry.witnesses) for entry in slate.excluded
        },
        off_day_proof=slate.off_day_proof,
        season_opener=slate.opener,
        sources={
            source.source: SourceSeen(
                source.kind, source.games, source.freshness, source.newest_game, source.scraped_at, source.reason
            )
            for source in slate.sources
        },
        disagreements=slate.disagreements,
        problems=slate.problems,
        unreadable=slate.unreadable,
        not_watched=tuple(stage.name for stage in verdict.table if stage.name not in verdict.stages),
        mute=None if mute is None else MuteInForce(mute.reason or "", mute.set_at, mute.until, mute.by),
        is_live=verdict.is_live,
        is_clock_real=is_clock_real,
        version=RECORD_VERSION,
    )


def _stages(verdict: DateVerdict, run_id: str, trigger: Trigger, is_clock_real: bool) -> Mapping[str, StageCheck]:
    first_broken = {verdict.first_broken_of(due) for due in Due}
    downstream = {found.stage.name for found in verdict.downstream}
    orphans = {orphan.stage: orphan.upstream for orphan in verdict.orphans}
    return {
        name: StageCheck(
            check_date=verdict.day,
            check_time=verdict.checked_at,
            stage=name,
            status=found.status,
            severity=found.severity,
            check_id=_check_id(verdict, run_id),
            run_id=run_id,
            trigger=trigger,
            expected=found.expected,
            ready=found.ready,
            missing=tuple(unit.name for unit in found.missing),
            partial=tuple(unit.name for unit in found.partial),
            due_at=found.due_at,
            written_at=found.coverage.written_at,
            is_first_broken=name in first_broken,
            detail=StageDetail(
                due=found.stage.due_by,
                is_live=found.is_live,
                rows=found.coverage.total_rows,
                is_unreadable=found.coverage.unreadable is not None,
                reasons={unit.name: unit.reason for unit in found.units if unit.reason},
                findings=found.findings,
                warnings=found.warnings,
                halt=found.halt,
                is_consequence=name in downstream,
                is_broken_by_schedule=found.is_broken_by_schedule,
                orphan_of=orphans.get(name),
                usually_by=found.usually_by,
                nearly_always_by=found.nearly_always_by,
                is_clock_real=is_clock_real,
            ),
        )
        for name, found in verdict.stages.items()
    }


def _check_id(verdict: DateVerdict, run_id: str) -> str:
    return f"{verdict.day}_{run_id}"


def _game(unit: UnitVerdict, entry: ExpectedGame) -> GameSeen:
    return GameSeen(unit.rows, unit.usable_keys, unit.reason, entry.tip_at, entry.witnesses)
