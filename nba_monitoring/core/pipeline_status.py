"""Pipeline status: how far each stage has come this season, the first one behind, and whether features are ready."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from nba_monitoring.core.codec import Instant
from nba_monitoring.core.eastern import eastern_clock, game_date
from nba_monitoring.core.fix_command import FIXED_BY_ROWS, fix_command
from nba_monitoring.core.stage_verdict import StageVerdict
from nba_monitoring.core.stages import PHASE4, Stage, StageTable
from nba_monitoring.core.status import Status
from nba_monitoring.core.verdict import DateVerdict
from nba_monitoring.core.words import count, halted, not_due

# Only the bubble's season has lasted longer from its opener to the Finals.
LOOK_BACK = timedelta(days=300)
# Far enough ahead to include the next due time: no break within a season lasts a week.
LOOK_AHEAD = timedelta(days=7)

_Judged = tuple[date, StageVerdict]


class StageState(StrEnum):
    """The state of a stage."""

    COMPLETE = "complete"
    NOT_DUE = "not_due"
    HALTED = "halted"
    BEHIND = "behind"
    NO_ROWS = "no_rows"
    UNREADABLE = "unreadable"
    UNKNOWN_SCHEDULE = "unknown_schedule"

    @property
    def is_behind(self) -> bool:
        """Whether someone should check it."""
        return self not in (StageState.COMPLETE, StageState.NOT_DUE, StageState.HALTED)


@dataclass(frozen=True, slots=True)
class StageStatus:
    """How far one stage has come. The fields are the keys of `nba-monitoring status --json`; instants are UTC."""

    stage: str
    title: str
    group: str
    state: StageState
    newest_complete: date | None
    """The season's latest game date, up to today, that is AVAILABLE."""
    newest_expected: date | None
    """The latest game date due by now. Halted and early-season dates don't count."""
    lag_game_days: int
    """The number of expected game dates after `newest_complete`."""
    reason: str | None
    """Why it is behind (what its latest late date lacks), or why it was halted."""
    halted_since: date | None
    written_at: Instant | None
    """When a row of the season was last written."""
    due_next: Instant | None
    """When the next date is due; null if the coming week has no games, or is complete."""
    usually_by: Instant | None = None
    """When today's date is usually complete: the median of the last 30 game days; null with fewer than 10."""
    nearly_always_by: Instant | None = None
    """The same for 95% of them."""
    is_first_behind: bool = False
    blocked_by: str | None = None
    """The late upstream stage that it waits for; a complete stage waits with its next date."""
    fix: str | None = None
    """The command that refills it for `newest_expected`; null if it is not behind, or if none would."""

    @property
    def words(self) -> str:
        """The state as text: '2 game days behind'."""
        reason = "" if self.reason is None else f": {self.reason}"
        match self.state:
            case StageState.COMPLETE:
                return "complete"
            case StageState.NOT_DUE:
                return "nothing due yet" if self.due_next is None else not_due(self.due_next, game_date(self.due_next))
            case StageState.HALTED:
                return halted(self.reason, self.halted_since)
            case StageState.BEHIND:
                return f"{count(self.lag_game_days, 'game day')} behind"
            case StageState.NO_ROWS:
                return "no rows this season"
            case StageState.UNREADABLE:
                return f"can't be read{reason}"
            case StageState.UNKNOWN_SCHEDULE:
                return f"schedule unknown{reason}"


class Ready(StrEnum):
    """Whether the features are ready."""

    YES = "yes"
    NO = "no"
    NOT_YET = "not yet"


@dataclass(frozen=True, slots=True)
class FeaturesReady:
    """Whether a date's features are ready. The fields are keys of `nba-monitoring status --json`."""

    game_date: date
    """Today, as a US Eastern date."""
    features_ready: Ready | None
    """`yes`: Phase 4 is complete for every expected game of today. `not yet`: it is not, and is not due yet. `no`: it
    is due and not complete, or its state is unknown. null: there is evidence that today has no games."""
    features_reason: str | None
    """What is missing or unknown, or why nothing is expected; null with `yes`."""
    first_tip_at: Instant | None
    """The first tip-off of today's expected games (UTC); null if there is none, or no source knows it."""


