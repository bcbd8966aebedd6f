"""Messages that are not about one live date: digests, failed runs, a verdict that did not come, a test."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from nba_monitoring.alerts.incidents.digest import Digest, FailedDate
from nba_monitoring.alerts.incidents.runs import FailedRun, StuckRun
from nba_monitoring.alerts.messages.end_messages import over_as
from nba_monitoring.alerts.messages.message import Message, NextSteps, Row, Tone
from nba_monitoring.alerts.messages.stage_words import title_of
from nba_monitoring.alerts.messages.wording import count, day_name, duration, first_few, moment
from nba_monitoring.core.eastern import eastern_clock
from nba_monitoring.core.incidents import Incident
from nba_monitoring.core.stages import SCHEDULE, StageTable

MOST_DATES = 10
MOST_RUNS = 10
MOST_ERROR_LINES = 12


def backfill_message(
    summary: Digest | None,
    failures: tuple[FailedRun, ...],
    identity: str,
    stages: StageTable,
    next_steps: NextSteps,
) -> Message:
    """The one message on a backfill of past dates of which some fail, or whose runs did. Nobody need hurry, so it only
    warns. `identity` is the backfill's id, or its only run's.
    """
    runs = [f"Run {_short(run.run_id)} of {run.summary}" for run in failures]
    lines = tuple(first_few(runs, MOST_RUNS))
    alert_id = f"nba-backfill-{_short(identity)}"
    if summary is not None:
        title = f"Backfill: {len(summary.failed)} of {count(summary.dates, 'date')} fail, {_span(summary)}"
        return _of_digest(summary, title, alert_id, lines, stages, next_steps)
    cancelled = all(run.cancelled for run in failures)
    title = f"Backfill {_short(identity)}: {count(len(failures), 'run')} {'cancelled' if cancelled else 'failed'}"
    return Message(alert_id, Tone.WARN, title, f"{title} [{alert_id}]", lines=lines, links=next_steps.links)


def outage_message(
    over: Sequence[Incident],
    failures: tuple[FailedRun, ...],
    since: datetime,
    now: datetime,
    stages: StageTable,
    next_steps: NextSteps,
) -> Message:
    """The one message on what was over before it could be told, between two instants (UTC)."""
    told = [f"{count(len({incident.check_date for incident in over}), 'date')} failed"] if over else []
    told += [count(len(failures), "failed run")] if failures else []
    title = f"Not told in time for {duration(now - since)}: {', '.join(told)}"
    runs = [f"Run {_short(run.run_id)} of {run.summary}" for run in failures]
    identity = f"nba-outage-{since:%Y%m%dT%H%M}"
    ordered = sorted(over, key=lambda incident: incident.check_date)
    more = len(ordered) - MOST_DATES
    return Message(
        alert_id=identity,
        tone=Tone.WARN,
        title=title,
        fallback=f"{title} [{identity}]",
        lines=(f"What was found between {moment(since)} and {moment(now)}, and is over:", *first_few(runs, MOST_RUNS)),
        rows=tuple(
            Row(str(incident.check_date), "", f"{incident.status}. {over_as(incident, stages)}")
            for incident in ordered[:MOST_DATES]
        ),
        evidence=(f"and {count(more, 'more date')}",) if more > 0 else (),
        links=next_steps.links,
    )


def missed_mornings_message(days: Sequence[date], since: datetime, now: datetime, next_steps: NextSteps) -> Message:
    """Mornings on which nobody looked, since the alerts did not run between two instants (UTC)."""
    identity = f"nba-missed-{days[0]}"
    title = f"Monitor: {count(len(days), 'morning')} not looked at"
    line = f"Nothing ran from {moment(since)} to {moment(now)}. These dates are judged now, as of now:"
    return Message(
        alert_id=identity,
        tone=Tone.WARN,
        title=title,
        fallback=f"{title}, {days[0]} to {days[-1]} [{identity}]",
        lines=(line, *first_few([day_name(day) for day in days], MOST_DATES)),
        links=next_steps.links,
    )


def refused_message(channel: str, error: str, since: datetime) -> Message:
    """The main channel rejects every alert until someone changes a setting; sent through a second channel."""
    identity = f"nba-refused-{since:%Y%m%dT%H%M}"
    title = f"Monitor: {channel} rejects alerts; using this channel until that is fixed"
    return Message(identity, Tone.ERROR, title, f"ERROR {title}. {error} [{identity}]", lines=(error,))


def stuck_run_message(run: StuckRun, now: datetime, next_steps: NextSteps) -> Message:
    """A run that should have ended: its dates may have no verdict, and it may hold up others."""
    identity = f"nba-stuck-{_short(run.run_id)}"
    title = f"Monitor: run {_short(run.run_id)} of {run.dates} does not end"
    line = f"It is {run.status} for {duration(now - run.since)} (since {moment(run.since)})"
    return Message(
        alert_id=identity,
        tone=Tone.ERROR,
        title=title,
        fallback=f"ERROR {title}. {line} [{identity}]",
        lines=(line, "Terminate it in Dagster, see that the daemon runs, and check its dates again."),
        links=next_steps.links,
    )


def run_failed_message(run: FailedRun, next_steps: NextSteps) -> Message:
    """The check could not be made: what it would have found, nobody knows."""
    identity = f"nba-run-{_short(run.run_id)}"
    return Message(
        alert_id=identity,
        tone=Tone.ERROR,
        title=f"Monitor: run of {run.outcome}",
        fallback=f"ERROR Monitor: run of {run.summary} [{identity}]",
        lines=(
            "The check was not made. Its dates have no new verdict.",
            *first_few(run.error_lines, MOST_ERROR_LINES),
        ),
        links=next_steps.links,
    )


def runs_failed_message(runs: Mapping[str, FailedRun], next_steps: NextSteps) -> Message:
    """Many runs, by their dates, that failed at the same time: one message, since one thing is behind them."""
    first = next(iter(runs.values()))
    more = len(runs) - MOST_RUNS
    identity = f"nba-runs-{_short(first.run_id)}"
    title = f"Monitor: {count(len(runs), 'run')} failed"
    return Message(
        alert_id=identity,
        tone=Tone.ERROR,
        title=title,
        fallback=f"ERROR {title}. {next(iter(runs))}: {first.summary} [{identity}]",
        lines=("The checks were not made. Their dates have no new verdict.",),
        rows=tuple(Row(dates, "", run.summary) for dates, run in list(runs.items())[:MOST_RUNS]),
        evidence=(f"and {count(more, 'more run')}",) if more > 0 else (),
        links=next_steps.links,
    )


def run_works_message(dates: str, verdicts: tuple[str, ...], next_steps: NextSteps) -> Message:
    """The check of some dates is made again after it could not be. `verdicts` has a line for each date."""
    return _work_again(dates, f"Monitor: the check of {dates} works again", verdicts, next_steps)


def runs_work_message(verdicts: Mapping[str, tuple[str, ...]], next_steps: NextSteps) -> Message:
    """The checks of many dates that are made again; of each the lines on its verdicts."""
    title = f"Monitor: {count(len(verdicts), 'check')} made again after failed runs"
    lines = [line for found in verdicts.values() for line in found]
    return _work_again(next(iter(verdicts)), title, lines, next_steps)


def unreadable_message(run_id: str, dates: str, reasons: Sequence[str], next_steps: NextSteps) -> Message:
    """A run recorded verdicts that this version can't read: what they say, nobody is told otherwise."""
    identity = f"nba-unreadable-{_short(run_id)}"
    title = f"Monitor: {_a_verdict(len(reasons))} of run {_short(run_id)} can't be read"
    return Message(
        alert_id=identity,
        tone=Tone.ERROR,
        title=title,
        fallback=f"ERROR {title}. {dates}: {reasons[0]} [{identity}]",
        lines=(
            f"Whether the games of {dates} are covered is not known from it. Check by hand:",
            *first_few(list(reasons), MOST_ERROR_LINES),
        ),
        command=_check_command(dates),
        links=next_steps.links,
    )


