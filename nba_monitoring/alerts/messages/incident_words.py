"""What is wrong in an incident: its stage, the units it lacks, what else fails, and what to do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from nba_monitoring.alerts.message import Row
from nba_monitoring.alerts.messages.service_words import services_finding
from nba_monitoring.core.counting import WHOLE_DATE, Unit
from nba_monitoring.core.eastern import tip_clock
from nba_monitoring.core.fix_command import is_over
from nba_monitoring.core.incidents import Incident, UncoveredUnit
from nba_monitoring.core.services import AnyStatus
from nba_monitoring.core.stages import SCHEDULE, Due
from nba_monitoring.core.status import Status
from nba_monitoring.core.words import all_of, count, day_name, first_few, gaps, orphan

MOST_FINDINGS = 8
MOST_UNREADABLE = 3
MOST_UNMATCHED = 8

GAPS: Mapping[AnyStatus, str] = {Status.MISSING_DATA: "missing", Status.PARTIAL_DATA: "incomplete"}


def finding(incident: Incident, past: bool = False) -> str:
    """What an incident is about, with its date: 'Phase 4 missing for all 6 games, Sun 2026-01-18'."""
    if incident.is_about_services:
        return services_finding(incident)
    if incident.status is Status.UNKNOWN_SCHEDULE:
        return f"No schedule for {day_name(incident.check_date)}"
    return f"{what_is_wrong(incident, past)}, {day_name(incident.check_date)}"


def what_is_wrong(incident: Incident, past: bool = False) -> str:
    """'Phase 4 missing for 5 of 6 games, incomplete for 1', in the past 'Phase 4 was missing for ...'."""
    if is_only_unreadable(incident):
        return f"A listed game {can_not(past)} be read"
    detail, rules = incident.detail, [found.rule for found in incident.detail.findings]
    return wrong(incident.title, incident.status, detail.is_unreadable, rules, _gap(incident), past)


def wrong(
    title: str, status: AnyStatus, is_unreadable: bool, rules: Sequence[str], gap: str, past: bool = False
) -> str:
    """`what_is_wrong` for a stage's title, status, failing rules and gap."""
    if is_unreadable:
        return f"{title} {can_not(past)} be read"
    match status:
        case Status.MISSING_DATA | Status.PARTIAL_DATA:
            return f"{title} {by_number(title, 'was ', 'were ') if past else ''}{gap}"
        case Status.BAD_DATA:
            return f"{title} {'failed' if past else by_number(title, 'fails', 'fail')} {_rules(rules)}"
        case Status.SUSPECT_JOIN:
            return f"{title} ids {'matched' if past else 'match'} no scheduled game"
        case Status.UNKNOWN_SCHEDULE:
            return "No schedule"
        case _:
            return f"{title} {status.value}"


def _gap(incident: Incident) -> str:
    """'missing for ORL@MEM', 'incomplete: 12 players (at least 300 expected)', 'missing' if that says it all."""
    detail = incident.detail
    word = GAPS.get(incident.status, "incomplete")
    missing = sum(unit.is_missing for unit in detail.uncovered)
    lacking, total = len(detail.uncovered), _total(incident)
    named = names(detail.uncovered)
    # Early in a season any ten of the thirty teams will do, so not each one without rows is missing.
    if named and (incident.is_about_games or detail.ready + lacking == total):
        if lacking == 1:
            return f"{word} for {named[0]}"
        return gaps(missing, lacking - missing, total, "game" if incident.is_about_games else "team")
    return f"{word}: {_at_least(incident)}" if detail.uncovered and detail.ready else word


def complete(incident: Incident) -> str:
    """'Phase 4 complete for all 6 games', 'Grading complete (62 players)'."""
    detail, total = incident.detail, _total(incident)
    if detail.unit not in (Unit.GAME, Unit.TEAM) or detail.ready != total:
        return f"{incident.title} complete ({_count(incident)})"
    if detail.unit is Unit.GAME and total == 1 and detail.expected:
        return f"{incident.title} complete for {detail.expected[0].matchup}"
    return f"{incident.title} complete for {all_of(total, detail.unit)}"


def recovered_stages(incident: Incident) -> str:
    """What passes again: the incident's stage, or every stage if it was about several, or about the schedule."""
    if incident.stage == SCHEDULE:
        return "schedule complete, and every stage due by now passes"
    return "every stage due by now passes" if len(incident.detail.stages) > 1 else complete(incident)


def is_only_unreadable(incident: Incident) -> bool:
    """Whether nothing is wrong but a listing that may hide a game."""
    detail = incident.detail
    return incident.status is Status.PARTIAL_DATA and bool(detail.unreadable) and not detail.uncovered


def undone(incident: Incident) -> str:
    """What it left undone at its deadline: '4 games tipped off without complete Phase 4 data'."""
    title, detail, rules = incident.title, incident.detail, [found.rule for found in incident.detail.findings]
    if incident.status is Status.UNKNOWN_SCHEDULE or is_only_unreadable(incident):
        how = "with a listed game that can't be read" if detail.unreadable else "without a schedule"
        return f"{day_name(incident.check_date)} ended {how}"
    if incident.due is Due.MORNING_AFTER:
        if detail.is_unreadable or incident.status not in GAPS:
            return f"{what_is_wrong(incident)} at the results deadline"
        return f"{title} still {_gap(incident)} at the results deadline"
    games = len(detail.uncovered if incident.is_about_games else detail.expected)
    played = f"{count(games, 'game')} tipped off"
    if detail.is_unreadable:
        return f"{played} while {title} could not be read"
    if incident.status is Status.BAD_DATA:
        return f"{played} with {title} that failed {_rules(rules)}"
    return f"{played} without complete {title} data"