@dataclass(frozen=True, slots=True)
class PipelineStatus:
    """How far the watched stages have come at an instant (UTC), in pipeline order."""

    checked_at: datetime
    stages: tuple[StageStatus, ...]
    not_watched: tuple[str, ...]  # they have no table in the embedded warehouse
    today: FeaturesReady

    @property
    def is_behind(self) -> bool:
        """Whether any stage is."""
        return any(found.state.is_behind for found in self.stages)

    @property
    def first_behind(self) -> StageStatus | None:
        """The first stage behind; None if no stage is, or if only the schedule is missing."""
        return next((found for found in self.stages if found.is_first_behind), None)

    @property
    def summary(self) -> str:
        """The first stage behind and the stages that wait for it, as text."""
        first = self.first_behind
        sentences = [_first_behind(first, self.stages) if first else self._without_a_first()]
        others = [
            found.title
            for found in self.stages
            if found.state.is_behind and found.blocked_by is None and found is not first
        ]
        if first and others:
            sentences.append(f"Also behind: {', '.join(others)}.")
        halted = [found.title for found in self.stages if found.state is StageState.HALTED]
        if halted:
            sentences.append(f"Halted: {', '.join(halted)}.")
        return " ".join(sentences)

    def _without_a_first(self) -> str:
        if self.is_behind:
            return "The schedule is missing, so what is due is unknown. Load the schedule."
        return "No stage is behind."


def _first_behind(first: StageStatus, stages: Iterable[StageStatus]) -> str:
    latest = first.newest_complete or "none"
    text = f"{first.title} is the first stage behind: latest {latest}, expected {first.newest_expected or 'none'}"
    text += f" ({first.reason})." if first.reason else "."
    blocked = [found.title for found in stages if found.blocked_by is not None]
    return f"{text} Waiting for it: {', '.join(blocked)}." if blocked else text


def board_dates(now: datetime) -> tuple[date, date]:
    """First and last of the dates to judge for the pipeline status at `now` (UTC)."""
    today = game_date(now)
    return today - LOOK_BACK, today + LOOK_AHEAD


def pipeline_status(verdicts: Iterable[DateVerdict], table: StageTable, now: datetime) -> PipelineStatus:
    """How far the stages have come, from verdicts made at `now` (UTC) on the `board_dates`, including today.

    Verdicts of an earlier season are ignored.
    """
    today = game_date(now)
    season = _of_season(sorted(verdicts, key=lambda verdict: verdict.day), today)
    watched = [stage for stage in table if stage.name in season[-1].stages]
    found = {
        stage.name: _stage_status(stage, [(verdict.day, verdict.stages[stage.name]) for verdict in season], now)
        for stage in watched
    }
    return PipelineStatus(
        checked_at=now,
        stages=tuple(_with_causes(found, table)),
        not_watched=tuple(stage.name for stage in table if stage.name not in found),
        today=features_ready(next(verdict for verdict in season if verdict.day == today)),
    )


def _of_season(verdicts: Sequence[DateVerdict], today: date) -> Sequence[DateVerdict]:
    openers = [verdict.slate.opener for verdict in verdicts if verdict.day <= today]
    opener = max((day for day in openers if day is not None), default=date.min)
    return [verdict for verdict in verdicts if verdict.day >= opener]


def _stage_status(stage: Stage, judged: Sequence[_Judged], now: datetime) -> StageStatus:
    today = game_date(now)
    # Tomorrow's contexts may exist before today's, but don't replace them.
    complete = [day for day, found in judged if found.status is Status.AVAILABLE and day <= today]
    newest = complete[-1] if complete else None
    due = [(day, found) for day, found in judged if found.due_at <= now and not found.status.owes_nothing]
    late = [(day, found) for day, found in due if newest is None or day > newest]
    state, reason, since = _state(judged, late, now)
    is_fixed_by_rows = state in (StageState.BEHIND, StageState.NO_ROWS) and late[-1][1].status in FIXED_BY_ROWS
    of_today = next(found for day, found in judged if day == today)
    not_due = [found.due_at for _, found in judged if found.status is Status.NOT_DUE]
    return StageStatus(
        stage=stage.name,
        title=stage.title,
        group=stage.group,
        state=state,
        newest_complete=newest,
        newest_expected=due[-1][0] if due else None,
        lag_game_days=len(late),
        reason=reason,
        halted_since=since,
        written_at=max((at for _, found in judged if (at := found.coverage.written_at) is not None), default=None),
        # How long a halt lasts is unknown.
        due_next=None if state is StageState.HALTED else min(not_due, default=None),
        usually_by=of_today.usually_by,
        nearly_always_by=of_today.nearly_always_by,
        fix=fix_command(stage, [late[-1][0]], now) if is_fixed_by_rows else None,
    )


