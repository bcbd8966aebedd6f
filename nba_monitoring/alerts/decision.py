"""When to notify: pure, total functions of an incident, a look and the clock.

A look changes an incident (`after_look`), and so does the clock (`at`). What is to be told follows from the difference
between the incident and what was last told of it (`notify_reason`), whenever a message can be sent; once it was
accepted, `after_message` remembers it. On the platform the same finding was once alerted at every run, until nobody
read the alerts any more.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum

from nba_monitoring.alerts.evidence import evidence
from nba_monitoring.core.eastern import earliest_tip, end_of_day, morning_look
from nba_monitoring.core.games import Game
from nba_monitoring.core.incidents import EndedAs, Incident, IncidentDetail, Told, UncoveredGame
from nba_monitoring.core.record import CheckRecord, GameSeen
from nba_monitoring.core.stage_verdict import ERROR_BEFORE_TIP
from nba_monitoring.core.stages import PHASE4, Due
from nba_monitoring.core.status import Severity, Status

# Looks come every half hour; after four of them without a change the message may have been overlooked.
REPEAT_INTERVAL = timedelta(hours=2)
# A look and a half: one that is late is not yet one that does not come.
LOOK_OVERDUE_AFTER = timedelta(minutes=45)

_HOW_BAD = {
    Status.PARTIAL_DATA: 1,
    Status.MISSING_DATA: 2,
    Status.SUSPECT_JOIN: 3,
    Status.UNKNOWN_SCHEDULE: 3,
}


class NotifyReason(StrEnum):
    """Why to notify, or not to."""

    FIRST_FINDING = "first finding"
    GOT_WORSE = "got worse"
    CHANGED = "changed"
    NOT_LOOKED_AT = "not looked at"
    REMINDER = "reminder"
    ACKNOWLEDGED = "acknowledged"
    RECOVERED = "recovered"
    TOO_LATE = "too late"
    EXCUSED = "excused"
    CLOSED = "closed"
    OVER = "over before it was told"
    CAME_LATE = "came late"
    NOTHING = "nothing"


# One of these is the last message about an incident's course; after it only rows that come late are told.
LAST_WORDS = frozenset(
    {NotifyReason.RECOVERED, NotifyReason.TOO_LATE, NotifyReason.EXCUSED, NotifyReason.CLOSED, NotifyReason.OVER}
)

_REASON_OF_END = {
    EndedAs.RECOVERED: NotifyReason.RECOVERED,
    EndedAs.TOO_LATE: NotifyReason.TOO_LATE,
    EndedAs.EXCUSED: NotifyReason.EXCUSED,
    EndedAs.CLOSED: NotifyReason.CLOSED,
}


def after_look(incidents: Sequence[Incident], record: CheckRecord, run_id: str | None = None) -> Incident | None:
    """The incident that a look opens or changes, given those of its date, oldest first; None where it does neither.

    A look no newer than the one last acted on changes nothing, so that the order of runs does not matter.
    """
    last = incidents[-1] if incidents else None
    if last is not None and last.detail.looked_at is not None and record.check_time <= last.detail.looked_at:
        return None
    if record.status.passes:
        return None if last is None else _after_pass(last, record)
    if last is not None and last.is_open:
        was_muted = last.detail.mute or last.detail.was_muted
        changed = _with_look(last, record, run_id)
        if changed.detail.mute is None and was_muted:
            return replace(changed, detail=replace(changed.detail, was_muted=was_muted))
        return changed
    if not record.is_live or (last is not None and not _is_new_finding(last, record)):
        return None
    return _with_look(_opened(record, number=len(incidents) + 1), record, run_id)


def at(incident: Incident, now: datetime) -> Incident:
    """The incident as the clock has made it by an instant (UTC): more urgent, or too late."""
    if not incident.is_open:
        return incident
    last_chance = last_chance_of(incident)
    if now >= last_chance:
        # Muted to its end: whoever muted it knew.
        ended_as = EndedAs.EXCUSED if incident.detail.mute else EndedAs.TOO_LATE
        return replace(incident, ended_at=max(last_chance, incident.found_at), ended_as=ended_as)
    tips = [game.tip_at or earliest_tip(game.game.day) for game in incident.detail.uncovered]
    if tips and min(tips) - now <= ERROR_BEFORE_TIP:
        return replace(incident, severity=Severity.ERROR)
    return incident


def notify_reason(incident: Incident, now: datetime) -> NotifyReason:
    """What is to be told of an incident at an instant (UTC), given what was told of it."""
    detail = incident.detail
    if incident.ended_as is not None:
        return _reason_after_end(incident, incident.ended_as)
    if detail.mute:
        return NotifyReason.NOTHING
    if detail.told is None:
        return NotifyReason.FIRST_FINDING
    if incident.acknowledged_at is not None and not detail.acknowledgement_told:
        return NotifyReason.ACKNOWLEDGED
    if _is_worse(detail.told, incident):
        return NotifyReason.GOT_WORSE
    if _is_different(detail.told, incident):
        return NotifyReason.CHANGED
    if is_look_overdue(incident, now) and detail.unseen_told != detail.looked_at:
        return NotifyReason.NOT_LOOKED_AT
    is_due = detail.was_muted is not None or now - detail.told.at >= REPEAT_INTERVAL
    return NotifyReason.REMINDER if is_due and incident.acknowledged_at is None else NotifyReason.NOTHING


def after_message(incident: Incident, reason: NotifyReason, now: datetime, thread: str | None) -> Incident:
    """The incident once a message about it was accepted at an instant (UTC), in the thread that the receipt names."""
    detail = incident.detail
    has_ended = reason in LAST_WORDS
    return replace(
        incident,
        told_at=incident.told_at or now,
        detail=replace(
            detail,
            told=Told(now, incident.status, incident.severity, detail.uncovered),
            thread=thread,
            was_muted=None,
            unseen_told=detail.looked_at if reason is NotifyReason.NOT_LOOKED_AT else detail.unseen_told,
            # Whoever is told first of an incident that someone has is told so in the same message.
            acknowledgement_told=detail.acknowledgement_told or incident.acknowledged_at is not None,
            end_told=detail.end_told or has_ended,
            covered_told=detail.covered_told or incident.covered_at is not None,
        ),
    )


def is_look_overdue(incident: Incident, now: datetime) -> bool:
    """Whether a look should have come since the newest one: they come from 8:00 AM Pacific of the date on."""
    looked_at = incident.detail.looked_at or incident.found_at
    return now - max(looked_at, morning_look(incident.check_date)) > LOOK_OVERDUE_AFTER


def last_chance_of(incident: Incident) -> datetime:
    """The last uncovered tip-off (UTC); the end of the date where one is not known, or no game is."""
    over = end_of_day(incident.check_date)
    return max((game.tip_at or over for game in incident.detail.uncovered), default=over)


def how_bad(status: Status | None) -> int:
    """A rank of statuses, 0 for those that pass and for none."""
    return 0 if status is None else _HOW_BAD.get(status, 0)


def _opened(record: CheckRecord, number: int) -> Incident:
    tips = [seen.tip_at for game in record.uncovered_games if (seen := record.detail.games.get(game)) and seen.tip_at]
    return Incident(
        incident_id=f"nba-{record.check_date}" if number == 1 else f"nba-{record.check_date}-{number}",
        check_date=record.check_date,
        due=Due.BEFORE_TIP,
        stage=PHASE4,
        status=record.status,
        severity=record.severity or Severity.ERROR,
        found_at=record.check_time,
        first_tip_at=min(tips, default=None),
        detail=IncidentDetail(),
    )


def _with_look(incident: Incident, record: CheckRecord, run_id: str | None) -> Incident:
    detail = replace(
        incident.detail,
        uncovered=_uncovered(record),
        unreadable=record.detail.unreadable,
        expected=tuple(record.detail.games),
        ready=record.phase4_ready,
        evidence=evidence(record),
        looked_at=record.check_time,
        run_id=run_id,
        mute=record.detail.mute.summary if record.detail.mute else None,
    )
    return replace(incident, status=record.status, severity=record.severity or Severity.ERROR, detail=detail)


def _after_pass(last: Incident, record: CheckRecord) -> Incident | None:
    detail = replace(
        last.detail,
        looked_at=record.check_time,
        expected=tuple(record.detail.games),
        ready=record.phase4_ready,
        evidence=evidence(record),
        passed_as=record.status,
    )
    if last.is_open:
        still_expected = any(game.game in record.detail.games for game in last.detail.uncovered)
        is_covered = record.status is Status.AVAILABLE and (still_expected or not last.detail.uncovered)
        return replace(
            last,
            ended_at=record.check_time,
            ended_as=EndedAs.RECOVERED if is_covered else EndedAs.EXCUSED,
            covered_at=record.check_time if is_covered else None,
            detail=detail,
        )
    ended_without = last.ended_as in (EndedAs.TOO_LATE, EndedAs.CLOSED)
    if ended_without and last.covered_at is None and record.status is Status.AVAILABLE:
        return replace(last, covered_at=record.check_time, detail=detail)
    return None


def _is_new_finding(ended: Incident, record: CheckRecord) -> bool:
    """Whether a failing look after an incident's end is another finding.

    After a look that passed it is. Games that were played without their rows, or whose incident someone closed or
    muted to its end, are told already: only a further game that is still to tip off is new.
    """
    if ended.ended_as is EndedAs.RECOVERED or (ended.ended_as is EndedAs.EXCUSED and not ended.detail.mute):
        return True
    known = {game.game for game in ended.detail.uncovered}
    over = end_of_day(record.check_date)
    return any(game.game not in known and (game.tip_at or over) > record.check_time for game in _uncovered(record))


def _uncovered(record: CheckRecord) -> tuple[UncoveredGame, ...]:
    missing = set(record.missing_games)
    found = [_uncovered_game(record, game, game in missing) for game in record.uncovered_games]
    return tuple(sorted(found, key=lambda game: (game.tip_at or earliest_tip(game.game.day), game.game)))


def _uncovered_game(record: CheckRecord, game: Game, is_missing: bool) -> UncoveredGame:
    seen = record.detail.games.get(game, GameSeen())
    return UncoveredGame(game, seen.tip_at, seen.reason or "", is_missing)


def _reason_after_end(incident: Incident, ended_as: EndedAs) -> NotifyReason:
    detail = incident.detail
    if detail.end_told:
        return NotifyReason.CAME_LATE if incident.covered_at and not detail.covered_told else NotifyReason.NOTHING
    # A muted finding was kept back on purpose; its end is told all the same, so that the gap is not forgotten.
    if detail.told is None and not detail.mute:
        return NotifyReason.OVER
    return _REASON_OF_END[ended_as]


def _is_worse(told: Told, incident: Incident) -> bool:
    now_uncovered = incident.detail.uncovered
    return (
        (told.severity is Severity.WARN and incident.severity is Severity.ERROR)
        or how_bad(incident.status) > how_bad(told.status)
        or len(now_uncovered) > len(told.uncovered)
        or len(_missing(now_uncovered)) > len(_missing(told.uncovered))
    )


def _is_different(told: Told, incident: Incident) -> bool:
    return (told.status, told.severity, _missing(told.uncovered), _games(told.uncovered)) != (
        incident.status,
        incident.severity,
        _missing(incident.detail.uncovered),
        _games(incident.detail.uncovered),
    )


def _missing(uncovered: Iterable[UncoveredGame]) -> frozenset[Game]:
    return frozenset(game.game for game in uncovered if game.is_missing)


def _games(uncovered: Iterable[UncoveredGame]) -> frozenset[Game]:
    return frozenset(game.game for game in uncovered)
