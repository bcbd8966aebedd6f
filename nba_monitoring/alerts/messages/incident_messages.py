"""Alerts about an incident: what is wrong, since when, how long is left, what to run, why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from nba_monitoring.alerts.incidents.decision import END_REASONS, NotifyReason
from nba_monitoring.alerts.message import Message, Tone
from nba_monitoring.alerts.messages.course_words import (
    ack_command,
    acknowledgement,
    after_fix,
    changes,
    how_it_ended,
    in_time,
    lasted,
    late_games,
    mute_ended,
    note,
    sent_late,
    status_line,
    time_left,
    time_to_act,
    tone,
)
from nba_monitoring.alerts.messages.incident_words import (
    advice,
    besides,
    by_number,
    causes,
    command_for,
    complete,
    finding,
    is_only_unreadable,
    names,
    recovered_stages,
    rows,
    then_for,
    undone,
    units,
    what_is_wrong,
)
from nba_monitoring.alerts.messages.service_messages import services_message
from nba_monitoring.alerts.runbooks import SERVICES, MonitorAlert
from nba_monitoring.core.incidents import EndedAs, Incident
from nba_monitoring.core.stages import SCHEDULE, Due
from nba_monitoring.core.status import Status
from nba_monitoring.core.words import count, day_name, duration, moment

_PREFIXES = {
    NotifyReason.GOT_WORSE: "Worse: ",
    NotifyReason.CHANGED: "Changed: ",
    NotifyReason.REMINDER: "Still: ",
}
# The owner is called twice at most, and never to be reminded.
_MENTIONS = (NotifyReason.FIRST_FINDING, NotifyReason.GOT_WORSE)
_HOW_TO_CHECK: Mapping[Due | None, str] = {
    Due.BEFORE_TIP: "Make sure recheck_until_covered is on and no run is stuck. To check by hand:",
    Due.MORNING_AFTER: "Make sure results_check_8am and recheck_until_covered are on and no run is stuck. "
    "To check by hand:",
}


def incident_message(
    reason: NotifyReason, incident: Incident, now: datetime, why_late: str = "Could not be sent in time"
) -> Message:
    """The alert about an incident, sent at an instant (UTC). `reason` is not NOTHING. `why_late` is why an incident
    ended before it could be reported.
    """
    is_end = reason in END_REASONS or reason is NotifyReason.CAME_LATE
    if incident.is_about_services:
        message = services_message(reason, incident, now, why_late, _PREFIXES.get(reason, ""))
        return replace(message, about=(incident.incident_id,), is_end=is_end, runbook=SERVICES)
    message = _message(reason, incident, now, why_late)
    page = MonitorAlert.NOT_CHECKED if reason is NotifyReason.NOT_LOOKED_AT else incident.stage
    return replace(message, about=(incident.incident_id,), is_end=is_end, runbook=page)


def _message(reason: NotifyReason, incident: Incident, now: datetime, why_late: str) -> Message:
    match reason:
        case NotifyReason.RECOVERED:
            return _recovered(incident)
        case NotifyReason.TOO_LATE:
            return _too_late(incident, now)
        case NotifyReason.EXCUSED:
            is_muted_to_its_end = bool(incident.detail.mute) and incident.detail.passed_as is None
            return _mute_expired(incident) if is_muted_to_its_end else _no_longer_expected(incident)
        case NotifyReason.CLOSED:
            return _closed(incident)
        case NotifyReason.OVER:
            return _over(incident, now, why_late)
        case NotifyReason.CAME_LATE:
            return _arrived_late(incident)
        case NotifyReason.ACKNOWLEDGED:
            return _acknowledged(incident, now)
        case NotifyReason.FIX_STARTED:
            return _fix_started(incident, now)
        case NotifyReason.NOT_LOOKED_AT:
            return _not_checked(incident, now)
        case _:
            return _failing(reason, incident, now)


def _failing(reason: NotifyReason, incident: Incident, now: datetime) -> Message:
    title = f"{_PREFIXES.get(reason, '')}{finding(incident)}"
    others, left = besides(incident), time_to_act(incident, now)
    lines = [status_line(incident, now), *left, *changes(incident), *others, *units(incident)]
    lines += mute_ended(incident)
    if incident.acknowledged_at is not None:
        lines.append(acknowledgement(incident, incident.acknowledged_at))
    lines += [*causes(incident), *advice(incident)]
    return Message(
        alert_id=incident.incident_id,
        tone=tone(incident),
        title=title,
        brief=(*left, *(_affected(incident) or units(incident)), *others, *causes(incident)),
        lines=tuple(lines),
        rows=rows(incident),
        evidence=_evidence(incident),
        command=command_for(incident, now),
        then=then_for(incident, now),
        owner=incident.detail.owner if reason in _MENTIONS else None,
        acknowledge=ack_command(incident),
    )


def _not_checked(incident: Incident, now: datetime) -> Message:
    day = incident.check_date
    checked_at = incident.detail.looked_at or incident.found_at
    title = f"Monitor: {day_name(day)} not checked since {moment(checked_at, day)}"
    line = f"Last finding: {what_is_wrong(incident)}. Its current state is unknown."
    return Message(
        alert_id=incident.incident_id,
        tone=Tone.ERROR,
        title=title,
        brief=(line,),
        lines=(line, *time_left(incident, now)),
        command_intro=_HOW_TO_CHECK[incident.due],
        command=f"nba-monitoring check --date {day}",
    )


def _acknowledged(incident: Incident, now: datetime) -> Message:
    title = f"{acknowledgement(incident, incident.acknowledged_at or now)}: {finding(incident)}"
    left = time_left(incident, now)
    return Message(
        alert_id=incident.incident_id,
        tone=tone(incident),
        title=title,
        brief=(*note(incident), *left),
        lines=(
            *note(incident),
            *left,
            *units(incident),
            *advice(incident),
            "No more reminders. Changes and the end are still reported.",
        ),
        rows=rows(incident),
        command=command_for(incident, now),
        then=then_for(incident, now),
    )


def _fix_started(incident: Incident, now: datetime) -> Message:
    detail = incident.detail
    verb = "may have started" if detail.is_fix_unclear else "started"
    doubt = "Cloud Scheduler gave no clear answer. Don't start it again before that check."
    return Message(
        alert_id=incident.incident_id,
        tone=Tone.WARN,
        title=f"{incident.fix_started_by} {verb} {detail.fix_job}",
        lines=(
            finding(incident),
            *time_left(incident, now),
            "One more check follows ten minutes after the start.",
            *([doubt] if detail.is_fix_unclear else []),
            *units(incident),
        ),
        rows=rows(incident),
    )


def _closed(incident: Incident) -> Message:
    title = f"Closed by {incident.detail.closed_by or 'hand'}: {finding(incident)}"
    return _good(incident, title, [*note(incident), f"{lasted(incident)}. No more alerts until it is complete."])


def _recovered(incident: Incident) -> Message:
    late, left = late_games(incident)
    games = count(len(late), "game") if late and late[0][1] else "some games" if left else "all games"
    how = f", late for {games}" if late else ""
    title = f"Recovered{how}: {recovered_stages(incident)}, {day_name(incident.check_date)}"
    return _good(incident, title, [lasted(incident), *after_fix(incident), *mute_ended(incident), *in_time(incident)])


def _no_longer_expected(incident: Incident) -> Message:
    detail, day = incident.detail, day_name(incident.check_date)
    gone = [unit.game for unit in detail.uncovered if unit.game is not None and unit.game not in detail.expected]
    if gone and detail.passed_as in (Status.AVAILABLE, Status.NO_GAMES, Status.BOOTSTRAP):
        off = f"{count(len(gone), 'game')} {'is' if len(gone) == 1 else 'are'} off the slate"
        by_reason: dict[str, list[str]] = {}
        for game in gone:
            by_reason.setdefault(detail.excluded.get(game, "off the slate"), []).append(game.matchup)
        lines = [f"{reason[:1].upper()}{reason[1:]}: {', '.join(games)}" for reason, games in by_reason.items()]
        if detail.passed_as is Status.AVAILABLE:
            left = len(detail.expected)
            lines.append(f"The other {count(left, 'game')} {'is' if left == 1 else 'are'} complete")
        return _good(incident, f"No longer expected: {off}, {day}", [lasted(incident), *mute_ended(incident), *lines])
    title = incident.title
    what = {
        None: f"{title} {by_number(title, 'is', 'are')} no longer watched",
        Status.AVAILABLE: recovered_stages(incident),
        Status.NO_GAMES: "no games on this date",
        Status.BOOTSTRAP: f"the season has just begun, so {title} may be empty",
        Status.NOT_DUE: f"{title} {by_number(title, 'is', 'are')} not due yet",
        Status.HALTED: f"{title} {by_number(title, 'was', 'were')} halted on purpose",
    }.get(detail.passed_as, f"{title} {detail.passed_as}")
    return _good(incident, f"No longer expected: {what}, {day}", [lasted(incident), *mute_ended(incident)])


def _mute_expired(incident: Incident) -> Message:
    title = f"Mute expired: {day_name(incident.check_date)} was never complete"
    is_about_rows = incident.stage != SCHEDULE and not is_only_unreadable(incident)
    word = "Missing" if all(unit.is_missing for unit in incident.detail.uncovered) else "Incomplete"
    named = [f"{word} at the last check: {games}" for games in _affected(incident)] if is_about_rows else []
    lines = (f"Muted because: {incident.detail.mute}", *(named or [f"Last check: {what_is_wrong(incident)}"]))
    return Message(incident.incident_id, Tone.WARN, title, lines=lines)


def _too_late(incident: Incident, now: datetime) -> Message:
    title = f"Too late: {undone(incident)}"
    if incident.stage != SCHEDULE and not is_only_unreadable(incident):
        title += f", {day_name(incident.check_date)}"
    what = "Replace the rows" if incident.status is Status.BAD_DATA else "Fill the gap"
    users = "grading and later dates" if incident.due is Due.BEFORE_TIP else "later dates"
    return Message(
        alert_id=incident.incident_id,
        tone=Tone.ERROR,
        title=title,
        brief=(*_affected(incident), *besides(incident)),
        lines=(lasted(incident), *besides(incident), *units(incident)),
        rows=rows(incident),
        evidence=_evidence(incident),
        command_intro=f"{what} anyway; {users} use these rows:",
        command=command_for(incident, now),
    )


def _over(incident: Incident, now: datetime, why_late: str) -> Message:
    is_recovered = incident.ended_as is EndedAs.RECOVERED
    how = "Recovered" if is_recovered else "Ended"
    title = f"{how} before it could be reported: {finding(incident, past=True)}"
    lines = [f"{lasted(incident)}; {how_it_ended(incident)}", *units(incident)]
    lines += sent_late(incident, now, why_late)
    return Message(
        alert_id=incident.incident_id,
        tone=Tone.GOOD if is_recovered else Tone.WARN,
        title=title,
        lines=tuple(lines),
        rows=rows(incident),
        evidence=_evidence(incident),
    )


def _arrived_late(incident: Incident) -> Message:
    day, covered_at = incident.check_date, incident.covered_at or incident.found_at
    what = recovered_stages(incident) if incident.stage == SCHEDULE else complete(incident)
    end = "the last tip-off" if incident.due is Due.BEFORE_TIP else "the results deadline"
    late = covered_at - incident.deadline
    # What someone closed may still come in time.
    title, when = ("Arrived late", "after") if late > timedelta(0) else ("Complete after closing", "before")
    line = f"Complete by {moment(covered_at, day)}, {duration(abs(late))} {when} {end}"
    return _good(incident, f"{title}: {what}, {day_name(day)}", [line, *mute_ended(incident)])


def _good(incident: Incident, title: str, lines: Sequence[str]) -> Message:
    return Message(incident.incident_id, Tone.GOOD, title, lines=tuple(lines), evidence=_evidence(incident))


def _affected(incident: Incident) -> list[str]:
    """The affected games and teams in one line, none if there are none."""
    named = names(incident.detail.uncovered)
    return [", ".join(named)] if named else []


def _evidence(incident: Incident) -> tuple[str, ...]:
    if incident.status is not Status.SUSPECT_JOIN or not incident.is_open:
        return incident.detail.evidence
    return (f"Expected: {', '.join(game.matchup for game in incident.detail.expected)}", *incident.detail.evidence)
