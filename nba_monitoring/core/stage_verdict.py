"""The verdict on one stage on one date: which units it should have, which it has, and what its rules find."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from nba_monitoring.core.counting import WHOLE_DATE, Unit
from nba_monitoring.core.coverage import Coverage, UnitKey, UnitRows
from nba_monitoring.core.eastern import earliest_tip, game_date, results_deadline
from nba_monitoring.core.rules.base import Finding, Halt, Level, RuleInput
from nba_monitoring.core.slate.slate import ExpectedGame, Slate
from nba_monitoring.core.stages import Due, LateAfter, Stage
from nba_monitoring.core.status import Severity, Status
from nba_monitoring.core.unit_verdict import UnitVerdict, judge_units
from nba_monitoring.core.usual_arrival import UsualArrival
from nba_monitoring.core.words import count, gaps

# In the last three hours before the first uncovered tip-off there is hardly time left to act.
ERROR_BEFORE_TIP = timedelta(hours=3)


@dataclass(frozen=True, slots=True)
class StageInput(RuleInput):
    """What is judged of one stage on one date: the input of its rules, and what excuses or dates a failure."""

    stage: Stage
    halt: Halt | None = None
    unreadable: tuple[str, ...] = ()  # what could not be read besides the stage's own table, one sentence each
    usual: UsualArrival | None = None  # None if unknown, or of no use for a date that is long over


@dataclass(frozen=True, slots=True)
class StageVerdict:
    """The verdict on one stage on one date."""

    stage: Stage
    status: Status
    severity: Severity | None  # None where it passes
    is_live: bool  # there is time to act: its games are still to be played, or the results deadline is ahead
    expected: int  # of what the stage is counted by: games, teams, or the keys of a whole date
    ready: int  # of the same
    units: tuple[UnitVerdict, ...]
    due_at: datetime  # UTC
    coverage: Coverage
    findings: tuple[Finding, ...] = ()
    warnings: tuple[str, ...] = ()
    halt: Halt | None = None
    usual: UsualArrival | None = None

    @property
    def passes(self) -> bool:
        """Whether the stage's check passes."""
        return self.status.passes

    @property
    def missing(self) -> tuple[UnitVerdict, ...]:
        """Units without a usable row."""
        return tuple(unit for unit in self.units if unit.is_missing)

    @property
    def partial(self) -> tuple[UnitVerdict, ...]:
        """Units with too few usable rows."""
        return tuple(unit for unit in self.units if unit.is_partial)

    @property
    def is_broken_by_schedule(self) -> bool:
        """Whether it fails because the slate is unknown or hides a game, and not for its own rows."""
        if self.status is Status.UNKNOWN_SCHEDULE:
            return True
        return self.status is Status.PARTIAL_DATA and not any(unit.reason for unit in self.units)

    @property
    def is_uncertain(self) -> bool:
        """Whether it fails only for rows that were changed after the check: what they held then is unknown."""
        if self.passes or self.is_broken_by_schedule or not self.coverage.changed:
            return False
        failing = [unit for unit in self.units if unit.reason is not None]
        return all(unit.changed for unit in failing) or self.status is Status.SUSPECT_JOIN

    @property
    def usually_by(self) -> datetime | None:
        """When it is usually complete on the date (UTC): the median. None if unknown."""
        return None if self.usual is None else self.usual.usually_by(self.coverage.day)

    @property
    def nearly_always_by(self) -> datetime | None:
        """The same for 95% of the dates."""
        return None if self.usual is None else self.usual.nearly_always_by(self.coverage.day)

    @property
    def why(self) -> str:
        """Status and what is lacking, in one line: 'MISSING_DATA, missing for all 6 games'."""
        failing = [finding.text for finding in self.findings if finding.level is Level.FAIL]
        is_refused = self.status is Status.BAD_DATA and failing
        return f"{self.status}, {failing[0] if is_refused else self.lacking}"

    @property
    def lacking(self) -> str:
        """What is lacking: 'missing for 5 of 6 games, incomplete for 1', '12 players (at least 300 expected)'."""
        if not (self.missing or self.partial):
            return "a listed game can't be read" if self.is_broken_by_schedule else "complete"
        if self.stage.unit in (Unit.GAME, Unit.TEAM) and self.stage.least.per_unit is not None:
            return gaps(len(self.missing), len(self.partial), len(self.units), self.stage.unit)
        return f"{self.stage.number_of(self.ready)} (at least {self.expected:,} expected)"