def besides(incident: Incident) -> list[str]:
    """One line each for what the rules found, what fails besides, rows without an upstream, and unreadable listings."""
    detail = incident.detail
    lines = first_few([found.text for found in detail.findings], MOST_FINDINGS)
    for label, stages in (("Also failing downstream", detail.behind), ("Also broken, for another reason", detail.also)):
        if stages:
            lines.append(f"{label}: {', '.join(map(incident.title_of, stages))}")
    titles = [(incident.title_of(one.stage), one.rows, incident.title_of(one.upstream)) for one in detail.orphans]
    lines += [f"{orphan(*each)}; they can't be right" for each in titles]
    return [*lines, *first_few(list(detail.unreadable), MOST_UNREADABLE)]


def advice(incident: Incident) -> list[str]:
    """What to do if running the stage again fixes nothing."""
    title = incident.title
    if incident.status is Status.SUSPECT_JOIN:
        return [
            f"{title} {by_number(title, 'has', 'have')} rows for this date under ids that match no expected game. "
            "Don't rerun anything yet; compare these ids with the schedule:",
            *first_few(list(incident.detail.unmatched), MOST_UNMATCHED),
        ]
    if incident.status is Status.UNKNOWN_SCHEDULE:
        return ["No source lists a game, and nothing proves a day off. Check the schedule scrapers first."]
    if incident.detail.is_unreadable:
        return ["The rows may exist. Restore access to the table before you rerun anything."]
    if is_only_unreadable(incident):
        return ["Check the schedule scrapers; a game may be missing from the slate."]
    return []


def command_for(incident: Incident, now: datetime) -> str | None:
    """What fixes it at an instant (UTC); None if no command would."""
    if advice(incident):
        return None
    return incident.detail.fix_past if _is_past(incident, now) else incident.detail.fix


def then_for(incident: Incident, now: datetime) -> tuple[str, ...]:
    """What to run after that command, for stages downstream; nothing once the date is over for their jobs."""
    is_current = command_for(incident, now) is not None and not _is_past(incident, now)
    return incident.detail.then if is_current else ()


def _is_past(incident: Incident, now: datetime) -> bool:
    return incident.due is not None and is_over(incident.check_date, incident.due, now)


def units(incident: Incident) -> list[str]:
    """What teams, or the date as a whole, lack, one line per reason; games are rows."""
    detail = incident.detail
    if incident.status is Status.SUSPECT_JOIN:
        return []
    if is_only_unreadable(incident):
        total = _total(incident)
        is_rest_complete = detail.ready == total > 0
        return (
            [f"The other {count(total, 'game')} {'is' if total == 1 else 'are'} complete"] if is_rest_complete else []
        )
    if detail.is_unreadable:
        return list(dict.fromkeys(unit.reason for unit in detail.uncovered))
    by_reason: dict[str, list[str]] = {}
    for unit in detail.uncovered:
        if unit.game is None:
            by_reason.setdefault(unit.reason, []).append(unit.unit)
    lines = []
    for reason, named in by_reason.items():
        if named != [WHOLE_DATE]:
            lines.append(f"{reason[:1].upper()}{reason[1:]}: {', '.join(named)}")
        elif not detail.ready:
            # How many there are of how many is in the title.
            lines.append(f"No {_at_least(incident).removeprefix('no ')}" if reason == "no rows" else reason)
    return lines


def rows(incident: Incident) -> tuple[Row, ...]:
    """One row per affected game, unless they all lack the same for a reason given elsewhere."""
    if incident.detail.is_unreadable or incident.status is Status.SUSPECT_JOIN:
        return ()
    return tuple(
        Row(f"{unit.game.away} @ {unit.game.home}", tip_clock(unit.tip_at), unit.reason)
        for unit in incident.detail.uncovered
        if unit.game is not None
    )


def causes(incident: Incident) -> list[str]:
    """Why it may fail, one line each: a service that fills its stage, and what Cloud Scheduler showed of its job."""
    job = incident.detail.job
    return [*filter(None, [incident.detail.cause]), *([] if job is None else [job.summary(incident.check_date)])]


def names(uncovered: Sequence[UncoveredUnit]) -> Sequence[str]:
    """The games and teams among some units."""
    return [unit.name for unit in uncovered if unit.name]


def by_number(title: str, one: str, several: str) -> str:
    """The form of a verb that goes with a stage's title: 'Phase 4 is', 'Predictions are'."""
    return several if title.endswith("s") else one


def _total(incident: Incident) -> int:
    detail = incident.detail
    return len(detail.expected) if detail.total is None else detail.total


def _count(incident: Incident) -> str:
    """'6 games', '30 teams', '412 players', 'no players'."""
    detail = incident.detail
    if detail.unit in (Unit.GAME, Unit.TEAM):
        return count(detail.ready, detail.unit)
    return f"{f'{detail.ready:,}' if detail.ready else 'no'} {detail.noun}"


def _at_least(incident: Incident) -> str:
    return f"{_count(incident)} (at least {_total(incident):,} expected)"


def _rules(rules: Sequence[str]) -> str:
    distinct = list(dict.fromkeys(rules))
    return f"the rule {distinct[0]}" if len(distinct) == 1 else f"{len(distinct)} rules" if distinct else "a rule"


def can_not(past: bool = False) -> str:
    """'can't', in the past 'could not'."""
    return "could not" if past else "can't"
