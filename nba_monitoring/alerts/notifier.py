"""Sends what finished runs have to tell: each message once, in order, none lost."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time

from nba_monitoring.alerts.decision import LastNotification, NotifyReason, decide, next_state, thread_for
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
    unreadable_message,
)
from nba_monitoring.alerts.state import AlertState, LastFailure, error_kind
from nba_monitoring.alerts.triage import FinishedRun, Look, Looks, is_stale, triage
from nba_monitoring.core.eastern import PACIFIC, game_date

# Half an hour after the morning check, whose run takes seconds.
VERDICT_DUE = time(8, 30)

# Where more runs fail in one tick, one cause is behind them, such as a warehouse out of reach: one message tells all.
MOST_ONE_BY_ONE = 3

NextStepsFor = Callable[[str | None, date | None], NextSteps]


class Notifier:
    """One tick's deliveries. `state` moves on with every message that was accepted, never before.

    It moves past the runs only when every message was accepted, so that what was not is read, and sent, again.
    """

    def __init__(self, state: AlertState, transport: Transport, next_steps: NextStepsFor) -> None:
        """`next_steps` gives the links for a run's id and a date, either of which may be None."""
        self.state = state
        self.accepted = 0
        self._transport = transport
        self._next_steps = next_steps

    def deliver(self, runs: Iterable[FinishedRun], now: datetime) -> None:
        """Send what the runs, oldest first, have to tell. Raises DeliveryError at the first message not accepted.

        What is told one by one is remembered one by one. The digests, which are not, come last and alone.
        """
        found = triage(runs, now)
        for day in sorted(found.live):
            for look in found.live[day]:
                self._tell_verdict(look, now)
        late = [run for run in found.failed.values() if is_stale(run, now)]
        self._tell_failures([run for run in found.failed.values() if run not in late], now)
        self._tell_unreadable(found.unreadable, now)
        self._tell_work_again(found.worked.values())
        self._tell_no_verdict(now)
        self._tell_mutes_over(now)
        self._tell_digests(found.past, found.stale, late, now)
        self.state = self.state.past(found.ended)

    def _tell_verdict(self, look: Look, now: datetime) -> None:
        record = look.record
        last = self.state.notified.get(record.check_date)
        reason = decide(last, record, now)
        thread = None
        if reason is not NotifyReason.NOTHING:
            message = verdict_message(reason, record, last, now, self._next_steps(look.run_id, record.check_date))
            thread = self._send(message, thread_for(last, reason))
        self._remember_notified(record.check_date, next_state(last, record, reason, now, thread))

    def _tell_failures(self, runs: Iterable[FinishedRun], now: datetime) -> None:
        for together in _one_by_one_or_together([run for run in runs if self._should_notify(run, now)]):
            failures = {run.dates: run.failure for run in together if run.failure is not None}
            if len(together) == 1:
                run = together[0]
                self._send(run_failed_message(failures[run.dates], self._next_steps(run.run_id, None)))
            else:
                self._send(runs_failed_message(failures, self._next_steps(None, None)))
            self._remember_failing({dates: failure.error for dates, failure in failures.items()}, now)

    def _should_notify(self, run: FinishedRun, now: datetime) -> bool:
        last = self.state.failing.get(run.dates)
        return run.failure is not None and (last is None or last.should_notify(run.failure.error, now))

    def _tell_unreadable(self, runs: Iterable[FinishedRun], now: datetime) -> None:
        for run in runs:
            key = f"unreadable {run.run_id[:8]}"
            # Remembered one by one: a later message that is not accepted must not repeat this one.
            if key not in self.state.failing:
                self._send(
                    unreadable_message(run.run_id, run.dates, run.unreadable, self._next_steps(run.run_id, None))
                )
                self._remember_failing({key: run.unreadable[0]}, now)

    def _tell_work_again(self, runs: Iterable[FinishedRun]) -> None:
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

    def _tell_no_verdict(self, now: datetime) -> None:
        """Only where the morning was watched from its start: a monitor set up at noon has not missed it."""
        today = game_date(now)
        due = datetime.combine(today, VERDICT_DUE, PACIFIC)
        if now < due or self.state.watching_since > due or today in self.state.notified:
            return
        error = "no verdict"
        last = self.state.failing.get(today.isoformat())
        # Where its runs fail, that has been told.
        if last is None or (last.error == error and last.should_notify(error, now)):
            self._send(no_verdict_message(today, due, now, self._next_steps(None, today)))
            self._remember_failing({today.isoformat(): error}, now)

    def _tell_mutes_over(self, now: datetime) -> None:
        for day, last in self.state.notified.items():
            if last.muted and day < game_date(now):
                self._send(mute_over_message(last, self._next_steps(None, day)))
                self._remember_notified(day, replace(last, muted=None))

    def _tell_digests(self, past: Looks, stale: Looks, late: list[FinishedRun], now: datetime) -> None:
        """At most one message on all past dates together, after an outage with what could not be told in it."""
        missed = digest(look.record for looks in stale.values() for look in looks)
        backfilled = digest(look.record for looks in past.values() for look in looks)
        if missed is not None or late:
            failures = tuple(run.failure for run in late if run.failure is not None)
            self._send(outage_message(missed, failures, self.state.watermark, now, self._next_steps(None, None)))
        if backfilled is not None:
            run_id = _worst_run(past, backfilled)
            self._send(backfill_message(backfilled, run_id, self._next_steps(run_id, None)))

    def _remember_notified(self, day: date, last: LastNotification) -> None:
        self.state = replace(self.state, notified={**self.state.notified, day: last})

    def _remember_failing(self, errors: Mapping[str, str], now: datetime) -> None:
        failing = {dates: LastFailure(error_kind(error), now) for dates, error in errors.items()}
        self.state = replace(self.state, failing={**self.state.failing, **failing})

    def _send(self, message: Message, thread: str | None = None) -> str | None:
        receipt = self._transport.send(message, thread)
        self.accepted += 1
        return receipt.thread


def _one_by_one_or_together(runs: Sequence[FinishedRun]) -> Sequence[Sequence[FinishedRun]]:
    return [runs] if len(runs) > MOST_ONE_BY_ONE else [[run] for run in runs]


def _worst_run(looks: Looks, summary: Digest) -> str:
    return looks[summary.failed[0].day][0].run_id