def judge_stage(seen: StageInput, due_at: datetime, now: datetime) -> StageVerdict:
    """Compare a slate with a stage's rows for the same date. `now` is the time of the check (UTC), like `due_at`."""
    stage, slate, coverage = seen.stage, seen.slate, seen.coverage
    games = _games(seen)
    season_day = _season_day(slate)
    least = stage.least.on(season_day, len(games))
    units, expected, ready = judge_units(stage, games, least, coverage)
    findings: tuple[Finding, ...] = ()
    status = _without_games(slate, games) or _covered(stage, units, least, slate, coverage)
    # A stage without rows is missing, whatever its rules would find.
    if status is not Status.BOOTSTRAP and coverage.total_rows:
        rules = [rule for rule in stage.rules if games or rule.judges_days_off]
        findings = tuple(finding for rule in rules for finding in rule.judge(seen))
        if games:
            findings += _few(stage, units, ready, stage.least.warn_on(season_day, len(games)))
    if status is not Status.UNKNOWN_SCHEDULE:
        status = _excused(_with_rules(status, findings), seen, due_at, now)
    if status in (Status.NOT_DUE, Status.HALTED):
        # A stage that is not complete yet, or halted, breaks rules as a matter of course.
        findings = ()
    is_live = _is_live(stage, slate, now)
    return StageVerdict(
        stage=stage,
        status=status,
        severity=None if status.passes else _severity(status, games, units, slate, is_live, now),
        is_live=is_live,
        expected=expected,
        ready=ready,
        units=units,
        due_at=due_at,
        coverage=coverage,
        findings=findings,
        warnings=_warnings(stage, games, seen),
        halt=seen.halt if status is Status.HALTED else None,
        usual=seen.usual,
    )


def due_at(seen: StageInput) -> datetime:
    """When a stage is due by its entry: its due time, or its usual time if the entry says so and that is earlier."""
    stage, day = seen.stage, seen.slate.day
    at = stage.due.on(day, min((entry.tip_at for entry in _games(seen) if entry.tip_at), default=None))
    if stage.late_after is LateAfter.USUAL and seen.usual is not None:
        return min(at, seen.usual.nearly_always_by(day))
    return at


def owes_rows(seen: StageInput) -> bool:
    """Whether a stage must have rows for a date: it has games, is not in a season's first days, and not halted."""
    return bool(_games(seen)) and not _is_bootstrap(seen.stage, seen.slate) and seen.halt is None


def _games(seen: StageInput) -> Sequence[ExpectedGame]:
    """The expected games that the stage covers."""
    kinds = seen.stage.season_types
    return [
        entry
        for entry in seen.slate.expected
        if kinds is None or entry.season_type is None or entry.season_type in kinds
    ]


def _season_day(slate: Slate) -> int | None:
    return None if slate.opener is None else (slate.day - slate.opener).days


def _without_games(slate: Slate, games: Sequence[ExpectedGame]) -> Status | None:
    """The status if no game is expected; None if games are."""
    if games:
        return None
    return Status.NO_GAMES if slate.expected or slate.off_day_proof is not None else Status.UNKNOWN_SCHEDULE


def _covered(stage: Stage, units: Sequence[UnitVerdict], least: int, slate: Slate, coverage: Coverage) -> Status:
    matched = any(unit.rows for unit in units) or any(entry.game.key in coverage.units for entry in slate.excluded)
    if not matched and coverage.total_rows:
        return Status.SUSPECT_JOIN
    if not any(unit.usable_keys for unit in units) and (least == 0 or _is_bootstrap(stage, slate)):
        return Status.BOOTSTRAP
    if any(unit.is_missing for unit in units):
        return Status.MISSING_DATA
    # An unreadable listing may be a game, such as a play-in game before its teams are known.
    may_hide_a_game = stage.unit is Unit.GAME and bool(slate.unreadable)
    is_partial = may_hide_a_game or any(unit.is_partial for unit in units)
    return Status.PARTIAL_DATA if is_partial else Status.AVAILABLE


def _is_bootstrap(stage: Stage, slate: Slate) -> bool:
    day = _season_day(slate)
    return day is not None and day < stage.bootstrap_days


def _few(stage: Stage, units: Sequence[UnitVerdict], ready: int, warn: int) -> tuple[Finding, ...]:
    """Warn about units that pass but are below the usual number."""
    if stage.unit is Unit.TEAM and stage.least.per_unit is None:
        is_enough = all(unit.reason is None for unit in units)
        few = [stage.number_of(ready)] if is_enough and ready < warn else []
    else:
        low = [unit for unit in units if unit.reason is None and unit.usable_keys < warn]
        few = [
            stage.number_of(unit.usable_keys) if unit.name == WHOLE_DATE else f"{unit.name} {unit.usable_keys}"
            for unit in low
        ]
    if not few:
        return ()
    return (Finding("distinct_keys", Level.WARN, f"{', '.join(few)} (usually at least {stage.number_of(warn)})"),)


