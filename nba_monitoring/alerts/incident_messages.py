"""What is said about an incident: its course, its end, and what comes after it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from nba_monitoring.alerts.decision import NotifyReason, last_chance_of
from nba_monitoring.alerts.message import Message, NextSteps, Row, Tone
from nba_monitoring.alerts.wording import count, day_name, duration, first_few, moment
from nba_monitoring.core.eastern import earliest_tip, tip_clock
from nba_monitoring.core.games import Game
from nba_monitoring.core.incidents import Incident, UncoveredGame
from nba_monitoring.core.status import Severity, Status

_FINDINGS = {
    Status.MISSING_DATA: "Phase 4 missing",
    Status.PARTIAL_DATA: "Phase 4 incomplete",
    Status.SUSPECT_JOIN: "Phase 4 ids match no game",
    Status.UNKNOWN_SCHEDULE: "No schedule to check against",
}

_PREFIXES = {
    NotifyReason.GOT_WORSE: "Worse: ",
    NotifyReason.CHANGED: "Changed: ",
    NotifyReason.REMINDER: "Still: ",
}

# Running Phase 4 again fixes neither of these.
_ADVICE = {
    Status.SUSPECT_JOIN: (
        "Phase 4 holds rows for the date, but under ids that match no expected game. "
        "Compare the ids below before running anything again."
    ),
    Status.UNKNOWN_SCHEDULE: (
        "No schedule source lists a game for the date, and nothing proves a day off. "
        "Look at the schedule scrapers first."
    ),
}

_UNREADABLE_ADVICE = (
    "A source lists what names no game, so a game may be missing here. Look at the schedule scrapers first."
)
MOST_UNREADABLE = 3


def incident_message(reason: NotifyReason, incident: Incident, now: datetime, next_steps: NextSteps) -> Message:
    """The message about an incident, sent at an instant (UTC). `reason` is not NOTHING."""
    match reason:
        case NotifyReason.RECOVERED:
            return _recovered(incident, next_steps)
        case NotifyReason.TOO_LATE:
            return _too_late(incident, next_steps)
        case NotifyReason.EXCUSED:
            return _excused(incident, next_steps)
        case NotifyReason.CLOSED:
            return _closed(incident, next_steps)
        case NotifyReason.OVER:
            return _over(incident, now, next_steps)
        case NotifyReason.CAME_LATE:
            return _came_late(incident, next_steps)
        case NotifyReason.ACKNOWLEDGED:
            return _acknowledged(incident, now, next_steps)
        case NotifyReason.NOT_LOOKED_AT:
            return _not_looked_at(incident, now, next_steps)
        case _:
            return _failing(reason, incident, now, next_steps)


def _failing(reason: NotifyReason, incident: Incident, now: datetime, next_steps: NextSteps) -> Message:
    title = f"{_PREFIXES.get(reason, '')}{_finding(incident)}"
    unreadable = first_few(list(incident.detail.unreadable), MOST_UNREADABLE)
    lines = [f"{incident.severity} {incident.status}", *_time_left(incident, now), *unreadable]
    if reason is not NotifyReason.FIRST_FINDING:
        lines += _since(incident, now)
    lines += _mute_ended(incident)
    if incident.acknowledged_by:
        lines.append(f"{incident.acknowledged_by} has it")
    advice = _UNREADABLE_ADVICE if _is_only_unreadable(incident) else _ADVICE.get(incident.status)
    lines += [advice] if advice else []
    parts = [f"{incident.severity} {title}", *_time_left(incident, now), *_all_matchups(incident), *unreadable]
    return Message(
        alert_id=incident.incident_id,
        tone=_tone(incident),
        title=title,
        fallback=_fallback(parts, incident),
        lines=tuple(lines),
        rows=_rows(incident),
        evidence=incident.detail.evidence,
        command=None if advice else next_steps.fix_command,
        links=next_steps.links,
    )


def _not_looked_at(incident: Incident, now: datetime, next_steps: NextSteps) -> Message:
    day = incident.check_date
    looked_at = incident.detail.looked_at or incident.found_at
    title = f"Monitor: {day_name(day)} was not looked at since {moment(looked_at, day)}"
    line = f"The last look found {_finding(incident)}. Whether that still holds is not known"
    return Message(
        alert_id=incident.incident_id,
        tone=Tone.ERROR,
        title=title,
        fallback=_fallback([f"ERROR {title}", line], incident),
        lines=(
            line,
            *_time_left(incident, now),
            "See that recheck_until_covered is on and its run not stuck, or check by hand:",
        ),
        command=f"nba-monitoring check --date {day}",
        links=next_steps.links,
    )


def _acknowledged(incident: Incident, now: datetime, next_steps: NextSteps) -> Message:
    title = f"{incident.acknowledged_by or 'Someone'} has it: {_finding(incident)}"
    note = (incident.detail.note,) if incident.detail.note else ()
    return Message(
        alert_id=incident.incident_id,
        tone=_tone(incident),
        title=title,
        fallback=_fallback([title, *note], incident),
        lines=(*note, *_time_left(incident, now), "No reminders from here on; changes and the end are told."),
        rows=_rows(incident),
        links=next_steps.links,
    )


def _recovered(incident: Incident, next_steps: NextSteps) -> Message:
    title = f"Recovered: {_ready(incident)}, {day_name(incident.check_date)}"
    return _good(incident, title, [*_was(incident), *_mute_ended(incident), *_in_time(incident)], next_steps)


def _excused(incident: Incident, next_steps: NextSteps) -> Message:
    day = incident.check_date
    if incident.detail.mute and incident.detail.passed_as is None:
        title = f"Mute over with its date: {day_name(day)} was not covered"
        uncovered = [f"Uncovered at the last look: {matchups}" for matchups in _all_matchups(incident)]
        lines = (f"Muted: {incident.detail.mute}", *uncovered)
        return Message(
            alert_id=incident.incident_id,
            tone=Tone.WARN,
            title=title,
            fallback=_fallback([title, lines[0]], incident),
            lines=lines,
            links=next_steps.links,
        )
    is_covered = incident.detail.passed_as is Status.AVAILABLE
    title = f"Over: {_ready(incident) if is_covered else incident.detail.passed_as}, {day_name(day)}"
    gone = [f"No longer on the slate: {matchups}" for matchups in _all_matchups(incident)]
    return _good(incident, title, [*_was(incident), *_mute_ended(incident), *gone], next_steps)


def _closed(incident: Incident, next_steps: NextSteps) -> Message:
    title = f"Closed by {incident.detail.closed_by or 'hand'}: {_finding(incident)}"
    note = [incident.detail.note] if incident.detail.note else []
    return _good(incident, title, [*note, *_was(incident)], next_steps)


def _too_late(incident: Incident, next_steps: NextSteps) -> Message:
    day, uncovered = incident.check_date, incident.detail.uncovered
    if uncovered:
        title = f"Too late: {_played_without(uncovered)}, {day_name(day)}"
    else:
        title = f"Too late: {day_name(day)} ended {_without_knowing(incident)}"
    return Message(
        alert_id=incident.incident_id,
        tone=Tone.ERROR,
        title=title,
        fallback=_fallback([f"ERROR {title}", *_all_matchups(incident)], incident),
        lines=(*_was(incident), *first_few(list(incident.detail.unreadable), MOST_UNREADABLE)),
        rows=_rows(incident),
        evidence=incident.detail.evidence,
        # Grading and the next days build on these rows, though the date's predictions are lost.
        command=next_steps.fix_command if uncovered and incident.status not in _ADVICE else None,
        links=next_steps.links,
    )


def _over(incident: Incident, now: datetime, next_steps: NextSteps) -> Message:
    """The whole incident in the past tense: it was over before a message about it was accepted."""
    title = f"Over before it was told: {_finding(incident, has_passed=True)}"
    lines = [*_was(incident), over_as(incident)]
    if incident.ended_at is not None:
        lines.append(f"Could not be told in time: this comes {duration(now - incident.ended_at)} after its end")
    return Message(
        alert_id=incident.incident_id,
        tone=Tone.GOOD if incident.covered_at else Tone.WARN,
        title=title,
        fallback=_fallback([title, *lines], incident),
        lines=tuple(lines),
        rows=_rows(incident),
        evidence=incident.detail.evidence,
        links=next_steps.links,
    )


def _came_late(incident: Incident, next_steps: NextSteps) -> Message:
    day, covered_at = incident.check_date, incident.covered_at or incident.found_at
    title = f"Came late: {_ready(incident)}, {day_name(day)}"
    came = (
        f"Came at {moment(covered_at, day)}, {duration(covered_at - last_chance_of(incident))} after the last tip-off"
    )
    return _good(incident, title, [came, *_mute_ended(incident)], next_steps)


def over_as(incident: Incident) -> str:
    """How an incident ended, in a sentence."""
    if incident.covered_at is not None:
        return f"{_ready(incident)} at {moment(incident.covered_at, incident.check_date)}"
    if incident.detail.passed_as is not None:
        return f"Ended as {incident.detail.passed_as}"
    if incident.detail.uncovered:
        return _played_without(incident.detail.uncovered)
    return f"The date ended {_without_knowing(incident)}"


def _without_knowing(incident: Incident) -> str:
    return "with a listing that can't be read" if incident.detail.unreadable else "without a schedule to check against"


def _is_only_unreadable(incident: Incident) -> bool:
    """Whether nothing is wrong but a listing that may hide a game."""
    detail = incident.detail
    return incident.status is Status.PARTIAL_DATA and bool(detail.unreadable) and not detail.uncovered


def _good(incident: Incident, title: str, lines: Sequence[str], next_steps: NextSteps) -> Message:
    return Message(
        alert_id=incident.incident_id,
        tone=Tone.GOOD,
        title=title,
        fallback=_fallback([title, *lines], incident),
        lines=tuple(lines),
        evidence=incident.detail.evidence,
        links=next_steps.links,
    )


def _finding(incident: Incident, has_passed: bool = False) -> str:
    finding = _FINDINGS.get(incident.status, incident.status.value)
    if _is_only_unreadable(incident):
        finding = "A listing can't be read"
    if has_passed and incident.detail.uncovered:
        finding += f" for {count(len(incident.detail.uncovered), 'game')}"
    elif incident.status is not Status.UNKNOWN_SCHEDULE:
        finding += f": {_ready(incident)}"
    return f"{finding}, {day_name(incident.check_date)}"


def _ready(incident: Incident) -> str:
    return f"{incident.detail.ready} of {count(len(incident.detail.expected), 'game')} ready"


def _played_without(uncovered: Sequence[UncoveredGame]) -> str:
    were = "was" if len(uncovered) == 1 else "were"
    return f"{count(len(uncovered), 'game')} {were} played without Phase 4"


def _time_left(incident: Incident, now: datetime) -> list[str]:
    """A line on the first uncovered tip-off, and on the next one if that has been."""
    day, uncovered = incident.check_date, incident.detail.uncovered
    tips = [game.tip_at for game in uncovered if game.tip_at is not None]
    if not tips:
        return ["No tip-off time is known"] if uncovered else []
    if tips[0] > now:
        return [f"First uncovered tip-off in {duration(tips[0] - now)} ({moment(tips[0], day)})"]
    ahead = [tip for tip in tips if tip > now]
    line = f"First uncovered game tipped off {duration(now - tips[0])} ago ({moment(tips[0], day)})"
    if ahead:
        return [f"{line}, the next one does in {duration(ahead[0] - now)} ({moment(ahead[0], day)})"]
    unknown = len(uncovered) - len(tips)
    return [f"{line}; of {count(unknown, 'game')} the time is not known" if unknown else line]


def _since(incident: Incident, now: datetime) -> list[str]:
    since = moment(incident.found_at, incident.check_date)
    lines = [f"Failing for {duration(now - incident.found_at)} (since {since})"]
    told, detail = incident.detail.told, incident.detail
    if told is None:
        return lines
    if (told.severity, told.status) != (incident.severity, incident.status):
        lines.append(f"Was {told.severity} {told.status}")
    before, uncovered = {game.game for game in told.uncovered}, {game.game for game in detail.uncovered}
    for word, games in (
        ("Newly uncovered", uncovered - before),
        ("Covered by now", (before & set(detail.expected)) - uncovered),
        ("No longer on the slate", before - set(detail.expected)),
    ):
        if games:
            lines.append(f"{word}: {_matchups(sorted(games))}")
    return lines


def _was(incident: Incident) -> list[str]:
    day, ended_at = incident.check_date, incident.ended_at or incident.found_at
    span = f"{moment(incident.found_at, day)} to {moment(ended_at, day)}"
    return [f"Was {incident.status} for {duration(ended_at - incident.found_at)} ({span})"]


def _mute_ended(incident: Incident) -> list[str]:
    muted = incident.detail.was_muted or (incident.detail.mute if not incident.is_open else None)
    return [f"Was muted until now: {muted}"] if muted else []


def _in_time(incident: Incident) -> list[str]:
    """How long before tip-off the games came that were last seen uncovered, and which of them came too late."""
    day, covered_at = incident.check_date, incident.covered_at
    expected = set(incident.detail.expected)
    tips = [(_tip(game), game.game) for game in incident.detail.uncovered if game.game in expected]
    if not tips or covered_at is None:
        return []
    late = [(tip, game) for tip, game in tips if tip <= covered_at]
    if not late:
        return [f"Came {duration(tips[0][0] - covered_at)} before the first tip-off ({moment(tips[0][0], day)})"]
    named = ", ".join(f"{game.matchup} {moment(tip, day)}" for tip, game in late)
    lines = [f"Came {duration(covered_at - late[0][0])} after the first tip-off, too late for {named}"]
    if len(late) < len(tips):
        left = tips[len(late)][0] - covered_at
        lines.append(f"In time for {count(len(tips) - len(late), 'game')}, the first of them in {duration(left)}")
    return lines


def _tip(game: UncoveredGame) -> datetime:
    return game.tip_at or earliest_tip(game.game.day)


def _rows(incident: Incident) -> tuple[Row, ...]:
    return tuple(
        Row(f"{game.game.away} @ {game.game.home}", tip_clock(game.tip_at), game.reason)
        for game in incident.detail.uncovered
    )


def _tone(incident: Incident) -> Tone:
    return Tone.WARN if incident.severity is Severity.WARN else Tone.ERROR


def _fallback(parts: Iterable[str], incident: Incident) -> str:
    return ". ".join(parts) + f" [{incident.incident_id}]"


def _all_matchups(incident: Incident) -> list[str]:
    games = [game.game for game in incident.detail.uncovered]
    return [_matchups(games)] if games else []


def _matchups(games: Iterable[Game]) -> str:
    return ", ".join(game.matchup for game in games)
