"""How an incident stands against the clock and the last alert: since when, how long is left, what was in time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from nba_monitoring.alerts.message import Tone
from nba_monitoring.alerts.messages.incident_words import (
    GAPS,
    by_number,
    can_not,
    command_for,
    names,
    recovered_stages,
    undone,
    wrong,
)
from nba_monitoring.alerts.messages.service_words import services_end
from nba_monitoring.core.eastern import earliest_tip, game_date
from nba_monitoring.core.incidents import Incident
from nba_monitoring.core.stages import SCHEDULE, Due
from nba_monitoring.core.status import Severity, Status
from nba_monitoring.core.words import count, duration, moment


def status_line(incident: Incident, now: datetime) -> str:
    """The status, its severity, since when, and what differs from the last alert."""
    told = incident.detail.told
    found_at = moment(incident.found_at, incident.check_date)
    state = f"{incident.status} ({incident.severity})"
    if told is None:
        return f"{state}, found at {found_at}"
    lasting = f"for {duration(now - incident.found_at)}, since {found_at}"
    if told.status != incident.status:
        return f"Failing {lasting}; now {state}, was {told.status} ({told.severity})"
    if told.severity != incident.severity:
        return f"{incident.status} {lasting}; now {incident.severity}, was {told.severity}"
    return f"{state} {lasting}"


def changes(incident: Incident) -> list[str]:
    """What differs from the last alert: the stage, or the units."""
    told, detail = incident.detail.told, incident.detail
    if told is None:
        return []
    if told.subject != incident.stage and SCHEDULE not in (told.subject, incident.stage):
        before = incident.title_of(told.subject)
        is_failing = told.subject in (*detail.behind, *detail.also)
        passes = by_number(before, "passes", "pass")
        state = f"still {by_number(before, 'fails', 'fail')}" if is_failing else passes
        return [
            f"{before} {state}; {incident.title} {by_number(incident.title, 'is', 'are')} now the first broken stage"
        ]
    # Units can't be compared with those of a table that could not be read: nobody knew what it had.
    if told.subject != incident.stage or told.is_unreadable != detail.is_unreadable:
        gap = GAPS.get(told.status, "")
        before = wrong(incident.title_of(told.subject), told.status, told.is_unreadable, told.rules, gap)
        is_listing = told.subject == SCHEDULE and told.status is Status.PARTIAL_DATA
        return [f"Last alert: {f'a listed game {can_not()} be read' if is_listing else before}"]
    expected = {game.id for game in detail.expected}
    earlier, uncovered = {unit.unit: unit for unit in told.uncovered}, {unit.unit: unit for unit in detail.uncovered}
    gone = {unit for unit, seen in earlier.items() if seen.game is not None and unit not in expected}
    done = earlier.keys() - uncovered.keys() - gone
    return [
        f"{label}: {', '.join(named)}"
        for label, units in (
            ("Newly affected", [uncovered[unit] for unit in sorted(uncovered.keys() - earlier.keys())]),
            (
                "Complete since the last alert",
                [earlier[unit] for unit in sorted(done)],
            ),
            ("No longer on the slate", [earlier[unit] for unit in sorted(gone)]),
        )
        if (named := names(units))
    ]


def time_left(incident: Incident, now: datetime) -> list[str]:
    """When the first game tips off that it affects, and the next one after that; for results, their deadline."""
    day = incident.check_date
    if incident.due is Due.MORNING_AFTER:
        end = incident.deadline
        return [f"Results deadline in {duration(end - now)} ({moment(end, day)})"] if end > now else []
    known = [tip for tip in incident.tips if tip is not None]
    if not known:
        return ["Tip-off times are unknown"] if incident.tips else []
    first = "First affected game" if incident.is_about_games else "First game"
    if known[0] > now:
        return [f"{first} tips off in {duration(known[0] - now)} ({moment(known[0], day)})"]
    line = f"{first} tipped off {duration(now - known[0])} ago ({moment(known[0], day)})"
    ahead = [tip for tip in known if tip > now]
    if ahead:
        return [f"{line}; the next tips off in {duration(ahead[0] - now)} ({moment(ahead[0], day)})"]
    unknown = len(incident.tips) - len(known)
    has = "has" if unknown == 1 else "have"
    return [f"{line}; {count(unknown, 'game')} {has} no known tip-off time" if unknown else line]


def time_to_act(incident: Incident, now: datetime) -> list[str]:
    """`time_left`, and by when its command has to be started, if there is one and it is known how long that takes."""
    lines, end, takes = time_left(incident, now), _next_end(incident, now), incident.detail.takes_minutes
    if end is None or takes is None or command_for(incident, now) is None:
        return lines
    length = timedelta(minutes=takes)
    is_in_time = now + length < end
    start_by = f"Start it by {moment(end - length, game_date(end))}"
    too_late = f"It takes {duration(length)}, so it can't be ready by then"
    return [f"{lines[0]}. {start_by if is_in_time else too_late}", *lines[1:]]


def _next_end(incident: Incident, now: datetime) -> datetime | None:
    """The next tip-off that it affects, or the results deadline (UTC); None if it is unknown or there is none left."""
    ends = [incident.deadline] if incident.due is Due.MORNING_AFTER else incident.tips
    return min((end for end in ends if end is not None and end > now), default=None)


def lasted(incident: Incident) -> str:
    """'MISSING_DATA for 11 h 30 min, 7:00 AM to 6:30 PM ET', with its stages if there were several."""
    ended_at, stages = incident.ended_at or incident.found_at, incident.detail.stages
    start = moment(incident.found_at, incident.check_date).removesuffix(" ET")
    span = f"for {duration(ended_at - incident.found_at)}, {start} to {moment(ended_at, game_date(incident.found_at))}"
    if len(stages) <= 1:
        return f"{incident.status} {span}"
    return f"Failing {span}: {', then '.join(incident.title_of(stage) for stage in stages)}"


def late_games(incident: Incident) -> tuple[Sequence[tuple[datetime, str]], Sequence[tuple[datetime, str]]]:
    """The games, with their tip-offs, for which data arrived too late, and those for which it was in time. If it was
    not about single games, the tip-offs of the date without names.
    """
    expected = set(incident.detail.expected)
    games = [
        (unit.tip_at or earliest_tip(incident.check_date), unit.game.matchup)
        for unit in incident.detail.uncovered
        if unit.game in expected
    ] or [(tip, "") for tip in incident.detail.tips if tip is not None]
    covered_at = incident.covered_at
    if covered_at is None or incident.due is Due.MORNING_AFTER:
        return (), ()
    return [game for game in games if game[0] <= covered_at], [game for game in games if game[0] > covered_at]


def in_time(incident: Incident) -> list[str]:
    """How long before its tip-off the data was complete, and for which games that was too late."""
    day, covered_at = incident.check_date, incident.covered_at
    late, left = late_games(incident)
    if covered_at is None or not (late or left):
        return []
    is_named = bool((late or left)[0][1])
    if not late:
        first = "first affected tip-off" if is_named else "first tip-off"
        return [f"Complete {duration(left[0][0] - covered_at)} before the {first} ({moment(left[0][0], day)})"]
    named = ", ".join(name for _, name in late) if is_named else f"the games of {moment(late[0][0], day)}"
    first = "which tipped off" if len(late) == 1 else "of which the first tipped off"
    when = f"{duration(covered_at - late[0][0])} earlier{f' ({moment(late[0][0], day)})' if is_named else ''}"
    lines = [f"Too late for {named}{'' if is_named or len(late) == 1 else ' and later'}, {first} {when}"]
    if left:
        others = f"the other {len(left)}" if is_named else "the others"
        ahead = f"{duration(left[0][0] - covered_at)} ({moment(left[0][0], day)})"
        lines.append(f"In time for {others}; the next tips off in {ahead}")
    return lines


def after_fix(incident: Incident) -> list[str]:
    """How long after someone started its job the data was complete: '28 min after Ann's fix'."""
    started_at, covered_at = incident.fix_started_at, incident.covered_at
    if started_at is None or covered_at is None or covered_at < started_at:
        return []
    return [f"{duration(covered_at - started_at)} after {incident.fix_started_by}'s fix"]


