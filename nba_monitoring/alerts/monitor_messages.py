"""Messages that are not about one live date: digests, failed runs, a verdict that did not come, a test."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from nba_monitoring.alerts.decision import LastNotification
from nba_monitoring.alerts.digest import Digest, FailedDate
from nba_monitoring.alerts.message import Message, NextSteps, Row, Tone
from nba_monitoring.alerts.wording import count, day_name, duration, first_few, moment
from nba_monitoring.core.eastern import eastern_clock

MOST_DATES = 10
MOST_RUNS = 10
MOST_ERROR_LINES = 12


@dataclass(frozen=True, slots=True)
class FailedRun:
    """A run that ended without a verdict: by an error, or because someone cancelled it."""

    run_id: str
    job: str
    error: str
    cancelled: bool = False

    @property
    def outcome(self) -> str:
        """What became of the job, in words."""
        return f"{self.job} {'was cancelled' if self.cancelled else 'failed'}"

    @property
    def summary(self) -> str:
        """The outcome with the first line of the error, which says what was wrong."""
        return ": ".join([self.outcome, *_text_lines(self.error)[:1]])


def backfill_message(summary: Digest, run_id: str, next_steps: NextSteps) -> Message:
    """The one message on a run over past dates of which some fail. Nobody need hurry, so it only warns."""
    title = f"Backfill: {len(summary.failed)} of {count(summary.dates, 'date')} fail, {_span(summary)}"
    return _of_digest(summary, title, f"nba-backfill-{_short(run_id)}", (), next_steps)


def outage_message(
    summary: Digest | None, failed_runs: tuple[FailedRun, ...], since: datetime, now: datetime, next_steps: NextSteps
) -> Message:
    """The one message on what could not be said between two instants (UTC), instead of all of them afterwards."""
    said = [] if summary is None else [f"{count(len(summary.failed), 'date')} failed"]
    said += [count(len(failed_runs), "failed run")] if failed_runs else []
    title = f"Not delivered for {duration(now - since)}: {', '.join(said)}"
    runs = [f"Run {_short(run.run_id)} of {run.summary}" for run in failed_runs]
    lines = (f"Alerts could not be delivered from {moment(since)} to {moment(now)}", *first_few(runs, MOST_RUNS))
    identity = f"nba-outage-{since:%Y%m%dT%H%M}"
    if summary is not None:
        return _of_digest(summary, title, identity, lines, next_steps)
    return Message(identity, Tone.WARN, title, fallback=f"{title} [{identity}]", lines=lines, links=next_steps.links)


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
            *first_few(_text_lines(run.error), MOST_ERROR_LINES),
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


def mute_over_message(last: LastNotification, next_steps: NextSteps) -> Message:
    """A muted date is over and was not covered when last looked at: said once, so that the gap is not forgotten."""
    identity = f"{last.alert_id}-mute-over"
    title = f"Mute over with its date: {day_name(last.day)} was not covered"
    games = (
        (f"Uncovered at the last look: {', '.join(game.matchup for game in sorted(last.uncovered))}",)
        if last.uncovered
        else ()
    )
    return Message(
        alert_id=identity,
        tone=Tone.WARN,
        title=title,
        fallback=f"{title}. Muted: {last.muted} [{identity}]",
        lines=(f"Muted: {last.muted}", *games),
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
        command="nba-monitoring check --date DATE",
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


def _of_digest(summary: Digest, title: str, identity: str, lines: tuple[str, ...], next_steps: NextSteps) -> Message:
    counts = ", ".join(f"{number:,} {status}" for status, number in summary.counts.items())
    worst = summary.failed[0]
    more = len(summary.failed) - MOST_DATES
    return Message(
        alert_id=identity,
        tone=Tone.WARN,
        title=title,
        fallback=f"{title}. Worst: {worst.day} {_seen(worst)} [{identity}]",
        lines=(*lines, counts, *(["Worst first:"] if len(summary.failed) > 1 else [])),
        rows=tuple(Row(str(failed.day), "", _seen(failed)) for failed in summary.failed[:MOST_DATES]),
        evidence=(f"and {count(more, 'more date')}",) if more > 0 else (),
        links=next_steps.links,
    )


def _seen(failed: FailedDate) -> str:
    games = f" {failed.ready} of {failed.scheduled} ready" if failed.scheduled else ""
    return f"{failed.status}{games}{', recovered since' if failed.recovered else ''}"


def _span(summary: Digest) -> str:
    return str(summary.first) if summary.first == summary.last else f"{summary.first} to {summary.last}"


def _a_verdict(number: int) -> str:
    return "a verdict" if number == 1 else count(number, "verdict")


def _short(run_id: str) -> str:
    """The first eight characters, by which Dagster's web interface calls a run."""
    return run_id[:8]


def _text_lines(text: str) -> list[str]:
    return [line for line in (line.strip() for line in text.splitlines()) if line]
