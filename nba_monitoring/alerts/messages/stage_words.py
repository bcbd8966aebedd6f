"""What is wrong with a stage, in words: its title, its units, and what they lack."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from nba_monitoring.alerts.messages.message import Row
from nba_monitoring.alerts.messages.wording import count, day_name, first_few
from nba_monitoring.core.counting import WHOLE_DATE, Unit
from nba_monitoring.core.eastern import tip_clock
from nba_monitoring.core.incidents import Incident, Told, UncoveredUnit
from nba_monitoring.core.stages import StageTable
from nba_monitoring.core.status import Status

MOST_FINDINGS = 8
MOST_UNREADABLE = 3

_NO_SCHEDULE_ADVICE = (
    "No schedule source lists a game for the date, and nothing proves a day off. Look at the schedule scrapers first."
)
_UNREADABLE_ADVICE = (
    "A source lists what names no game, so a game may be missing here. Look at the schedule scrapers first."
)
_UNREADABLE_STAGE_ADVICE = "Its rows may be there all the same: make its table readable before running anything again."


def title_of(stage: str, stages: StageTable) -> str:
    """A stage as people call it; by its name where the table does not have it any more."""
    return stages[stage].title if stage in stages else stage


def hold(title: str) -> str:
    """'Predictions hold', 'Phase 4 holds'."""
    return f"{title} {_verb('hold', title)}"


def is_only_unreadable(incident: Incident) -> bool:
    """Whether nothing is wrong but a listing that may hide a game."""
    detail = incident.detail
    return incident.status is Status.PARTIAL_DATA and bool(detail.unreadable) and not detail.uncovered


def what_is_wrong(status: Status, title: str, is_unreadable: bool) -> str:
    """'Phase 4 missing', 'Predictions fail a rule', 'Player shot zones can't be read'."""
    if is_unreadable:
        return f"{title} can't be read"
    match status:
        case Status.MISSING_DATA:
            return f"{title} missing"
        case Status.PARTIAL_DATA:
            return f"{title} incomplete"
        case Status.BAD_DATA:
            return f"{title} {_verb('fail', title)} a rule"
        case Status.SUSPECT_JOIN:
            return f"{title} ids match no game"
        case Status.UNKNOWN_SCHEDULE:
            return "No schedule to check against"
        case _:
            return f"{title} {status.value}"


def finding(incident: Incident, stages: StageTable, has_passed: bool = False) -> str:
    """What an incident is about, with how much is there: 'Phase 4 missing: 0 of 6 games ready, Sun 2026-01-18'."""
    found = "A listing can't be read" if is_only_unreadable(incident) else _of(incident, stages)
    uncovered = incident.detail.uncovered
    if has_passed and uncovered:
        found += f" for {count(len(uncovered), _noun(incident, stages))}" if names(uncovered) else ""
    elif incident.status not in (Status.UNKNOWN_SCHEDULE, Status.BAD_DATA) and not incident.detail.is_unreadable:
        found += f": {ready(incident, stages)}"
    return f"{found}, {day_name(incident.check_date)}"


def was(told: Told, stages: StageTable) -> str:
    """What an incident was about before it became about something else: 'Phase 4 missing'."""
    return what_is_wrong(told.status, title_of(told.subject, stages), told.is_unreadable)


def ready(incident: Incident, stages: StageTable) -> str:
    """'2 of 6 games ready', '27 of 30 teams ready', '12 of at least 300 players', '412 players'."""
    detail = incident.detail
    total = len(detail.expected) if detail.total is None else detail.total
    noun = _noun(incident, stages)
    if noun in (Unit.GAME, Unit.TEAM):
        return f"{detail.ready:,} of {count(total, noun)} ready"
    return f"{detail.ready:,} of at least {total:,} {noun}" if detail.ready < total else f"{detail.ready:,} {noun}"


def played_without(incident: Incident, stages: StageTable) -> str:
    """What the end of an incident left undone: '4 games were played without Phase 4'."""
    title, detail = title_of(incident.stage, stages), incident.detail
    is_about_games = bool(detail.uncovered) and all(unit.game is not None for unit in detail.uncovered)
    number = len(detail.uncovered if is_about_games else detail.expected)
    played = f"{count(number, 'game')} {'was' if number == 1 else 'were'} played"
    if detail.is_unreadable:
        return f"{played}, and nobody knows what {hold(title)}"
    if incident.status is Status.BAD_DATA:
        return f"{played} with {title} that {_verb('fail', title)} a rule"
    if is_about_games or not detail.ready:
        return f"{played} without {title}"
    return f"{played} with {title} incomplete"


