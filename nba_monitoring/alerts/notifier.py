"""Brings what finished runs have to tell to those who must know: each word once, in order, none lost."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time

from nba_monitoring.alerts.decision import NotifyReason, decide, next_state, thread_for
from nba_monitoring.alerts.delivery import Transport
from nba_monitoring.alerts.digest import Digest, digest
from nba_monitoring.alerts.message import Message, NextSteps, verdict_message
from nba_monitoring.alerts.monitor_messages import (
    backfill_message,
    mute_over_message,
    no_verdict_message,
    outage_message,
    run_failed_message,
    run_works_message,
    runs_failed_message,
    runs_work_message,
)
from nba_monitoring.alerts.state import AlertState, LastFailure, error_kind
from nba_monitoring.alerts.triage import FinishedRun, Look, Looks, is_stale, triage
from nba_monitoring.core.eastern import PACIFIC, game_date

# Half an hour after the morning check, whose run takes seconds.
VERDICT_DUE = time(8, 30)

# Where more runs fail in one tick, one cause is behind them, such as a warehouse out of reach, and one message says so.
MOST_ONE_BY_ONE = 3

NextStepsFor = Callable[[str | None, date | None], NextSteps]


class Notifier:
    """One tick's deliveries. `state` moves on with every word that was accepted, never before.

    It moves past the runs only when every word was accepted, so that what was not is read, and said, again.
    """

    def __init__(self, state: AlertState, transport: Transport, next_steps: NextStepsFor) -> None:
        """`next_steps` gives the links for a run's id and a date, either of which may be None."""
        self.state = state
        self.accepted = 0
        self._transport = transport
        self._next_steps = next_steps

    def deliver(self, runs: Iterable[FinishedRun], now: datetime) -> None:
        """Say what the runs, oldest first, have to tell. Raises DeliveryError at the first word not accepted.

        What is told one by one is remembered one by one. The digests, which are not, come last and alone.
        """
        news = triage(runs, self.state.is_known, now)
        for day in sorted(news.live):
            for look in news.live[day]:
                self._say_verdict(look, now)
        late = [run for run in news.failed.values() if is_stale(run, now)]
        self._say_failures([run for run in news.failed.values() if run not in late], now)
        self._say_work_again(news.worked.values())
        self._say_no_verdict(now)
        self._say_mutes_over(now)
        self._say_digests(news.past, news.stale, late, now)
        self.state = self.state.past(news.ended)

    def _say_verdict(self, look: Look, now: datetime) -> None:
        record = look.record
        last = self.state.said.get(record.check_date)
        say = decide(last, record, now)
        thread = None
        if say is not NotifyReason.NOTHING:
            message = verdict_message(say, record, last, now, self._next_steps(look.run_id, record.check_date))
            thread = self._send(message, thread_for(last, say))
        said = next_state(last, record, say, now, thread)
        self.state = replace(self.state, said={**self.state.said, record.check_date: said})

    def _say_failures(self, runs: Iterable[FinishedRun], now: datetime) -> None:
        for together in _one_by_one_or_together([run for run in runs if self._is_news(run, now)]):
            failures = {run.dates: run.failure for run in together if run.failure is not None}
            if len(together) == 1:
                run = together[0]
                self._send(run_failed_message(failures[run.dates], self._next_steps(run.run_id, None)))
            else:
                self._send(runs_failed_message(failures, self._next_steps(None, None)))
            self._remember_failing({dates: failure.error for dates, failure in failures.items()}, now)

    def _is_news(self, run: FinishedRun, now: datetime) -> bool:
        last = self.state.failing.get(run.dates)
        return run.failure is not None and (last is None or last.is_news(run.failure.error, now))

    def _say_work_again(self, runs: Iterable[FinishedRun]) -> None:
        for together in _one_by_one_or_together([run for run in runs if self._was_failing(run)]):
            verdicts = {run.dates: tuple(record.summary for record in run.records) for run in together}
            if len(together) == 1:
                run = together[0]
                self._send(run_works_message(run.dates, verdicts[run.dates], self._next_steps(run.run_id, None)))
            else:
                self._send(runs_work_message(verdicts, self._next_steps(None, None)))
            others = {dates: failure for dates, failure in self.state.failing.items() if dates not in verdicts}
            self.state = replace(self.state, failing=others)

    def _was_failing(self, run: FinishedRun) -> bool:
        last = self.state.failing.get(run.dates)
        return last is not None and run.ended_at > last.notified_at

    def _say_no_verdict(self, now: datetime) -> None:
        """Only where the morning was watched from its start: a monitor set up at noon has not missed it."""
        today = game_date(now)
        due = datetime.combine(today, VERDICT_DUE, PACIFIC)
        if now < due or self.state.watching_since > due or today in self.state.said:
            return
        error = "no verdict"
        last = self.state.failing.get(today.isoformat())
        # Where its runs fail, that has been said.
        if last is None or (last.error == error and last.is_news(error, now)):
            self._send(no_verdict_message(today, due, now, self._next_steps(None, today)))
            self._remember_failing({today.isoformat(): error}, now)

    def _say_mutes_over(self, now: datetime) -> None:
        for day, last in self.state.said.items():
            if last.muted and day < game_date(now):
                self._send(mute_over_message(last, self._next_steps(None, day)))
                self.state = replace(self.state, said={**self.state.said, day: replace(last, muted=None)})

    def _say_digests(self, past: Looks, stale: Looks, late: list[FinishedRun], now: datetime) -> None:
        """At most one message on all past dates together, after an outage with what could not be said in it."""
        missed = digest(look.record for looks in stale.values() for look in looks)
        backfilled = digest(look.record for looks in past.values() for look in looks)
        if missed is not None or late:
            failures = tuple(run.failure for run in late if run.failure is not None)
            self._send(outage_message(missed, failures, self.state.watermark, now, self._next_steps(None, None)))
        if backfilled is not None:
            run_id = _worst_run(past, backfilled)
            self._send(backfill_message(backfilled, run_id, self._next_steps(run_id, None)))

    def _remember_failing(self, errors: Mapping[str, str], now: datetime) -> None:
        said = {dates: LastFailure(error_kind(error), now) for dates, error in errors.items()}
        self.state = replace(self.state, failing={**self.state.failing, **said})

    def _send(self, message: Message, thread: str | None = None) -> str | None:
        receipt = self._transport.send(message, thread)
        self.accepted += 1
        return receipt.thread


def _one_by_one_or_together(runs: Sequence[FinishedRun]) -> Sequence[Sequence[FinishedRun]]:
    return [runs] if len(runs) > MOST_ONE_BY_ONE else [[run] for run in runs]


def _worst_run(looks: Looks, summary: Digest) -> str:
    return looks[summary.failed[0].day][0].run_id
