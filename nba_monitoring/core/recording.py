"""Record a date's verdict: the row of the history that it becomes, with its stages'."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from nba_monitoring.core.games import Game
from nba_monitoring.core.record import (
    RECORD_VERSION,
    BytesRead,
    CheckRecord,
    Detail,
    Exclusion,
    GameSeen,
    Mute,
    MuteInForce,
    SourceSeen,
    StageSeen,
)
from nba_monitoring.core.slate.slate import ExpectedGame
from nba_monitoring.core.stage_record import StageCheck, StageDetail, Trigger
from nba_monitoring.core.stage_verdict import StageVerdict
from nba_monitoring.core.stages import PHASE4, Due
from nba_monitoring.core.unit_verdict import UnitVerdict
from nba_monitoring.core.verdict import DateVerdict


def record_of(
    verdict: DateVerdict,
    run_id: str,
    trigger: Trigger,
    mute: Mute | None = None,
    is_clock_real: bool = True,
    bytes_read: BytesRead | None = None,
) -> CheckRecord:
    """The row for a run's verdict, with the mute in force, whether the clock was real, and the cost."""
    slate, phase4 = verdict.slate, verdict.stages[PHASE4]
    check_id = f"{verdict.day}_{run_id}"
    return CheckRecord(
        check_date=verdict.day,
        check_time=verdict.checked_at,
        scheduled_games=phase4.expected,
        phase4_ready=phase4.ready,
        status=phase4.status,
        severity=phase4.severity,
        check_id=check_id,
        run_id=run_id,
        trigger=trigger,
        missing_games=_games(phase4.missing),
        partial_games=_games(phase4.partial),
        excluded_games=tuple(entry.game for entry in slate.excluded),
        first_tip_at=slate.first_tip_at,
        detail=_detail(
            verdict, phase4, _stages(verdict, check_id, run_id, trigger, is_clock_real), mute, is_clock_real, bytes_read
        ),
        first_broken=verdict.first_broken,
    )


def _games(units: Sequence[UnitVerdict]) -> tuple[Game, ...]:
    return tuple(unit.entry.game for unit in units if unit.entry is not None)


def _detail(
    verdict: DateVerdict,
    phase4: StageVerdict,
    stages: Mapping[str, StageCheck],
    mute: Mute | None,
    is_clock_real: bool,
    bytes_read: BytesRead | None,
) -> Detail:
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
        not_counted=slate.not_counted,
        stages=stages,
        not_watched=tuple(stage.name for stage in verdict.table if stage.name not in verdict.stages),
        mute=None if mute is None else MuteInForce(mute.reason or "", mute.set_at, mute.until, mute.by),
        is_live=verdict.is_live,
        is_clock_real=is_clock_real,
        bytes_read=bytes_read,
        version=RECORD_VERSION,
    )


def _stages(
    verdict: DateVerdict, check_id: str, run_id: str, trigger: Trigger, is_clock_real: bool
) -> Mapping[str, StageCheck]:
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
            check_id=check_id,
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
                is_uncertain=found.is_uncertain,
                orphan_of=orphans.get(name),
                usually_by=found.usually_by,
                nearly_always_by=found.nearly_always_by,
                is_clock_real=is_clock_real,
            ),
        )
        for name, found in verdict.stages.items()
    }


def _game(unit: UnitVerdict, entry: ExpectedGame) -> GameSeen:
    return GameSeen(unit.rows, unit.usable_keys, unit.reason, entry.tip_at, entry.witnesses)
