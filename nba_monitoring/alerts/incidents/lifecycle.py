"""How an incident continues: pure, total functions. A check (`after_check`) and the clock (`at`) change it.

When to send an alert about it is decided in `alerts/incidents/decision.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from nba_monitoring.alerts.incidents.broken import Broken, first_broken
from nba_monitoring.alerts.incidents.evidence import evidence
from nba_monitoring.core.eastern import earliest_tip, end_of_day
from nba_monitoring.core.fix_command import current_command, next_commands, past_command
from nba_monitoring.core.incidents import EndedAs, Incident, IncidentDetail, UncoveredUnit, deadline
from nba_monitoring.core.record import CheckRecord
from nba_monitoring.core.rules.base import Level
from nba_monitoring.core.services import AnyStatus
from nba_monitoring.core.settled import last_check
from nba_monitoring.core.stage_record import StageCheck
from nba_monitoring.core.stage_verdict import ERROR_BEFORE_TIP
from nba_monitoring.core.stages import PHASE4, SCHEDULE, Due, StageTable
from nba_monitoring.core.status import Severity, Status

# A run takes seconds, and Dagster ends it after this time.
CHECK_TAKES = timedelta(minutes=15)


def after_check(
    incidents: Sequence[Incident], record: CheckRecord, stages: StageTable, run_id: str | None = None
) -> Sequence[Incident]:
    """The incidents that a check opens or changes, given those of its date, oldest first: at most one per due time.

    A check no newer than the last one acted on changes nothing, so the order of runs does not matter.
    """
    found = [_after_check(incidents, record, due, stages, run_id) for due in Due]
    return [incident for incident in found if incident is not None]


def _after_check(
    of_date: Sequence[Incident], record: CheckRecord, due: Due, stages: StageTable, run_id: str | None
) -> Incident | None:
    incidents = [incident for incident in of_date if incident.due is due]
    last = incidents[-1] if incidents else None
    if last is not None and last.detail.looked_at is not None and record.check_time <= last.detail.looked_at:
        return None
    checks = record.stages_due(due)
    broken = first_broken(checks, record.stages)
    if last is not None and last.is_open:
        if broken is not None:
            return _with_check(last, record, broken, stages, run_id)
        # A record of a version that knew nothing of its due time changes nothing.
        return _after_pass(last, record, checks) if checks else None
    if (
        broken is not None
        and _opens(of_date, record, broken, due, stages)
        and (last is None or _is_new_finding(last, record, broken))
    ):
        return _with_check(_opened(record, broken, due, len(incidents) + 1), record, broken, stages, run_id)
    return None if last is None else _complete_late(last, record, checks)


def at(incident: Incident, now: datetime) -> Incident:
    """The incident as the clock has made it by an instant (UTC): more urgent, or too late."""
    # Services have no deadline: nothing ends their failure but its repair.
    if not incident.is_open or incident.is_about_services:
        return incident
    if now >= _over_at(incident):
        # Muted to its end: whoever muted it knew.
        ended_as = EndedAs.EXCUSED if incident.detail.mute else EndedAs.TOO_LATE
        return replace(incident, ended_at=max(incident.deadline, incident.found_at), ended_as=ended_as)
    tips = [tip or earliest_tip(incident.check_date) for tip in incident.tips]
    if tips and min(tips) - now <= ERROR_BEFORE_TIP:
        return replace(incident, severity=Severity.ERROR)
    return incident


def _over_at(incident: Incident) -> datetime:
    """When the clock ends an incident (UTC): at its deadline, once the check that decides what was there by then has
    failed or did not come.
    """
    deadline, looked_at = incident.deadline, incident.detail.looked_at
    deciding = None if looked_at is not None and looked_at >= deadline else last_check(deadline)
    return deadline if deciding is None else deciding + CHECK_TAKES


def with_stage(incident: Incident, stages: StageTable) -> Incident:
    """With what alerts need of its stages: all titles; of its own how it is counted, and what to run, who owns it."""
    detail = incident.detail
    orphans = [name for orphan in detail.orphans for name in (orphan.stage, orphan.upstream)]
    told = [] if detail.told is None else [detail.told.subject]
    named = [PHASE4, incident.stage, *detail.stages, *detail.behind, *detail.also, *orphans, *told]
    titles = {name: stages[name].title for name in named if name in stages}
    detail = replace(detail, titles=titles, fix=None, fix_past=None, then=(), owner=None)
    if incident.stage in stages:
        stage, day = stages[incident.stage], incident.check_date
        detail = replace(
            detail,
            unit=stage.unit,
            noun=stage.noun,
            fix=current_command(stage, day),
            fix_past=past_command(stage, [day]),
            then=next_commands(stage, detail.behind, stages, day),
            takes_minutes=stage.takes // timedelta(minutes=1) if stage.takes else detail.takes_minutes,
            owner=stage.owner,
        )
    return replace(incident, detail=detail)


def _opens(of_date: Sequence[Incident], record: CheckRecord, broken: Broken, due: Due, stages: StageTable) -> bool:
    """Whether a finding opens an incident: it is urgent, and no other incident explains it."""
    if not broken.check.detail.is_live or _is_explained(record, broken, stages):
        return False
    if due is Due.BEFORE_TIP or not broken.is_by_schedule:
        return True
    # Without a schedule every stage fails, even those not due yet: that is one finding per date.
    is_due = broken.check.due_at is None or broken.check.due_at <= record.check_time
    is_known = any(SCHEDULE in (known.stage, known.detail.told and known.detail.told.subject) for known in of_date)
    return is_due and not is_known


def _is_explained(record: CheckRecord, broken: Broken, stages: StageTable) -> bool:
    """Whether an upstream stage explains a finding: it has no usable rows, or lacks the same units.

    Predictions that lack one game of six leave the other five to be graded.
    """
    if not broken.check.detail.is_consequence or broken.stage not in stages:
        return broken.check.detail.is_consequence
    before = [record.stages[name] for name in stages[broken.stage].upstream if name in record.stages]
    failing = [check for check in before if not check.status.passes]
    lacking_before = {unit for check in failing for unit in (*check.missing, *check.partial)}
    lacking = {*broken.check.missing, *broken.check.partial}
    return any(check.has_nothing_usable for check in failing) or (bool(lacking) and lacking <= lacking_before)


def _is_new_finding(ended: Incident, record: CheckRecord, broken: Broken) -> bool:
    """Whether a failing check after an incident's end is another finding.

    After a check that passed it is. Games that were played without their rows, or whose incident someone closed or
    muted to its end, have been reported: only another stage's gap, or a further game still to tip off, is new.
    """
    if ended.ended_as is EndedAs.RECOVERED or (ended.ended_as is EndedAs.EXCUSED and not ended.detail.mute):
        return True
    known = _lacking(ended.detail.uncovered, ended.status) if ended.stage == broken.stage else {}
    lacking = _lacking(_uncovered(record, broken), broken.check.status)
    of_date = [seen.tip_at for seen in record.detail.games.values()]
    return any(
        name not in known and deadline(record.check_date, ended.due, [tip] if tip else of_date) > record.check_time
        for name, tip in lacking.items()
    )


def _lacking(uncovered: Iterable[UncoveredUnit], status: AnyStatus) -> Mapping[str, datetime | None]:
    """The incomplete units with the tip-offs of games; for any other failure its status."""
    units = {unit.unit: unit.tip_at for unit in uncovered}
    return units or ({} if status is Status.UNKNOWN_SCHEDULE else {status.value: None})


def _opened(record: CheckRecord, broken: Broken, due: Due, number: int) -> Incident:
    identity = f"nba-{record.check_date}" if due is Due.BEFORE_TIP else f"nba-{record.check_date}-results"
    return Incident(
        incident_id=identity if number == 1 else f"{identity}-{number}",
        check_date=record.check_date,
        due=due,
        stage=broken.stage,
        status=broken.check.status,
        severity=broken.check.severity or Severity.ERROR,
        found_at=record.check_time,
        detail=IncidentDetail(due_at=broken.check.due_at),
    )


def _with_check(
    incident: Incident, record: CheckRecord, broken: Broken, stages: StageTable, run_id: str | None
) -> Incident:
    check = broken.check
    detail = replace(
        incident.detail,
        uncovered=_uncovered(record, broken),
        is_unreadable=check.detail.is_unreadable and not broken.is_by_schedule,
        stages=tuple(dict.fromkeys((*incident.detail.stages, broken.stage))),
        cause=check.detail.cause,
        job=check.detail.job,
        takes_minutes=check.detail.takes_minutes,
        findings=tuple(found for found in check.detail.findings if found.level is Level.FAIL),
        behind=broken.behind,
        also=broken.also,
        orphans=broken.orphans,
        unreadable=record.detail.unreadable,
        unmatched=check.detail.warnings if check.status is Status.SUSPECT_JOIN else (),
        run_id=run_id,
    )
    changed = replace(
        incident,
        stage=broken.stage,
        status=check.status,
        severity=check.severity or Severity.ERROR,
        detail=detail,
    )
    # A listing that can't be read may hide a later game, so without a schedule there are no tip-offs.
    is_about_all = not broken.is_by_schedule and not changed.is_about_games
    changed = replace(changed, detail=replace(detail, tips=_all_tips(record) if is_about_all else ()))
    changed = _seen(with_stage(changed, stages), record, check)
    changed = changed.muted(record.detail.mute.summary if record.detail.mute else None)
    is_first = incident.detail.looked_at is None
    return replace(changed, first_tip_at=min(filter(None, changed.tips), default=None)) if is_first else changed


def _seen(incident: Incident, record: CheckRecord, check: StageCheck | None) -> Incident:
    """With what a check saw of an incident's stage; of the wide row's stage if the schedule was unknown."""
    is_by_schedule = incident.stage == SCHEDULE
    own = None if is_by_schedule else check
    detail = replace(
        incident.detail,
        looked_at=record.check_time,
        expected=tuple(record.detail.games),
        ready=record.phase4_ready if own is None else own.ready,
        total=record.scheduled_games if own is None else own.expected,
        evidence=evidence(record, incident.title_of(PHASE4) if is_by_schedule else incident.title, own),
    )
    return replace(incident, detail=detail)


def _after_pass(incident: Incident, record: CheckRecord, checks: Mapping[str, StageCheck]) -> Incident:
    passed = _passed(incident, record, checks)
    named = [unit.game for unit in passed.detail.uncovered if unit.game is not None]
    still_expected = any(game in record.detail.games for game in named)
    if passed.detail.passed_as is not Status.AVAILABLE or (named and not still_expected):
        return replace(passed, ended_at=record.check_time, ended_as=EndedAs.EXCUSED)
    covered_at = _covered_at(incident, record, checks)
    if covered_at > incident.deadline:
        return replace(passed, ended_at=incident.deadline, ended_as=EndedAs.TOO_LATE, covered_at=covered_at)
    return _recovered(passed, record, covered_at)


def _recovered(passed: Incident, record: CheckRecord, covered_at: datetime) -> Incident:
    """Ended in time, though the check may have come after the deadline."""
    ended_at = min(record.check_time, passed.deadline)
    return replace(passed, ended_at=ended_at, ended_as=EndedAs.RECOVERED, covered_at=covered_at)


def _complete_late(ended: Incident, record: CheckRecord, checks: Mapping[str, StageCheck]) -> Incident | None:
    """An incident whose rows a check found after its end.

    Downstream data may be lost anyway, unless they had been there in time and only the check was late.
    """
    if ended.ended_as not in (EndedAs.TOO_LATE, EndedAs.CLOSED) or ended.covered_at is not None:
        return None
    passed = _passed(ended, record, checks)
    if passed.detail.passed_as is not Status.AVAILABLE:
        return None
    covered_at = _covered_at(ended, record, checks)
    is_all_there = all(check.status.passes for check in checks.values())
    if ended.ended_as is EndedAs.TOO_LATE and is_all_there and covered_at <= ended.deadline:
        untold = replace(passed, detail=replace(passed.detail, end_told=False))
        return _recovered(untold, record, covered_at)
    return replace(passed, covered_at=covered_at)


def _covered_at(incident: Incident, record: CheckRecord, checks: Mapping[str, StageCheck]) -> datetime:
    """By when what a passing check found was there (UTC): by its last write, but after the check that last failed.

    Without a write time, by the check. Everything that failed counts: what is downstream must be in time, too.
    """
    names = (incident.stage, *incident.detail.behind, *incident.detail.also)
    found = [checks[name] for name in names if name in checks and checks[name].status is Status.AVAILABLE]
    written = [min(check.written_at or record.check_time, record.check_time) for check in found]
    last_failed = incident.detail.looked_at or incident.found_at
    return max([last_failed, *written]) if written else record.check_time


def _passed(incident: Incident, record: CheckRecord, checks: Mapping[str, StageCheck]) -> Incident:
    seen = _seen(incident, record, checks.get(incident.stage))
    excluded = record.detail.excluded
    gone = [unit.game for unit in seen.detail.uncovered if unit.game is not None and unit.game in excluded]
    why = {game: excluded[game].why for game in gone}
    return replace(seen, detail=replace(seen.detail, excluded=why, passed_as=_passed_as(incident.stage, checks)))


def _passed_as(stage: str, checks: Mapping[str, StageCheck]) -> Status | None:
    """The status with which an incident's stage passes; None if it fails, or is no longer watched."""
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


def _all_tips(record: CheckRecord) -> tuple[datetime | None, ...]:
    """The tip-offs of all expected games, unknown ones last."""
    tips = {seen.tip_at for seen in record.detail.games.values()}
    return tuple(sorted(tips, key=lambda tip: tip or end_of_day(record.check_date)))