def no_verdict_message(day: date, due: datetime, now: datetime, next_steps: NextSteps) -> Message:
    """A date without a verdict though one was due (UTC instant): the scheduler, the queue or the run is stuck."""
    identity = f"nba-{day}-no-verdict"
    title = f"Monitor: no verdict on {day_name(day)}"
    line = f"Due by {eastern_clock(due)}, {duration(now - due)} ago. Whether today's games are covered is not known"
    return Message(
        alert_id=identity,
        tone=Tone.ERROR,
        title=title,
        fallback=f"ERROR {title}. {line} [{identity}]",
        lines=(line, "See that the schedule morning_check_8am is on and its run not stuck, or check by hand:"),
        command=f"nba-monitoring check --date {day}",
        links=next_steps.links,
    )


TEST_MESSAGE = Message(
    alert_id="nba-alert-test",
    tone=Tone.GOOD,
    title="Test: alerts of nba-monitoring arrive here",
    fallback="Test: alerts of nba-monitoring arrive here [nba-alert-test]",
    lines=("Sent by hand with `nba-monitoring alert-test`. Nothing is wrong.",),
)


def _work_again(dates: str, title: str, lines: Sequence[str], next_steps: NextSteps) -> Message:
    identity = f"nba-works-{dates.replace(' ', '-')}"
    return Message(
        alert_id=identity,
        tone=Tone.GOOD,
        title=title,
        fallback=f"{title}. {lines[0] if lines else ''} [{identity}]",
        lines=tuple(first_few(lines, MOST_DATES)),
        links=next_steps.links,
    )


def _of_digest(
    summary: Digest,
    title: str,
    identity: str,
    lines: tuple[str, ...],
    stages: StageTable,
    next_steps: NextSteps,
) -> Message:
    counts = ", ".join(f"{number:,} {status}" for status, number in summary.counts.items())
    worst = summary.failed[0]
    more = len(summary.failed) - MOST_DATES
    return Message(
        alert_id=identity,
        tone=Tone.WARN,
        title=title,
        fallback=f"{title}. Worst: {worst.day} {_seen(worst, stages)} [{identity}]",
        lines=(*lines, counts, *(["Worst first:"] if len(summary.failed) > 1 else [])),
        rows=tuple(Row(str(failed.day), "", _seen(failed, stages)) for failed in summary.failed[:MOST_DATES]),
        evidence=(f"and {count(more, 'more date')}",) if more > 0 else (),
        links=next_steps.links,
    )


def _seen(failed: FailedDate, stages: StageTable) -> str:
    """'Phase 4 MISSING_DATA 0 of 6 ready', without a stage where it was the schedule that was not known."""
    stage = "" if failed.stage == SCHEDULE else f"{title_of(failed.stage, stages)} "
    ready = f" {failed.ready} of {failed.expected} ready" if failed.expected else ""
    return f"{stage}{failed.status}{ready}{', recovered since' if failed.recovered else ''}"


def _span(summary: Digest) -> str:
    return str(summary.first) if summary.first == summary.last else f"{summary.first} to {summary.last}"


def _check_command(dates: str) -> str:
    first, _, last = dates.partition(" to ")
    return f"nba-monitoring check --from {first} --to {last}" if last else f"nba-monitoring check --date {first}"


def _a_verdict(number: int) -> str:
    return "a verdict" if number == 1 else count(number, "verdict")


def _short(run_id: str) -> str:
    """The first eight characters, by which Dagster's web interface calls a run."""
    return run_id[:8]
