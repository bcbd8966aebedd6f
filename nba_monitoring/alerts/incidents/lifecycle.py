"""How an incident goes on: pure, total functions that a look (`after_look`) and the clock (`at`) change it by.

What of it is told, and when, is decided in `alerts/incidents/decision.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

from nba_monitoring.alerts.incidents.broken import Broken, first_broken
from nba_monitoring.alerts.messages.evidence import evidence
from nba_monitoring.core.eastern import earliest_tip, end_of_day, end_of_morning_after
from nba_monitoring.core.incidents import EndedAs, Incident, IncidentDetail, UncoveredUnit
from nba_monitoring.core.record import CheckRecord
from nba_monitoring.core.rules.base import Level
from nba_monitoring.core.stage_record import StageCheck
from nba_monitoring.core.stage_verdict import ERROR_BEFORE_TIP
from nba_monitoring.core.stages import SCHEDULE, Due, StageTable
from nba_monitoring.core.status import Severity, Status


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
        and _is_to_be_told(of_date, record, broken, due, stages)
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


def _is_to_be_told(
    of_date: Sequence[Incident], record: CheckRecord, broken: Broken, due: Due, stages: StageTable
) -> bool:
    """Whether a finding opens an incident: someone should hurry about it, and no other incident explains it."""
    if not broken.check.detail.is_live or _is_explained(record, broken, stages):
        return False
    if due is Due.BEFORE_TIP or not broken.is_by_schedule:
        return True
    # Every stage fails without a schedule, those too whose time has not come: one finding a date.
    is_due = broken.check.due_at is None or broken.check.due_at <= record.check_time
    is_known = any(SCHEDULE in (known.stage, known.detail.told and known.detail.told.subject) for known in of_date)
    return is_due and not is_known


def _is_explained(record: CheckRecord, broken: Broken, stages: StageTable) -> bool:
    """Whether what a stage rests on explains a finding: it holds nothing, or lacks the same units.

    Predictions that lack one game of six leave the other five to be graded.
    """
    if not broken.check.detail.is_consequence or broken.stage not in stages:
        return broken.check.detail.is_consequence
    before = [record.stages[name] for name in stages[broken.stage].upstream if name in record.stages]
    failing = [check for check in before if not check.status.passes]
    lacking_before = {unit for check in failing for unit in (*check.missing, *check.partial)}
    lacking = {*broken.check.missing, *broken.check.partial}
    return any(check.detail.rows == 0 for check in failing) or (bool(lacking) and lacking <= lacking_before)


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
        is_unreadable=broken.check.detail.is_unreadable and not broken.is_by_schedule,
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
