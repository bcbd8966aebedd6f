"""Monitor alerts and digests: failed runs, missing verdicts, rejected alerts, many dates at once, a test."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from nba_monitoring.alerts.incidents.digest import Digest, FailedDate
from nba_monitoring.alerts.incidents.runs import FailedRun, StuckRun
from nba_monitoring.alerts.message import Message, Row, Tone
from nba_monitoring.alerts.messages.course_words import how_it_ended
from nba_monitoring.alerts.runbooks import MonitorAlert, runbook_of_break
from nba_monitoring.core.chain import Break
from nba_monitoring.core.eastern import eastern_clock, game_date
from nba_monitoring.core.incidents import Incident
from nba_monitoring.core.mutes import LONG, MutedDates
from nba_monitoring.core.words import count, dates, day_name, duration, first_few, moment

MOST_DATES = 10
MOST_RUNS = 10
MOST_ERROR_LINES = 12


def backfill_alert_id(identity: str) -> str:
    """The id of a backfill's digest."""
    return f"nba-backfill-{_short(identity)}"


def backfill_message(summary: Digest | None, failures: Sequence[FailedRun], identity: str) -> Message:
    """The digest of a backfill of past dates if some fail, or its runs did. It is not urgent, so it only warns.
    `identity` is the backfill's id, or its only run's.
    """
    alert_id = backfill_alert_id(identity)
    runs = _failed_runs(failures)
    if summary is None:
        outcome = "canceled" if all(run.cancelled for run in failures) else "failed"
        title = f"Backfill {_short(identity)}: {count(len(failures), 'run')} {outcome}"
        return Message(
            alert_id, Tone.WARN, title, lines=tuple(runs), brief=tuple(runs[:1]), runbook=MonitorAlert.BACKFILL
        )
    counts = ", ".join(f"{number:,} {status}" for status, number in summary.counts.items())
    worst, is_one = summary.failed[0], len(summary.failed) == 1
    return Message(
        alert_id=alert_id,
        tone=Tone.WARN,
        title=f"Backfill: {len(summary.failed)} of {count(summary.dates, 'date')} failed, "
        f"{dates(summary.first, summary.last)}",
        lines=(*runs, counts if is_one else f"{counts}. Worst first:"),
        brief=(f"{'' if is_one else 'Worst: '}{worst.day} {_found(worst)}",),
        rows=tuple(Row(str(failed.day), "", _found(failed)) for failed in summary.failed[:MOST_DATES]),
        evidence=_more(len(summary.failed) - MOST_DATES, "date"),
        runbook=MonitorAlert.BACKFILL,
    )


def outage_message(over: Sequence[Incident], failures: Sequence[FailedRun], since: datetime, now: datetime) -> Message:
    """The one alert about what ended before it could be reported, between two instants (UTC)."""
    found = [count(len({incident.check_date for incident in over}), "failed date")] if over else []
    found += [count(len(failures), "failed run")] if failures else []
    ordered = sorted(over, key=lambda incident: incident.check_date)
    return Message(
        alert_id=f"nba-outage-{since:%Y%m%dT%H%M}",
        tone=Tone.WARN,
        title=f"Delayed by up to {duration(now - since)}: {', '.join(found)}",
        lines=(f"Found between {moment(since)} and {moment(now)}, and over by now:", *_failed_runs(failures)),
        rows=tuple(
            Row(str(incident.check_date), "", f"{incident.status}; {how_it_ended(incident)}")
            for incident in ordered[:MOST_DATES]
        ),
        evidence=_more(len(ordered) - MOST_DATES, "date"),
        runbook=MonitorAlert.DELAYED,
    )


def missed_mornings_message(days: Sequence[date], since: datetime, now: datetime) -> Message:
    """Mornings that were not checked, since the daemon did not run between two instants (UTC)."""
    named = first_few([day_name(day) for day in days], MOST_DATES)
    return Message(
        alert_id=f"nba-missed-{days[0]}",
        tone=Tone.WARN,
        title=f"Monitor: {count(len(days), 'morning')} {'was' if len(days) == 1 else 'were'} not checked",
        lines=(
            f"The daemon did not run from {moment(since)} to {moment(now)}.",
            f"Checking these dates now, with what the tables have now: {', '.join(named)}",
        ),
        runbook=MonitorAlert.MISSED_MORNINGS,
    )


