"""When to notify: pure, total functions of an incident, a look and the clock.

A look changes an incident (`after_look`), and so does the clock (`at`). What is to be told follows from the difference
between the incident and what was last told of it (`notify_reason`), whenever a message can be sent; once it was
accepted, `after_message` remembers it. On the platform the same finding was once alerted at every run, until nobody
read the alerts any more.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from nba_monitoring.alerts.broken import Broken, first_broken
from nba_monitoring.alerts.evidence import evidence
from nba_monitoring.core.eastern import earliest_tip, end_of_day, end_of_morning_after, morning_look
from nba_monitoring.core.incidents import EndedAs, Incident, IncidentDetail, Told, UncoveredUnit
from nba_monitoring.core.record import CheckRecord
from nba_monitoring.core.rules.base import Level
from nba_monitoring.core.stage_record import StageCheck
from nba_monitoring.core.stage_verdict import ERROR_BEFORE_TIP
from nba_monitoring.core.stages import SCHEDULE, Due, StageTable
from nba_monitoring.core.status import Severity, Status

# Looks come every half hour; after four of them without a change the message may have been overlooked.
REPEAT_INTERVAL = timedelta(hours=2)
# A look and a half: one that is late is not yet one that does not come.
LOOK_OVERDUE_AFTER = timedelta(minutes=45)

_HOW_BAD = {
    Status.BAD_DATA: 1,
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


def after_look(
    incidents: Sequence[Incident], record: CheckRecord, stages: StageTable, run_id: str | None = None
) -> Sequence[Incident]:
    """The incidents that a look opens or changes, given those of its date, oldest first: at most one a due time.

    A look no newer than the one last acted on changes nothing, so that the order of runs does not matter.
    """
    found = [_after_look(incidents, record, due, stages, run_id) for due in Due]
    return [incident for incident in found if incident is not None]


def _after_look(
    of_date: Sequence[Incident], record: CheckRecord, due: Due, stages: StageTable, run_id: str | None
) -> Incident | None:
    incidents = [incident for incident in of_date if incident.due is due]
    last = incidents[-1] if incidents else None
    if last is not None and last.detail.looked_at is not None and record.check_time <= last.detail.looked_at:
        return None
    checks = record.stages_due(due)
    broken = first_broken(checks, record.stages)
    if last is not None and last.is_open:
        return _gone_on(last, record, checks, broken, stages, run_id)
    if (
        broken is not None
        and _is_to_be_told(of_date, record, broken, due)
        and (last is None or _is_new_finding(last, record, broken))
    ):
        return _with_look(_opened(record, broken, due, len(incidents) + 1), record, broken, stages, run_id)
    return None if last is None else _covered_late(last, record, checks, stages)


def _gone_on(
    incident: Incident,
    record: CheckRecord,
    checks: Mapping[str, StageCheck],
    broken: Broken | None,
    stages: StageTable,
    run_id: str | None,
) -> Incident | None:
    """An open incident after a look; None where the look is of a version that knew nothing of its due time."""
    if broken is None:
        return _after_pass(incident, record, checks, stages) if checks else None
    was_muted = incident.detail.mute or incident.detail.was_muted
    changed = _with_look(incident, record, broken, stages, run_id)
    if changed.detail.mute is None and was_muted:
        return replace(changed, detail=replace(changed.detail, was_muted=was_muted))
    return changed


def at(incident: Incident, now: datetime) -> Incident:
    """The incident as the clock has made it by an instant (UTC): more urgent, or too late."""
    if not incident.is_open:
        return incident
    last_chance = last_chance_of(incident)
    if now >= last_chance:
        # Muted to its end: whoever muted it knew.
        ended_as = EndedAs.EXCUSED if incident.detail.mute else EndedAs.TOO_LATE
        return replace(incident, ended_at=max(last_chance, incident.found_at), ended_as=ended_as)
    tips = [tip or earliest_tip(incident.check_date) for tip in tips_of(incident)]
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
            told=Told(
                at=now,
                status=incident.status,
                severity=incident.severity,
                uncovered=detail.uncovered,
                stage=incident.stage,
                also=detail.also,
                rules=_rules(incident),
            ),
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
    """Whether a look should have come since the newest one: they come from 8:00 AM Pacific of the date on, and on the
    morning after from then on.
    """
    looked_at = incident.detail.looked_at or incident.found_at
    day = incident.check_date + timedelta(days=1 if incident.due is Due.MORNING_AFTER else 0)
    return now - max(looked_at, morning_look(day)) > LOOK_OVERDUE_AFTER


def tips_of(incident: Incident) -> Sequence[datetime | None]:
    """When the games tip off (UTC) that an incident is about: single games, or all of the date."""
    detail = incident.detail
    return [unit.tip_at for unit in detail.uncovered] if _is_about_games(detail.uncovered) else detail.tips


def last_chance_of(incident: Incident) -> datetime:
    """The last uncovered tip-off (UTC); the end of the date where one is not known, or no game is. Of what the games
    left behind the end of the morning after.
    """
    return _last_chance(incident.check_date, incident.due, tips_of(incident))


def _last_chance(day: date, due: Due, tips: Iterable[datetime | None]) -> datetime:
    if due is Due.MORNING_AFTER:
        return end_of_morning_after(day)
    over = end_of_day(day)
    return max((tip or over for tip in tips), default=over)


def how_bad(status: Status | None) -> int:
    """A rank of statuses, 0 for those that pass and for none."""
    return 0 if status is None else _HOW_BAD.get(status, 0)


def _is_to_be_told(of_date: Sequence[Incident], record: CheckRecord, broken: Broken, due: Due) -> bool:
    """Whether a finding opens an incident: someone should hurry about it, and no other incident explains it."""
    detail = broken.check.detail
    if not detail.is_live or detail.is_consequence:
        return False
    if due is Due.BEFORE_TIP or not broken.is_by_schedule:
        return True
    # Every stage fails without a schedule, those too whose time has not come: one finding a date.
    is_due = broken.check.due_at is None or broken.check.due_at <= record.check_time
    is_known = any(SCHEDULE in (known.stage, known.detail.told and known.detail.told.subject) for known in of_date)
    return is_due and not is_known


def _opened(record: CheckRecord, broken: Broken, due: Due, number: int) -> Incident:
    identity = f"nba-{record.check_date}" if due is Due.BEFORE_TIP else f"nba-{record.check_date}-results"
    tips = [tip for tip in _tips(record, broken, _uncovered(record, broken)) if tip is not None]
    return Incident(
        incident_id=identity if number == 1 else f"{identity}-{number}",
        check_date=record.check_date,
        due=due,
        stage=broken.stage,
        status=broken.check.status,
        severity=broken.check.severity or Severity.ERROR,
        found_at=record.check_time,
        first_tip_at=min(tips, default=None),
        detail=IncidentDetail(due_at=broken.check.due_at),
    )


def _with_look(
    incident: Incident, record: CheckRecord, broken: Broken, stages: StageTable, run_id: str | None
) -> Incident:
    uncovered = _uncovered(record, broken)
    detail = replace(
        _seen(incident.detail, record, broken.stage, broken.check, stages),
        uncovered=uncovered,
        tips=() if _is_about_games(uncovered) else _tips(record, broken, uncovered),
        findings=tuple(found for found in broken.check.detail.findings if found.level is Level.FAIL),
        behind=broken.behind,
        also=broken.also,
        orphans=broken.orphans,
        unreadable=record.detail.unreadable,
        run_id=run_id,
        mute=record.detail.mute.summary if record.detail.mute else None,
    )
    return replace(
        incident,
        stage=broken.stage,
        status=broken.check.status,
        severity=broken.check.severity or Severity.ERROR,
        detail=detail,
    )


def _seen(
    detail: IncidentDetail, record: CheckRecord, stage: str, check: StageCheck | None, stages: StageTable
) -> IncidentDetail:
    """With what a look saw of an incident's stage; of the wide row's where it is the schedule that was not known."""
    own = None if stage == SCHEDULE else check
    return replace(
        detail,
        looked_at=record.check_time,
        expected=tuple(record.detail.games),
        ready=record.phase4_ready if own is None else own.ready,
        total=record.scheduled_games if own is None else own.expected,
        evidence=evidence(record, stage, own, stages),
    )


def _after_pass(
    incident: Incident, record: CheckRecord, checks: Mapping[str, StageCheck], stages: StageTable
) -> Incident:
    detail = _passed(incident, record, checks, stages)
    named = [unit.game for unit in detail.uncovered if unit.game is not None]
    still_expected = any(game in record.detail.games for game in named)
    is_covered = detail.passed_as is Status.AVAILABLE and (still_expected or not named)
    return replace(
        incident,
        ended_at=record.check_time,
        ended_as=EndedAs.RECOVERED if is_covered else EndedAs.EXCUSED,
        covered_at=record.check_time if is_covered else None,
        detail=detail,
    )


def _covered_late(
    ended: Incident, record: CheckRecord, checks: Mapping[str, StageCheck], stages: StageTable
) -> Incident | None:
    """An incident whose rows came after its end. What rests on them may be lost all the same."""
    if ended.ended_as not in (EndedAs.TOO_LATE, EndedAs.CLOSED) or ended.covered_at is not None:
        return None
    detail = _passed(ended, record, checks, stages)
    if detail.passed_as is not Status.AVAILABLE:
        return None
    return replace(ended, covered_at=record.check_time, detail=detail)


def _passed(
    incident: Incident, record: CheckRecord, checks: Mapping[str, StageCheck], stages: StageTable
) -> IncidentDetail:
    detail = _seen(incident.detail, record, incident.stage, checks.get(incident.stage), stages)
    return replace(detail, passed_as=_passed_as(incident.stage, checks))


def _passed_as(stage: str, checks: Mapping[str, StageCheck]) -> Status | None:
    """The status with which an incident's stage passes; None where it fails, or is not watched any more."""
    if stage == SCHEDULE:
        # A schedule that is known again shows in what is due by now.
        statuses = [check.status for check in checks.values()]
        found = Status.AVAILABLE if Status.AVAILABLE in statuses else next(iter(statuses), None)
        return found if found and all(status.passes for status in statuses) else None
    found = checks[stage].status if stage in checks else None
    return found if found and found.passes else None