def _with_rules(status: Status, findings: Sequence[Finding]) -> Status:
    if status in (Status.AVAILABLE, Status.NO_GAMES) and any(finding.level is Level.FAIL for finding in findings):
        return Status.BAD_DATA
    return status


def _excused(status: Status, seen: StageInput, due_at: datetime, now: datetime) -> Status:
    """HALTED or NOT_DUE if either explains the failure, else `status`."""
    if status.passes:
        return status
    if seen.halt is not None and not any(rows.usable_keys for rows in seen.coverage.units.values()):
        return Status.HALTED
    return Status.NOT_DUE if now < due_at else status


def _is_live(stage: Stage, slate: Slate, now: datetime) -> bool:
    if stage.due_by is Due.MORNING_AFTER:
        return now < results_deadline(slate.day)
    return slate.day >= game_date(now)


def _severity(
    status: Status,
    games: Sequence[ExpectedGame],
    units: Sequence[UnitVerdict],
    slate: Slate,
    is_live: bool,
    now: datetime,
) -> Severity:
    if status in (Status.UNKNOWN_SCHEDULE, Status.SUSPECT_JOIN):
        return Severity.ERROR
    if not is_live:
        return Severity.WARN
    uncovered = [unit.entry for unit in units if unit.reason is not None and unit.entry is not None]
    is_hidden = status is Status.PARTIAL_DATA and not any(unit.reason for unit in units)
    if not uncovered and not is_hidden:
        # A stage counted by team or date, and a finding of a rule, concern every game.
        uncovered = list(games)
    # A hidden game may tip off at any time.
    first_tip = min((entry.tip_at or earliest_tip(slate.day) for entry in uncovered), default=earliest_tip(slate.day))
    return Severity.WARN if first_tip - now > ERROR_BEFORE_TIP else Severity.ERROR


def _warnings(stage: Stage, games: Sequence[ExpectedGame], seen: StageInput) -> tuple[str, ...]:
    """What no count shows: duplicates, rows that belong to no expected game, an unknown season."""
    slate, coverage = seen.slate, seen.coverage
    found = []
    held = coverage.units if stage.unit is Unit.GAME else {}
    for key in sorted(held, key=lambda key: held[key].ids):
        rows, game_id = held[key], coverage.matchups[key].id
        if len(rows.ids) > 1:
            ids = f"{len(rows.ids)} ids ({', '.join(rows.ids)})"
            found.append(f"{game_id}: rows under {ids}, {stage.number_of(rows.keys)} in all")
        if rows.repeats and not stage.repeats:
            found.append(f"{game_id}: {count(rows.rows, 'row')} for {stage.number_of(rows.keys)}; each counts once")
    found += _unexpected(held, games, slate, coverage)
    found += [f"{rows.game_id or '(null)'}: {count(rows.rows, 'row')}, {rows.reason}" for rows in coverage.unmatched]
    if coverage.changed:
        found.append(f"{count(coverage.changed, 'row')} changed after this check: they count as they are now")
    found += seen.unreadable
    if games and slate.opener is None and (stage.bootstrap_days or stage.least.ramp):
        found.append(
            f"no season opener known before {slate.day}, so the first days of the season get no allowance: load the "
            "league's schedule from the season's start, or add the opener to nba_monitoring/core/slate/seasons.py"
        )
    return tuple(found)


def _unexpected(
    held: Mapping[UnitKey, UnitRows], games: Sequence[ExpectedGame], slate: Slate, coverage: Coverage
) -> list[str]:
    """Rows for games that are not expected, one line per reason."""
    excluded: dict[UnitKey, str] = {entry.game.key: f"excluded as {entry.reason}" for entry in slate.excluded}
    by_reason: defaultdict[str | None, list[UnitKey]] = defaultdict(list)
    for key in sorted(held.keys() - {entry.game.key for entry in games}, key=lambda key: held[key].ids):
        by_reason[excluded.get(key)].append(key)
    found = []
    for reason, keys in by_reason.items():
        game, are = ("a game", "is") if len(keys) == 1 else ("games", "are")
        rows = count(sum(held[key].rows for key in keys), "row")
        named = ", ".join(coverage.matchups[key].id for key in keys)
        found.append(f"{named}: {rows} for {game} {reason or f'that {are} not expected'}")
    return found
