"""What finished runs have to tell, sorted and kept small however many they are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import NamedTuple

from nba_monitoring.alerts.decision import is_live
from nba_monitoring.alerts.monitor_messages import FailedRun
from nba_monitoring.core.eastern import game_date
from nba_monitoring.core.record import CheckRecord

# Triage older than this on a date that is over comes in one summary: after a week without Slack nobody wants them all.
STALE_AFTER = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class FinishedRun:
    """A run that has ended (UTC): the verdicts it recorded, or why it failed. `dates` are its partitions, in words."""

    run_id: str
    dates: str
    ended_at: datetime
    records: tuple[CheckRecord, ...] = ()
    failure: FailedRun | None = None


class Look(NamedTuple):
    """One verdict, and the run that reached it."""

    record: CheckRecord
    run_id: str


Looks = defaultdict[date, list[Look]]


@dataclass(slots=True)
class Triage:
    """Of each date at most two looks: the first that fails, and the newest.

    `live` dates are spoken of one by one. `stale` ones were live when judged, long ago; `past` ones never were.
    `failed` and `worked` hold the last run for some dates, by its outcome. `ended` are all runs sorted, by end and id.
    """

    live: Looks = field(default_factory=lambda: defaultdict(list))
    stale: Looks = field(default_factory=lambda: defaultdict(list))
    past: Looks = field(default_factory=lambda: defaultdict(list))
    failed: dict[str, FinishedRun] = field(default_factory=dict)
    worked: dict[str, FinishedRun] = field(default_factory=dict)
    ended: list[tuple[datetime, str]] = field(default_factory=list)


def triage(runs: Iterable[FinishedRun], is_known: Callable[[str], bool], now: datetime) -> Triage:
    """Sort runs, oldest first, at an instant (UTC)."""
    news = Triage()
    for run in runs:
        if is_known(run.run_id):
            continue
        news.ended.append((run.ended_at, run.run_id))
        outcome, other = (news.worked, news.failed) if run.failure is None else (news.failed, news.worked)
        other.pop(run.dates, None)
        outcome[run.dates] = run
        # A run that failed later on may have recorded verdicts all the same.
        for record in run.records:
            _keep(_looks(news, run, record, now)[record.check_date], Look(record, run.run_id))
    return news


def is_stale(run: FinishedRun, now: datetime) -> bool:
    """Whether what a run has to tell comes late."""
    return now - run.ended_at > STALE_AFTER


def _looks(news: Triage, run: FinishedRun, record: CheckRecord, now: datetime) -> Looks:
    if not is_live(record):
        return news.past
    return news.stale if is_stale(run, now) and record.check_date < game_date(now) else news.live


def _keep(looks: list[Look], look: Look) -> None:
    looks[1:] = [look]
    if looks[0].record.status.passes and not look.record.status.passes:
        looks[:] = [look]