def _is_new_finding(ended: Incident, record: CheckRecord, broken: Broken) -> bool:
    """Whether a failing look after an incident's end is another finding.

    After a look that passed it is. Games that were played without their rows, or whose incident someone closed or
    muted to its end, are told already: only what another stage lacks, or a further game that is still to tip off, is
    new.
    """
    if ended.ended_as is EndedAs.RECOVERED or (ended.ended_as is EndedAs.EXCUSED and not ended.detail.mute):
        return True
    known = _lacking(ended.detail.uncovered, ended.status) if ended.stage == broken.stage else {}
    lacking = _lacking(_uncovered(record, broken), broken.check.status)
    of_date = [seen.tip_at for seen in record.detail.games.values()]
    return any(
        name not in known and _last_chance(record.check_date, ended.due, [tip] if tip else of_date) > record.check_time
        for name, tip in lacking.items()
    )


def _lacking(uncovered: Iterable[UncoveredUnit], status: Status) -> Mapping[str, datetime | None]:
    """What is lacking, and the tip-offs of games: its units, or of what fails otherwise its status."""
    units = {unit.unit: unit.tip_at for unit in uncovered}
    return units or ({} if status is Status.UNKNOWN_SCHEDULE else {status.value: None})


def _uncovered(record: CheckRecord, broken: Broken) -> tuple[UncoveredUnit, ...]:
    if broken.is_by_schedule:
        return ()
    check = broken.check
    tips = {game.id: seen.tip_at for game, seen in record.detail.games.items()}
    reasons = check.detail.reasons
    found = [
        UncoveredUnit(unit, tips.get(unit), reasons.get(unit, ""), is_missing=unit in check.missing)
        for unit in (*check.missing, *check.partial)
    ]
    day = record.check_date
    return tuple(sorted(found, key=lambda unit: (unit.tip_at or earliest_tip(day), unit.unit)))