def still_wrong(incident: Incident, stages: StageTable) -> str:
    """What the morning after left undone: 'Grading missing when the morning after was over'."""
    return f"{_of(incident, stages)} when the morning after was over"


def besides(incident: Incident, stages: StageTable) -> list[str]:
    """A line each for what the rules found, what fails behind the stage, what else is broken, and rows that rest on
    nothing.
    """
    detail = incident.detail
    lines = first_few([found.text for found in detail.findings], MOST_FINDINGS)
    for label, names in (("Behind it", detail.behind), ("Also broken", detail.also)):
        if names:
            lines.append(f"{label}: {', '.join(title_of(name, stages) for name in names)}")
    for orphan in detail.orphans:
        upstream = hold(title_of(orphan.upstream, stages))
        held = f"{hold(title_of(orphan.stage, stages))} {count(orphan.rows, 'row')}"
        lines.append(f"{held}, though {upstream} none")
    return lines


def unreadable(incident: Incident) -> list[str]:
    """A line for each listing that may hide a game."""
    return first_few(list(incident.detail.unreadable), MOST_UNREADABLE)


def advice_on(incident: Incident, stages: StageTable) -> str | None:
    """What to do where running the stage again fixes nothing; None where it does."""
    if incident.status is Status.SUSPECT_JOIN:
        return (
            f"{hold(title_of(incident.stage, stages))} rows for the date, but under ids that match no expected game. "
            "Compare the ids below before running anything again."
        )
    if incident.status is Status.UNKNOWN_SCHEDULE:
        return _NO_SCHEDULE_ADVICE
    if incident.detail.is_unreadable:
        return _UNREADABLE_STAGE_ADVICE
    return _UNREADABLE_ADVICE if is_only_unreadable(incident) else None


def command_for(incident: Incident, stages: StageTable) -> str | None:
    """What fixes it; None where nothing would that can be run, or where the stage is not in the table."""
    if advice_on(incident, stages) is not None or incident.stage not in stages:
        return None
    return stages[incident.stage].fix


def units(incident: Incident) -> list[str]:
    """A line for each reason that teams, or the date as a whole, are not covered; games are rows."""
    by_reason: dict[str, list[str]] = {}
    for unit in incident.detail.uncovered:
        if unit.game is None:
            by_reason.setdefault(unit.reason, []).append(unit.unit)
    # Of a date as a whole, how much there is of how much stands in the title.
    return [
        reason if names == [WHOLE_DATE] else f"{', '.join(names)}: {reason}"
        for reason, names in by_reason.items()
        if names != [WHOLE_DATE] or incident.detail.is_unreadable or not incident.detail.ready
    ]


def rows(incident: Incident) -> tuple[Row, ...]:
    """A row for each uncovered game."""
    return tuple(
        Row(f"{unit.game.away} @ {unit.game.home}", tip_clock(unit.tip_at), unit.reason)
        for unit in incident.detail.uncovered
        if unit.game is not None
    )


def matchups(incident: Incident) -> list[str]:
    """The uncovered games and teams in a line, none where there are none."""
    named = names(incident.detail.uncovered)
    return [", ".join(named)] if named else []


def names(uncovered: Iterable[UncoveredUnit]) -> Sequence[str]:
    """The games and teams among some units."""
    return [unit.name for unit in uncovered if unit.name]


def _of(incident: Incident, stages: StageTable) -> str:
    return what_is_wrong(incident.status, title_of(incident.stage, stages), incident.detail.is_unreadable)


def _noun(incident: Incident, stages: StageTable) -> str:
    """What an incident's stage is counted by, in the singular for games and teams. The schedule is one of games."""
    if incident.stage not in stages:
        return Unit.GAME
    stage = stages[incident.stage]
    return stage.unit if stage.unit in (Unit.GAME, Unit.TEAM) else stage.noun


def _verb(verb: str, title: str) -> str:
    return verb if title.endswith("s") else f"{verb}s"
