"""Runs sorted by what they have to tell: looks become incidents, the rest is told in its own way."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from nba_monitoring.alerts.incidents.lifecycle import after_look
from nba_monitoring.alerts.incidents.runs import FinishedRun
from nba_monitoring.alerts.incidents.state import AlertState
from nba_monitoring.core.eastern import game_date
from nba_monitoring.core.record import CheckRecord
from nba_monitoring.core.stage_record import Trigger
from nba_monitoring.core.stages import StageTable

_SCHEDULED = (Trigger.SCHEDULED, Trigger.RECHECK)


@dataclass(slots=True)
class News:
    """What runs have to tell besides incidents."""

    past: dict[date, list[CheckRecord]] = field(default_factory=dict)  # looks at dates that nobody need hurry about
    past_run_id: str | None = None  # the last run with such looks
    failed: dict[str, FinishedRun] = field(default_factory=dict)  # the last run for some dates, where it failed
    worked: dict[str, FinishedRun] = field(default_factory=dict)  # the same, where it did not
    unreadable: list[FinishedRun] = field(default_factory=list)


def read_runs(
    state: AlertState, runs: Iterable[FinishedRun], stages: StageTable, now: datetime
) -> tuple[AlertState, News]:
    """The memory after the looks of runs, given in the order in which they are stored, and what else they tell.

    Reading the same runs again changes nothing in the memory. `now` is UTC.
    """
    news = News()
    for run in runs:
        if run.backfill_id is not None and run.last_date is not None and run.last_date < game_date(now):
            state = replace(state, backfills=tuple(dict.fromkeys((*state.backfills, run.backfill_id))))
        else:
            outcome, other = (news.worked, news.failed) if run.failure is None else (news.failed, news.worked)
            other.pop(run.dates, None)
            outcome[run.dates] = run
        if run.unreadable:
            news.unreadable.append(run)
        # A run that failed later on may have recorded verdicts all the same.
        for record in run.records:
            if record.detail.is_clock_real:
                state = _read_look(state, record, run, news, stages, now)
    return state, news


def _read_look(
    state: AlertState, record: CheckRecord, run: FinishedRun, news: News, stages: StageTable, now: datetime
) -> AlertState:
    # A worker whose clock is ahead must not make the looks of all others seem old.
    record = replace(record, check_time=min(record.check_time, now))
    day, is_scheduled = record.check_date, record.trigger in _SCHEDULED
    for incident in after_look(state.incidents_of(day), record, stages, run.run_id):
        state = state.with_incident(incident)
    if record.is_live:
        return state.with_look(day, record.check_time, is_scheduled)
    # What a schedule asks for of a past date is what its games left behind, which has incidents of its own.
    if run.backfill_id is None and not is_scheduled and not state.incidents_of(day):
        news.past.setdefault(day, []).append(record)
        news.past_run_id = run.run_id
    return state