def mute_ended(incident: Incident) -> list[str]:
    """The mute that was in force until now."""
    muted = incident.detail.was_muted or (incident.detail.mute if not incident.is_open else None)
    return [f"The mute has expired: {muted}"] if muted else []


def how_it_ended(incident: Incident) -> str:
    """'Phase 4 complete for all 6 games at 6:30 PM ET', '6 games tipped off without complete Phase 4 data'."""
    if incident.is_about_services:
        return services_end(incident)
    if incident.covered_at is not None:
        return f"{recovered_stages(incident)} at {moment(incident.covered_at, incident.check_date)}"
    if incident.detail.passed_as is not None:
        return f"ended with status {incident.detail.passed_as}"
    return undone(incident)


def acknowledgement(incident: Incident, acknowledged_at: datetime) -> str:
    """'Acknowledged by Ann at 8:12 AM ET'."""
    return f"Acknowledged by {incident.acknowledged_by or 'someone'} at {moment(acknowledged_at, incident.check_date)}"


def ack_command(incident: Incident) -> str | None:
    """The command that acknowledges it and so stops its reminders; None once somebody has."""
    return None if incident.acknowledged_at else f"nba-monitoring ack {incident.incident_id} --by NAME"


def note(incident: Incident) -> list[str]:
    """The note of the acknowledgement or the close, in quotes."""
    return [f'"{incident.detail.note}"'] if incident.detail.note else []


def sent_late(incident: Incident, now: datetime, why_late: str) -> list[str]:
    """Why an alert comes after the end of its incident, and how long after; nothing while that is open."""
    if incident.ended_at is None:
        return []
    return [f"{why_late}; sent {duration(now - incident.ended_at)} after the incident ended"]


def tone(incident: Incident) -> Tone:
    """How urgent an alert about a failing incident is."""
    return Tone.WARN if incident.severity is Severity.WARN else Tone.ERROR
