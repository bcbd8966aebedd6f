"""One tick of the sensor: finished runs become incidents, and each alert is sent once, none lost."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Protocol

from nba_monitoring.alerts.chain_alerts import chain_alerts
from nba_monitoring.alerts.chain_facts import with_memory
from nba_monitoring.alerts.channels.sending import Postponed, Sender
from nba_monitoring.alerts.channels.troubles import report_troubles
from nba_monitoring.alerts.debts import Trouble
from nba_monitoring.alerts.incidents.decision import NotifyReason, after_message, notify_reason
from nba_monitoring.alerts.incidents.digest import Digest, digest
from nba_monitoring.alerts.incidents.lifecycle import at
from nba_monitoring.alerts.incidents.runs import FailedRun, FinishedRun, Outcomes, StuckRun, read_runs
from nba_monitoring.alerts.incidents.state import AlertState, LastFailure, Missed
from nba_monitoring.alerts.links import LinksFor, Subject
from nba_monitoring.alerts.message import Message
from nba_monitoring.alerts.messages.incident_messages import incident_message
from nba_monitoring.alerts.messages.monitor_messages import (
    backfill_alert_id,
    backfill_message,
    missed_mornings_message,
    outage_message,
    runs_failed_message,
    runs_work_message,
    stuck_run_message,
    unreadable_message,
)
from nba_monitoring.core.chain import Chain, chain
from nba_monitoring.core.chain_facts import DagsterSeen, Facts
from nba_monitoring.core.eastern import dates_between, game_date, morning_of
from nba_monitoring.core.incidents import Incident
from nba_monitoring.core.record import CheckRecord
from nba_monitoring.core.stages import StageTable

# If more runs fail in one tick they have one cause, such as an unreachable warehouse: one message reports all.
MOST_ONE_BY_ONE = 3
# A failed run that is reported later than this comes with the other delayed alerts.
STALE_AFTER = timedelta(hours=12)
# Ticks come every 30 seconds; without one for this long, the daemon did not run.
ASLEEP_AFTER = timedelta(hours=1)

AsRecorded = Callable[[AlertState], AlertState]


class Backfills(Protocol):
    """What Dagster knows of backfills, by their ids."""

    def is_over(self, backfill_id: str) -> bool:
        """Whether none of its runs is still to come, and the ends of all are among those read by now."""
        ...

    def runs(self, backfill_id: str) -> Iterable[FinishedRun]:
        """Its runs that have ended, oldest first."""
        ...


class Notifier:
    """One tick's work. `state` moves on with every message that was accepted, never before.

    If `tick` raises, the same runs have to be given again: they contain what was not sent.
    """

    def __init__(
        self,
        sender: Sender,
        backfills: Backfills,
        stages: StageTable,
        links_for: LinksFor,
        now: datetime,
        as_recorded: AsRecorded,
        dagster: DagsterSeen | None,
    ) -> None:
        """`stages` are the watched ones; `as_recorded` brings open incidents up to date with the warehouse; `dagster`
        is what Dagster's storage shows; `now` is UTC.
        """
        self._sender = sender
        self._backfills = backfills
        self._stages = stages
        self._links_for = links_for
        self._now = now
        self._dagster = dagster
        self._as_recorded = as_recorded
        self._waiting: Postponed | None = None  # why the first message that has to wait does
        self._trouble = sender.main_debt.trouble  # before the first message of this tick was accepted

    @property
    def state(self) -> AlertState:
        """The memory as far as messages were accepted."""
        return self._sender.state

    @state.setter
    def state(self, state: AlertState) -> None:
        self._sender.state = state

    def tick(self, runs: Iterable[FinishedRun], stuck: Iterable[StuckRun]) -> None:
        """Report what the runs, in the order in which they are stored, and the clock have brought.

        Raises Postponed if a message waits for a later tick; everything sent before it is remembered.
        """
        self.state, outcomes = read_runs(self.state, runs, self._stages, self._now)
        if self.state.open_incidents:
            self.state = self._as_recorded(self.state)
        for incident in self.state.incidents.values():
            self.state = self.state.with_incident(at(incident, self._now))
        self._note_missed_mornings()
        self._sender.catch_up()
        with self._holding_up_nothing():
            self._report_missed_mornings()
        self._report_incidents()
        late = [run for run in outcomes.failed.values() if self._now - run.ended_at > STALE_AFTER]
        self._report_failures([run for run in outcomes.failed.values() if run not in late])
        self._report_unreadable(outcomes.unreadable)
        self._report_stuck(stuck)
        self._report_running_again(outcomes.worked.values())
        self._report_breaks()
        self._waiting = self._waiting or report_troubles(self._sender, self._now, self.linked)
        # What follows is remembered by the runs having been read, which they are only once nothing waits.
        if self._waiting is not None:
            raise self._waiting
        self._report_over_and_late(late)
        self._report_backfills(outcomes)

    @contextmanager
    def _holding_up_nothing(self) -> Iterator[None]:
        """For a message that may have to wait: those behind it may still go through a second channel."""
        try:
            yield
        except Postponed as reason:
            self._waiting = self._waiting or reason

    def _report_incidents(self) -> None:
        for incident in sorted(self.state.incidents.values(), key=lambda known: (known.check_date, known.found_at)):
            reason = notify_reason(incident, self._now)
            if reason not in (NotifyReason.NOTHING, NotifyReason.OVER):
                with self._holding_up_nothing():
                    self._report(incident, reason)

    def _report(self, incident: Incident, reason: NotifyReason) -> None:
        message = incident_message(reason, incident, self._now, _why_late(self._trouble, self._sender.main_channel))
        # A new finding opens a thread of its own, and each message but the first goes into it.
        told_at = incident.detail.told.at.isoformat() if incident.detail.told else "first"
        thread = self._sender.send(
            self.linked(message, Subject.of(incident)),
            reason.value,
            delivery_id=f"{incident.incident_id}/{reason.name.lower()}/{told_at}",
            incident_id=incident.incident_id,
            thread=incident.detail.thread,
        )
        self.state = self.state.with_incident(after_message(incident, reason, self._now, thread))

    def _report_over_and_late(self, late: Sequence[FinishedRun]) -> None:
        """What ended before it could be reported: in the past tense, and in one message if there is more than one."""
        over = [
            incident
            for incident in self.state.incidents.values()
            if notify_reason(incident, self._now) is NotifyReason.OVER
        ]
        if len(over) == 1 and not late:
            self._report(over[0], NotifyReason.OVER)
        elif over or late:
            failures = [run.failure for run in late if run.failure is not None]
            since = min([*(found.found_at for found in over), *(run.ended_at for run in late)])
            self._send(outage_message(over, failures, since, self._now), "outage")
            for incident in over:
                told = after_message(incident, NotifyReason.OVER, self._now, incident.detail.thread)
                self.state = self.state.with_incident(told)

    def _note_missed_mornings(self) -> None:
        """After a time without ticks: the mornings without a check, which are checked now, whatever Slack does."""
        last = self.state.last_tick_at
        self.state = replace(self.state, last_tick_at=self._now)
        if self._now - last <= ASLEEP_AFTER:
            return
        days = dates_between(game_date(last), game_date(self._now) - timedelta(days=1))
        missed = tuple(day for day in days if morning_of(day) > last and not self._was_checked(day))
        if missed:
            unreported = self.state.missed or Missed((), last)
            unreported = replace(unreported, days=(*unreported.days, *missed))
            self.state = replace(self.state, missed=unreported, catch_up=(*self.state.catch_up, *missed))

    def _report_missed_mornings(self) -> None:
        missed = self.state.missed
        if missed is not None:
            self._send(missed_mornings_message(missed.days, missed.since, self._now), "missed")
            self.state = replace(self.state, missed=None)

    def _was_checked(self, day: date) -> bool:
        checked_at = self.state.looks.get(day)
        return checked_at is not None and checked_at >= morning_of(day)

    def _report_failures(self, runs: Iterable[FinishedRun]) -> None:
        for together in _one_by_one_or_together([run for run in runs if self._should_notify(run)]):
            failures = {run.dates: run.failure for run in together if run.failure is not None}
            with self._holding_up_nothing():
                self._send(runs_failed_message(failures), "run failed", run_id=_only_run_id(together))
                errors = {dates: failure.error for dates, failure in failures.items()}
                self.state = self.state.with_failing(errors, self._now)

    def _should_notify(self, run: FinishedRun) -> bool:
        last = self.state.failing.get(run.dates)
        return run.failure is not None and (last is None or last.should_notify(run.failure.error, self._now))

    def _report_unreadable(self, runs: Iterable[FinishedRun]) -> None:
        for run in runs:
            key = f"unreadable {run.run_id[:8]}"
            # Remembered one by one: a later message that is not accepted must not repeat this one.
            if key not in self.state.failing:
                with self._holding_up_nothing():
                    message = unreadable_message(run.run_id, run.dates, run.unreadable)
                    self._send(message, "unreadable", run_id=run.run_id)
                    self.state = self.state.with_failing({key: run.unreadable[0]}, self._now)

    def _report_stuck(self, runs: Iterable[StuckRun]) -> None:
        for run in runs:
            key = f"stuck {run.run_id[:8]}"
            last = self.state.failing.get(key)
            if last is None or last.should_notify("stuck", self._now):
                with self._holding_up_nothing():
                    self._send(stuck_run_message(run, self._now), "stuck run", last, run_id=run.run_id)
                    self.state = self.state.with_failing({key: "stuck"}, self._now)

    def _report_running_again(self, runs: Iterable[FinishedRun]) -> None:
        for together in _one_by_one_or_together([run for run in runs if self._was_failing(run)]):
            verdicts = {run.dates: tuple(record.summary for record in run.records) for run in together}
            with self._holding_up_nothing():
                self._send(runs_work_message(verdicts), "running again", run_id=_only_run_id(together))
                self.state = self.state.without_failing(verdicts)

    def _was_failing(self, run: FinishedRun) -> bool:
        last = self.state.failing.get(run.dates)
        return last is not None and run.ended_at > last.notified_at

    def chain(self) -> Chain:
        """The chain as it is now."""
        return chain(with_memory(Facts(dagster=self._dagster), self.state), self._now)

    def _report_breaks(self) -> None:
        for alert in chain_alerts(self.chain(), self.state, self._now):
            with self._holding_up_nothing():
                if alert.message is not None:
                    self._send(alert.message, alert.reason, alert.last, day=alert.day)
                self.state = alert.accepted(self.state)

    def _report_backfills(self, outcomes: Outcomes) -> None:
        """Past dates in one message per backfill, however many runs and ticks it takes; they are not urgent."""
        for backfill_id in self.state.backfills:
            if self._backfills.is_over(backfill_id):
                runs = list(self._backfills.runs(backfill_id))
                records = [record for run in runs for record in run.records if not record.is_live]
                failures = [run.failure for run in runs if run.failure is not None]
                self._report_digest(digest(records, self._stages), failures, backfill_id)
                self.state = self.state.with_digest(backfill_id, self._now)
        untold: list[CheckRecord] = []
        for run_id, checks in outcomes.past.items():
            untold += checks
            if run_id in self.state.digested:  # in a tick in which the later ones had to wait
                untold = []
            elif self._may_have_arrived(run_id):  # and is sent again as it was, so that it is found in the channel
                self._report_digest(digest(untold, self._stages), (), run_id)
                self.state = self.state.with_digest(run_id, self._now)
                untold = []
        if untold:
            self._report_digest(digest(untold, self._stages), (), run_id)

    def _may_have_arrived(self, run_id: str) -> bool:
        """Whether the digest that ended with a run was sent, without a clear answer."""
        owed = self._sender.main_debt.owed.items()
        return any(tried.unclear_since and key.startswith(backfill_alert_id(run_id)) for key, tried in owed)

    def _report_digest(self, found: Digest | None, failures: Sequence[FailedRun], identity: str) -> None:
        if found is not None or failures:
            self._send(backfill_message(found, failures, identity), "backfill")

    def _send(
        self,
        message: Message,
        reason: str,
        last: LastFailure | None = None,
        run_id: str | None = None,
        day: date | None = None,
    ) -> None:
        """Send a monitor alert or a digest; `last` is when the same was last sent."""
        told_at = last.notified_at.isoformat() if last else "first"
        self._sender.send(self.linked(message, Subject(run_id, day)), reason, f"{message.alert_id}/{reason}/{told_at}")

    def linked(self, message: Message, subject: Subject | None = None) -> Message:
        """A message with the links that its subject and its runbook allow for."""
        subject = subject or Subject()
        about = replace(subject, runbook=message.runbook, status=subject.status or message.tone)
        return replace(message, links=self._links_for(about))


def _why_late(trouble: Trouble | None, channel: str) -> str:
    if trouble is None:
        return "Could not be sent in time"
    return f"{channel} rejected alerts" if trouble.is_refusal else f"{channel} was unreachable"


def _one_by_one_or_together(runs: Sequence[FinishedRun]) -> Sequence[Sequence[FinishedRun]]:
    return [runs] if len(runs) > MOST_ONE_BY_ONE else [[run] for run in runs]


def _only_run_id(runs: Sequence[FinishedRun]) -> str | None:
    """The run to link to; None if there are several."""
    return runs[0].run_id if len(runs) == 1 else None