def _is_about_games(uncovered: Sequence[UncoveredUnit]) -> bool:
    return bool(uncovered) and all(unit.game is not None for unit in uncovered)


def _tips(record: CheckRecord, broken: Broken, uncovered: Sequence[UncoveredUnit]) -> tuple[datetime | None, ...]:
    """Those of the uncovered games, or of all that are expected where it is teams, or no unit at all. A listing that
    can't be read may hide a later one, so that of an unknown schedule there are none.
    """
    if broken.is_by_schedule or _is_about_games(uncovered):
        return tuple(unit.tip_at for unit in uncovered)
    tips = {seen.tip_at for seen in record.detail.games.values()}
    return tuple(sorted(tips, key=lambda tip: tip or end_of_day(record.check_date)))


def _reason_after_end(incident: Incident, ended_as: EndedAs) -> NotifyReason:
    detail = incident.detail
    if detail.end_told:
        return NotifyReason.CAME_LATE if incident.covered_at and not detail.covered_told else NotifyReason.NOTHING
    # A muted finding was kept back on purpose; its end is told all the same, so that the gap is not forgotten.
    if detail.told is None and not detail.mute:
        return NotifyReason.OVER
    return _REASON_OF_END[ended_as]


def _is_worse(told: Told, incident: Incident) -> bool:
    if (told.severity is Severity.WARN and incident.severity is Severity.ERROR) or (
        how_bad(incident.status) > how_bad(told.status)
    ):
        return True
    # The games of one stage and the teams of another don't compare.
    now_uncovered = incident.detail.uncovered
    return told.subject == incident.stage and (
        len(now_uncovered) > len(told.uncovered) or len(_missing(now_uncovered)) > len(_missing(told.uncovered))
    )


def _is_different(told: Told, incident: Incident) -> bool:
    detail = incident.detail
    # Whoever has it is reminded of nothing, so what breaks besides is told; what of it is mended can wait.
    if set(detail.also) - {*told.also, told.subject} or set(told.rules) != set(_rules(incident)):
        return True
    return (told.subject, told.status, told.severity, _missing(told.uncovered), _units(told.uncovered)) != (
        incident.stage,
        incident.status,
        incident.severity,
        _missing(detail.uncovered),
        _units(detail.uncovered),
    )


def _rules(incident: Incident) -> tuple[str, ...]:
    return tuple(dict.fromkeys(found.rule for found in incident.detail.findings))


def _missing(uncovered: Iterable[UncoveredUnit]) -> frozenset[str]:
    return frozenset(unit.unit for unit in uncovered if unit.is_missing)


def _units(uncovered: Iterable[UncoveredUnit]) -> frozenset[str]:
    return frozenset(unit.unit for unit in uncovered)
