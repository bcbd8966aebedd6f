"""How an incident stands with the clock, in words: the time left, since when it fails, and what came in time."""

from __future__ import annotations

from datetime import datetime

from nba_monitoring.alerts.incidents.lifecycle import last_chance_of, tips_of
from nba_monitoring.alerts.messages.stage_words import names, was
from nba_monitoring.alerts.messages.wording import count, duration, moment
from nba_monitoring.core.eastern import earliest_tip
from nba_monitoring.core.incidents import Incident
from nba_monitoring.core.stages import Due, StageTable


def time_left(incident: Incident, now: datetime) -> list[str]:
    """A line on the first tip-off that it concerns, and on the next one if that has been; on the end of the morning
    after, of what the games left behind.
    """
    day = incident.check_date
    if incident.due is Due.MORNING_AFTER:
        end = last_chance_of(incident)
        return [f"The morning after is over in {duration(end - now)} ({moment(end, day)})"] if end > now else []
    tips = tips_of(incident)
    known = [tip for tip in tips if tip is not None]
    if not known:
        return ["No tip-off time is known"] if tips else []
    is_about_games = incident.detail.tips == ()
    if known[0] > now:
        first = "First uncovered tip-off" if is_about_games else "First tip-off"
        return [f"{first} in {duration(known[0] - now)} ({moment(known[0], day)})"]
    ahead = [tip for tip in known if tip > now]
    first = "First uncovered game" if is_about_games else "First game"
    line = f"{first} tipped off {duration(now - known[0])} ago ({moment(known[0], day)})"
    if ahead:
        return [f"{line}, the next one does in {duration(ahead[0] - now)} ({moment(ahead[0], day)})"]
    unknown = len(tips) - len(known)
    return [f"{line}; of {count(unknown, 'game')} the time is not known" if unknown else line]


def since(incident: Incident, stages: StageTable, now: datetime) -> list[str]:
    """Since when it fails, and what is another than when it was last told."""
    found_at = moment(incident.found_at, incident.check_date)
    lines = [f"Failing for {duration(now - incident.found_at)} (since {found_at})"]
    told, detail = incident.detail.told, incident.detail
    if told is None:
        return lines
    # Nor are units to be compared with those of a table that could not be read: nobody knew what it held.
    if told.subject != incident.stage or told.is_unreadable != detail.is_unreadable:
        return [*lines, f"Was {told.severity} {was(told, stages)}"]
    if (told.severity, told.status) != (incident.severity, incident.status):
        lines.append(f"Was {told.severity} {told.status}")
    expected = {game.id for game in detail.expected}
    before, uncovered = {unit.unit: unit for unit in told.uncovered}, {unit.unit: unit for unit in detail.uncovered}
    gone = {unit for unit, seen in before.items() if seen.game is not None and unit not in expected}
    for word, units in (
        ("Newly uncovered", [uncovered[unit] for unit in sorted(uncovered.keys() - before.keys())]),
        ("Covered by now", [before[unit] for unit in sorted(before.keys() - uncovered.keys() - gone)]),
        ("No longer on the slate", [before[unit] for unit in sorted(gone)]),
    ):
        if named := names(units):
            lines.append(f"{word}: {', '.join(named)}")
    return lines


def lasted(incident: Incident) -> str:
    """How long it was wrong."""
    day, ended_at = incident.check_date, incident.ended_at or incident.found_at
    span = f"{moment(incident.found_at, day)} to {moment(ended_at, day)}"
    return f"Was {incident.status} for {duration(ended_at - incident.found_at)} ({span})"


def mute_ended(incident: Incident) -> list[str]:
    """The mute that was in force until now."""
    muted = incident.detail.was_muted or (incident.detail.mute if not incident.is_open else None)
    return [f"Was muted until now: {muted}"] if muted else []


def in_time(incident: Incident) -> list[str]:
    """How long before tip-off the rows came, and for which games they came too late."""
    day, covered_at, detail = incident.check_date, incident.covered_at, incident.detail
    if covered_at is None or incident.due is Due.MORNING_AFTER:
        return []
    expected = set(detail.expected)
    games = [
        (unit.tip_at or earliest_tip(day), f"{unit.game.matchup} ")
        for unit in detail.uncovered
        if unit.game in expected
    ] or [(tip, "the games of ") for tip in detail.tips if tip is not None]
    if not games:
        return []
    late = [(tip, name) for tip, name in games if tip <= covered_at]
    if not late:
        return [f"Came {duration(games[0][0] - covered_at)} before the first tip-off ({moment(games[0][0], day)})"]
    named = ", ".join(f"{name}{moment(tip, day)}" for tip, name in late)
    lines = [f"Came {duration(covered_at - late[0][0])} after the first tip-off, too late for {named}"]
    if len(late) < len(games):
        left = games[len(late)][0] - covered_at
        in_time_for = len(games) - len(late)
        what = count(in_time_for, "game") if not detail.tips else "the others"
        lines.append(f"In time for {what}, the first of them in {duration(left)}")
    return lines