def channel_fails_message(channel: str, error: str, since: datetime) -> Message:
    """A channel that has accepted nothing since an instant (UTC); sent through the others."""
    return Message(
        alert_id=f"nba-refused-{since:%Y%m%dT%H%M}",
        tone=Tone.ERROR,
        title=f"Monitor: {channel} has accepted no alerts since {moment(since)}",
        lines=(error, "Alerts reach the other channels only. Fix this one, then run `nba-monitoring alert-test`."),
        about=(_channel(channel),),
        runbook=MonitorAlert.CHANNEL_FAILS,
    )


def channel_works_message(channel: str, since: datetime) -> Message:
    """A channel accepts alerts again, of which it had accepted none since an instant (UTC)."""
    return Message(
        alert_id=f"nba-refused-{since:%Y%m%dT%H%M}",
        tone=Tone.GOOD,
        title=f"Monitor: {channel} accepts alerts again",
        lines=(f"It had accepted none since {moment(since)}.",),
        about=(_channel(channel),),
        is_end=True,
        runbook=MonitorAlert.CHANNEL_FAILS,
    )


def long_mutes_message(muted: Sequence[MutedDates], today: date) -> Message:
    """Mutes of so many dates that they may be forgotten, each Monday."""
    first = muted[0]
    return Message(
        alert_id=f"nba-muted-{today}",
        tone=Tone.WARN,
        title=f"Monitor: {count(len(muted), 'mute')} of more than {LONG} dates",
        lines=tuple(first_few([found.summary for found in muted], MOST_DATES)),
        brief=(first.summary,),
        command_intro="To end it now:" if len(muted) == 1 else "To end the first one now:",
        command=f"nba-monitoring unmute --from {max(first.first, today)} --to {first.last}",
        runbook=MonitorAlert.LONG_MUTE,
    )


def stuck_run_message(run: StuckRun, now: datetime) -> Message:
    """A run that should have ended: its dates may have no verdict, and it may block others."""
    line = f"{run.status} for {duration(now - run.since)}, since {moment(run.since, game_date(now))}"
    return Message(
        alert_id=f"nba-stuck-{_short(run.run_id)}",
        tone=Tone.ERROR,
        title=f"Monitor: run {_short(run.run_id)} for {run.dates} is stuck",
        lines=(line, "Terminate it in Dagster and make sure the daemon is running."),
        command_intro="Then check again:",
        command=_check_command(run.dates),
        runbook=MonitorAlert.RUN_STUCK,
    )


def run_failed_message(run: FailedRun, dates: str) -> Message:
    """A check that failed, so nobody knows what it would have found."""
    return Message(
        alert_id=f"nba-run-{_short(run.run_id)}",
        tone=Tone.ERROR,
        title=f"Monitor: the check of {dates} {'was canceled' if run.cancelled else 'failed'}",
        lines=(_no_new_verdict(dates), *first_few(run.error_lines, MOST_ERROR_LINES)),
        brief=(*run.error_lines[:1], _no_new_verdict(dates)),
        about=(_checks(dates),),
        runbook=MonitorAlert.RUN_FAILED,
    )


def runs_failed_message(runs: Mapping[str, FailedRun]) -> Message:
    """Runs, by their dates, that failed at the same time: one alert, since they have one cause."""
    first_dates, first = next(iter(runs.items()))
    if len(runs) == 1:
        return run_failed_message(first, first_dates)
    return Message(
        alert_id=f"nba-runs-{_short(first.run_id)}",
        tone=Tone.ERROR,
        title=f"Monitor: {count(len(runs), 'check')} failed",
        lines=("These dates have no new verdict.",),
        brief=(f"{first_dates} {first.summary}", "These dates have no new verdict"),
        rows=tuple(
            Row(dates, "", next(iter(run.error_lines), run.summary)) for dates, run in list(runs.items())[:MOST_RUNS]
        ),
        evidence=_more(len(runs) - MOST_RUNS, "check"),
        about=tuple(map(_checks, runs)),
        runbook=MonitorAlert.RUN_FAILED,
    )


