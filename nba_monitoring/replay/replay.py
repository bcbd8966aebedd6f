"""Replay a range of dates: the alerts that the sensor would have sent, and their score."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache, partial

from nba_monitoring.alerts.incidents.decision import NotifyReason, after_message, notify_reason
from nba_monitoring.alerts.incidents.lifecycle import after_check, at
from nba_monitoring.core.incidents import Incident
from nba_monitoring.core.record import CheckRecord
from nba_monitoring.core.settled import why_settled
from nba_monitoring.core.stage_record import StageCheck
from nba_monitoring.core.stages import Due, StageTable
from nba_monitoring.replay.past_checks import PastChecks, PastSchedule
from nba_monitoring.replay.score import Alert, ReplayedDate, Score, Truth
from nba_monitoring.settings import Settings
from nba_monitoring.warehouse import Warehouse

# A table that rewrites its rows looks late on most dates. On fewer dates than these, it may have been late.
_FEWEST_DATES = 5


@dataclass(frozen=True, slots=True)
class Replay:
    """The replayed dates under one stages file, and their score."""

    dates: tuple[ReplayedDate, ...]
    score: Score
    # Stages whose tables rewrite rows: results for them are a lower bound, and don't count in the score.
    rewritten: tuple[str, ...]


def replay(
    warehouse: Warehouse,
    settings: Settings,
    span: tuple[date, date],
    every: timedelta,
    now: datetime,
    trial: StageTable | None = None,
    progress: Callable[[Sequence[date]], Iterable[date]] = iter,
) -> tuple[Replay, Replay | None]:
    """Replay the dates under the current stages, and under trial stages, scored by the truth of the current ones.

    Raises WarehouseError.
    """
    tables = [settings.stages] if trial is None else [settings.stages, trial]
    schedule = PastSchedule(warehouse, settings, span, max(table.lookback for table in tables), now)
    replayed = [_replayed(PastChecks(warehouse, settings, table, schedule, every), progress) for table in tables]
    truths = replayed[0].truths
    current, *others = [Replay(each.dates, Score.of(each.dates, truths), each.rewritten) for each in replayed]
    return current, others[0] if others else None


@dataclass(frozen=True, slots=True)
class _Replayed:
    dates: tuple[ReplayedDate, ...]
    truths: Mapping[date, Truth]
    rewritten: tuple[str, ...]


def _replayed(checks: PastChecks, progress: Callable[[Sequence[date]], Iterable[date]]) -> _Replayed:
    dates: list[ReplayedDate] = []
    until_tip: dict[date, Sequence[CheckRecord]] = {}
    was_unseen: defaultdict[str, list[bool]] = defaultdict(list)
    for day in progress(checks.schedule.days):
        instants = sorted((instant, due) for due in Due for instant in checks.instants(day, due))
        if not instants:
            continue
        record_at = cache(partial(checks.record, day))
        replayed = replay_date(day, instants, record_at, checks.stages)
        dates.append(replayed)
        until_tip[day] = _until_tip(replayed, instants[-1][0], checks.schedule.slates[day].first_tip_at, record_at)
        for name, has_rows in checks.has_rows(day).items():
            when_due = _first_when_due(name, replayed.checks)
            if has_rows and when_due is not None:
                was_unseen[name].append(when_due.detail.rows == 0)
    rewritten = {
        name for name, unseen in was_unseen.items() if len(unseen) >= _FEWEST_DATES and sum(unseen) * 2 > len(unseen)
    }
    uncertain = {replayed.day: _uncertain(replayed.checks) for replayed in dates}
    truths = {day: Truth.of(found, rewritten | uncertain[day]) for day, found in until_tip.items()}
    named = rewritten.union(*uncertain.values())
    return _Replayed(tuple(dates), truths, tuple(stage.name for stage in checks.stages if stage.name in named))


def _first_when_due(stage: str, checks: Sequence[CheckRecord]) -> StageCheck | None:
    """The first check of a stage that was due."""
    found = (check.stages[stage] for check in checks if stage in check.stages)
    return next((check for check in found if check.due_at is not None and check.due_at <= check.check_time), None)


def _uncertain(checks: Sequence[CheckRecord]) -> Set[str]:
    return {name for check in checks for name, found in check.stages.items() if found.detail.is_uncertain}


def replay_date(
    day: date,
    instants: Sequence[tuple[datetime, Due]],
    record_at: Callable[[datetime], CheckRecord],
    stages: StageTable,
    by_hand: Callable[[Incident, datetime], Incident] = lambda incident, _now: incident,
) -> ReplayedDate:
    """Replay one date: pass its checks through the sensor's incident and message logic.

    `instants` (UTC) ascend. As the schedules do, it checks at the first instant of each due time, then until the date
    is settled. Messages are accepted at once. `by_hand` gives what people did with an open incident by an instant.
    """
    incidents: list[Incident] = []
    checks: list[CheckRecord] = []
    alerts: list[Alert] = []
    begun: set[Due] = set()
    for instant, due in instants:
        if due not in begun or why_settled(checks[-1] if checks else None, instant, due) is None:
            begun.add(due)
            checks.append(record_at(instant))
            for changed in after_check(incidents, checks[-1], stages, "replay"):
                incidents = [*(known for known in incidents if known.incident_id != changed.incident_id), changed]
        incidents = [at(incident, instant) for incident in incidents]
        incidents = [by_hand(incident, instant) if incident.is_open else incident for incident in incidents]
        for number, incident in enumerate(incidents):
            reason = notify_reason(incident, instant)
            if reason not in (NotifyReason.NOTHING, NotifyReason.OVER):
                alerts.append(Alert(instant, reason, incident))
                incidents[number] = after_message(incident, reason, instant, thread=None)
    return ReplayedDate(day, tuple(checks), tuple(alerts), tuple(incidents))


def _until_tip(
    replayed: ReplayedDate, end: datetime, tip: datetime | None, record_at: Callable[[datetime], CheckRecord]
) -> Sequence[CheckRecord]:
    before = [check for check in replayed.checks if tip is None or check.check_time <= tip]
    at_tip = [] if tip is None or tip > end else [record_at(tip)]
    return [*before, *at_tip] or replayed.checks[:1]
