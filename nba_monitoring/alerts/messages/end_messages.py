"""What is said about the end of an incident, and of what came after it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from nba_monitoring.alerts.incidents.lifecycle import last_chance_of
from nba_monitoring.alerts.messages.course_words import in_time, lasted, mute_ended
from nba_monitoring.alerts.messages.message import Message, NextSteps, Tone
from nba_monitoring.alerts.messages.stage_words import (
    besides,
    command_for,
    finding,
    is_only_unreadable,
    matchups,
    played_without,
    ready,
    rows,
    still_wrong,
    title_of,
    units,
    unreadable,
)
from nba_monitoring.alerts.messages.wording import day_name, duration, fallback, moment
from nba_monitoring.core.incidents import Incident
from nba_monitoring.core.stages import Due, StageTable
from nba_monitoring.core.status import Status

# What a date passes with whose uncovered games are not expected any more.
_OFF_THE_SLATE = (Status.AVAILABLE, Status.NO_GAMES, Status.BOOTSTRAP)


def recovered(incident: Incident, stages: StageTable, next_steps: NextSteps) -> Message:
    """Everything that was due is there."""
    title = f"Recovered: {_ready(incident, stages)}, {day_name(incident.check_date)}"
    return _good(incident, title, [lasted(incident), *mute_ended(incident), *in_time(incident)], next_steps)


def excused(incident: Incident, stages: StageTable, next_steps: NextSteps) -> Message:
    """Nothing of it is expected any more, or it was muted to its end."""
    day, passed_as = incident.check_date, incident.detail.passed_as
    if incident.detail.mute and passed_as is None:
        title = f"Mute over with its date: {day_name(day)} was not covered"
        lines = (f"Muted: {incident.detail.mute}", *_last_seen(incident, stages))
        return Message(
            alert_id=incident.incident_id,
            tone=Tone.WARN,
            title=title,
            fallback=fallback([title, lines[0]], incident.incident_id),
            lines=lines,
            links=next_steps.links,
        )
    state: str = passed_as or f"{title_of(incident.stage, stages)} not watched any more"
    title = f"Over: {_ready(incident, stages) if passed_as is Status.AVAILABLE else state}, {day_name(day)}"
    gone = [f"No longer on the slate: {named}" for named in matchups(incident)] if passed_as in _OFF_THE_SLATE else []
    return _good(incident, title, [lasted(incident), *mute_ended(incident), *gone], next_steps)


def closed(incident: Incident, stages: StageTable, next_steps: NextSteps) -> Message:
    """Somebody ended it by hand."""
    title = f"Closed by {incident.detail.closed_by or 'hand'}: {finding(incident, stages)}"
    note = [incident.detail.note] if incident.detail.note else []
    return _good(incident, title, [*note, lasted(incident)], next_steps)


def too_late(incident: Incident, stages: StageTable, next_steps: NextSteps) -> Message:
    """The last game that it concerned tipped off without it, or the morning after is over."""
    day = incident.check_date
    if _is_about_a_stage(incident):
        title = f"Too late: {_undone(incident, stages)}, {day_name(day)}"
    else:
        title = f"Too late: {day_name(day)} ended {_without_knowing(incident)}"
    return Message(
        alert_id=incident.incident_id,
        tone=Tone.ERROR,
        title=title,
        fallback=fallback([f"ERROR {title}", *matchups(incident)], incident.incident_id),
        lines=(lasted(incident), *units(incident), *besides(incident, stages), *unreadable(incident)),
        rows=rows(incident),
        evidence=incident.detail.evidence,
        # Grading and the next days build on these rows, though the date's predictions are lost.
        command=command_for(incident, stages),
        links=next_steps.links,
    )


def over(incident: Incident, stages: StageTable, now: datetime, next_steps: NextSteps) -> Message:
    """The whole incident in the past tense: it was over before a message about it was accepted."""
    title = f"Over before it was told: {finding(incident, stages, has_passed=True)}"
    lines = [lasted(incident), *units(incident), over_as(incident, stages)]
    if incident.ended_at is not None:
        lines.append(f"Could not be told in time: this comes {duration(now - incident.ended_at)} after its end")
    return Message(
        alert_id=incident.incident_id,
        tone=Tone.GOOD if incident.covered_at else Tone.WARN,
        title=title,
        fallback=fallback([title, *lines], incident.incident_id),
        lines=tuple(lines),
        rows=rows(incident),
        evidence=incident.detail.evidence,
        links=next_steps.links,
    )


def came_late(incident: Incident, stages: StageTable, next_steps: NextSteps) -> Message:
    """The rows came after the end."""
    day, covered_at = incident.check_date, incident.covered_at or incident.found_at
    title = f"Came late: {_ready(incident, stages)}, {day_name(day)}"
    end = "the last tip-off" if incident.due is Due.BEFORE_TIP else "the morning after was over"
    came = f"Came at {moment(covered_at, day)}, {duration(covered_at - last_chance_of(incident))} after {end}"
    return _good(incident, title, [came, *mute_ended(incident)], next_steps)


def over_as(incident: Incident, stages: StageTable) -> str:
    """How an incident ended, in a sentence."""
    if incident.covered_at is not None:
        return f"{_ready(incident, stages)} at {moment(incident.covered_at, incident.check_date)}"
    if incident.detail.passed_as is not None:
        return f"Ended as {incident.detail.passed_as}"
    if _is_about_a_stage(incident):
        return _undone(incident, stages)
    return f"The date ended {_without_knowing(incident)}"


def _is_about_a_stage(incident: Incident) -> bool:
    """Whether rows are lacking or bad, and not the schedule that would tell which are."""
    return incident.status is not Status.UNKNOWN_SCHEDULE and not is_only_unreadable(incident)


def _undone(incident: Incident, stages: StageTable) -> str:
    is_before = incident.due is Due.BEFORE_TIP
    return played_without(incident, stages) if is_before else still_wrong(incident, stages)


def _without_knowing(incident: Incident) -> str:
    return "with a listing that can't be read" if incident.detail.unreadable else "without a schedule to check against"


def _last_seen(incident: Incident, stages: StageTable) -> list[str]:
    named = [f"Uncovered at the last look: {named}" for named in matchups(incident)]
    if named or not _is_about_a_stage(incident):
        return named
    return [f"The last look found {finding(incident, stages)}"]


def _ready(incident: Incident, stages: StageTable) -> str:
    """How much is there now, and of which stage, unless it is the one that the wide history row is about."""
    now = ready(incident, stages)
    if incident.stage not in stages or stages[incident.stage].is_phase4:
        return now
    return f"{title_of(incident.stage, stages)}, {now}"


def _good(incident: Incident, title: str, lines: Sequence[str], next_steps: NextSteps) -> Message:
    return Message(
        alert_id=incident.incident_id,
        tone=Tone.GOOD,
        title=title,
        fallback=fallback([title, *lines], incident.incident_id),
        lines=tuple(lines),
        evidence=incident.detail.evidence,
        links=next_steps.links,
    )