def runs_work_message(verdicts: Mapping[str, Sequence[str]]) -> Message:
    """Checks that run again after they failed, by their dates, with the lines on their verdicts."""
    lines = [line for found in verdicts.values() for line in found]
    first, *others = verdicts
    many = f"{count(len(verdicts), 'check')} running again after failed runs"
    return Message(
        alert_id=f"nba-works-{first.replace(' ', '-')}",
        tone=Tone.GOOD,
        title=f"Monitor: {many if others else f'checks of {first} are running again'}",
        lines=tuple(first_few(lines, MOST_DATES)),
        brief=tuple(lines[:1]),
        about=tuple(map(_checks, verdicts)),
        is_end=True,
        runbook=MonitorAlert.RUN_FAILED,
    )


def unreadable_message(run_id: str, dates: str, reasons: Sequence[str]) -> Message:
    """A run recorded verdicts that this version can't read, so nothing else reports them."""
    what = "a verdict" if len(reasons) == 1 else count(len(reasons), "verdict")
    return Message(
        alert_id=f"nba-unreadable-{_short(run_id)}",
        tone=Tone.ERROR,
        title=f"Monitor: {what} of run {_short(run_id)} can't be read",
        lines=(*first_few(list(reasons), MOST_ERROR_LINES), f"It is unknown whether {dates} is covered."),
        brief=(f"{dates}: {reasons[0]}",),
        command_intro="To check by hand:",
        command=_check_command(dates),
        runbook=MonitorAlert.UNREADABLE_VERDICT,
    )


def no_verdict_message(day: date, due: datetime, now: datetime) -> Message:
    """A date without a verdict though one was due (UTC instant): the scheduler, the queue or the run is stuck."""
    line = f"Due by {eastern_clock(due)}, {duration(now - due)} ago. Whether today's games are covered is unknown."
    return Message(
        alert_id=f"nba-{day}-no-verdict",
        tone=Tone.ERROR,
        title=f"Monitor: no verdict for {day_name(day)}",
        lines=(line,),
        command_intro="Make sure morning_check_8am is on and its run is not stuck. To check by hand:",
        command=_check_command(str(day)),
        runbook=MonitorAlert.NO_VERDICT,
    )


def break_message(found: Break) -> Message:
    """Something of the monitor is switched off, dead, fails or did not check, so that it could become blind."""
    return Message(
        alert_id=_monitor(found.key),
        tone=Tone.ERROR,
        title=f"Monitor: {found.what.rstrip('.')}",
        lines=(found.fix,),
        about=(_monitor(found.key),),
        runbook=runbook_of_break(found.key),
    )


def break_over_message(key: str, over: str) -> Message:
    """The end of what `break_message` reported."""
    about = (_monitor(key),)
    return Message(about[0], Tone.GOOD, f"Monitor: {over}", about=about, is_end=True, runbook=runbook_of_break(key))


def _monitor(key: str) -> str:
    return f"nba-monitor-{key.lower().replace(' ', '-').replace('_', '-')}"


def _checks(dates: str) -> str:
    return f"nba-checks-{dates.replace(' ', '-')}"


def _channel(name: str) -> str:
    return f"nba-channel-{name.lower().replace(' ', '-')}"


def _found(failed: FailedDate) -> str:
    """'Phase 4 MISSING_DATA, 6 of 6 not ready', without a stage if it was the schedule that was unknown."""
    stage = f"{failed.title} " if failed.title else ""
    lacking = failed.expected - failed.ready
    gap = f", {lacking} of {failed.expected} not ready" if lacking > 0 else ""
    return f"{stage}{failed.status}{gap}{', recovered later' if failed.recovered else ''}"


def _failed_runs(failures: Sequence[FailedRun]) -> list[str]:
    return first_few([f"Run {_short(run.run_id)} of {run.job} {run.summary}" for run in failures], MOST_RUNS)


def _no_new_verdict(dates: str) -> str:
    return f"No new verdict for {'these dates' if ' ' in dates else 'this date'}"


def _more(number: int, noun: str) -> tuple[str, ...]:
    return (f"and {count(number, f'more {noun}')}",) if number > 0 else ()


def _check_command(dates: str) -> str | None:
    """None for a run without dates."""
    first, _, last = dates.partition(" to ")
    if not first[:1].isdecimal():
        return None
    return f"nba-monitoring check --from {first} --to {last}" if last else f"nba-monitoring check --date {first}"


def _short(run_id: str) -> str:
    """The first eight characters, as Dagster's web interface shows a run."""
    return run_id[:8]