def _state(
    judged: Sequence[_Judged], late: Sequence[_Judged], now: datetime
) -> tuple[StageState, str | None, date | None]:
    """The stage's state, the reason, and since when it is halted. `late` are the dates that it lacks."""
    today = game_date(now)
    unreadable = judged[-1][1].coverage.unreadable
    if unreadable is not None:
        return StageState.UNREADABLE, unreadable, None
    # A halt counts even before the due time.
    reached = [(day, found) for day, found in judged if found.due_at <= now or _is_halted_by(day, found, today)]
    with_games = [found for _, found in reached if found.status is not Status.NO_GAMES]
    if with_games and (halt := with_games[-1].halt) is not None:
        return StageState.HALTED, halt.reason, halt.since
    if reached and reached[-1][1].is_broken_by_schedule:
        return StageState.UNKNOWN_SCHEDULE, f"the games of {reached[-1][0]}", None
    if late:
        has_rows = any(found.coverage.total_rows for _, found in judged)
        return StageState.BEHIND if has_rows else StageState.NO_ROWS, late[-1][1].why, None
    # Results are not expected before the next day.
    is_awaited = any(found.status is Status.NOT_DUE and game_date(found.due_at) <= today for _, found in judged)
    is_begun = any(not found.status.owes_nothing and found.status is not Status.NOT_DUE for _, found in judged)
    return StageState.NOT_DUE if is_awaited or not is_begun else StageState.COMPLETE, None, None


def _is_halted_by(day: date, found: StageVerdict, today: date) -> bool:
    return found.status is Status.HALTED and day <= today


def _with_causes(found: Mapping[str, StageStatus], table: StageTable) -> Iterable[StageStatus]:
    """The stages with what each waits for, and the first one behind: the earliest without an upstream stage behind."""
    behind = [name for name, status in found.items() if status.state.is_behind]
    causes = [
        name
        for name in behind
        if found[name].state is not StageState.UNKNOWN_SCHEDULE and table.upstreams[name].isdisjoint(behind)
    ]
    for name, status in found.items():
        waits_for = [cause for cause in causes if cause in table.upstreams[name] and _lacks(status, found[cause])]
        yield replace(status, is_first_behind=name in causes[:1], blocked_by=waits_for[0] if waits_for else None)


def _lacks(status: StageStatus, cause: StageStatus) -> bool:
    """Whether a stage has not come as far as its upstream stage should have by now."""
    if status.state is StageState.HALTED:
        return False
    if status.newest_complete is None or cause.newest_expected is None:
        return status.newest_complete is None or status.state.is_behind
    return status.newest_complete < cause.newest_expected


def features_ready(verdict: DateVerdict) -> FeaturesReady:
    """Whether the features of a verdict's date, which are Phase 4's, are ready."""
    ready, reason = _ready(verdict, verdict.stages[PHASE4])
    return FeaturesReady(verdict.day, ready, reason, verdict.slate.first_tip_at)


def _ready(verdict: DateVerdict, found: StageVerdict) -> tuple[Ready | None, str | None]:
    slate = verdict.slate
    if slate.unreadable or found.status is Status.UNKNOWN_SCHEDULE:
        # Also before the due time, because what is expected is unknown.
        return Ready.NO, "; ".join(("the schedule is unknown", *(slate.unreadable or slate.doubts)))
    if not slate.expected or found.status is Status.NO_GAMES:
        return None, f"no games: {slate.off_day_proof or 'none that Phase 4 covers'}"
    match found.status:
        case Status.AVAILABLE:
            return Ready.YES, None
        case Status.NOT_DUE:
            return Ready.NOT_YET, f"{found.lacking}, due by {eastern_clock(found.due_at)}"
        case Status.HALTED:
            return Ready.NO, halted(found.halt.reason if found.halt else None, None)
        case Status.BOOTSTRAP:
            return Ready.NO, "early in the season, no features are written"
    return Ready.NO, found.why
