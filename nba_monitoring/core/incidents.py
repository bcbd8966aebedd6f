"""An incident: a date's problem from when it is found to its end, and the alerts sent about it.

Field names and order are the columns of `nba_monitoring.incidents` and `nba_monitoring.notifications`. Everything else
is in `detail`, JSON text in the tables, so that the ledger alone can rebuild what the sensor remembers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Annotated

from pydantic import AliasChoices, Field

from nba_monitoring.core.codec import GameId, Instant
from nba_monitoring.core.counting import Unit, unit_label
from nba_monitoring.core.eastern import end_of_day, morning_of, results_deadline
from nba_monitoring.core.game_ids import game_named
from nba_monitoring.core.games import Game
from nba_monitoring.core.rules.base import Finding
from nba_monitoring.core.scheduler_job import JobSeen
from nba_monitoring.core.services import AnyStatus
from nba_monitoring.core.stages import PHASE4, SCHEDULE, Due
from nba_monitoring.core.status import Severity, Status
from nba_monitoring.core.verdict import Orphan

_NEVER_OVER = datetime.max.replace(tzinfo=UTC)  # a service can always still be fixed


class EndedAs(StrEnum):
    """How an incident ended."""

    RECOVERED = "recovered"
    TOO_LATE = "too_late"  # its deadline passed
    EXCUSED = "excused"  # nothing is expected anymore, or it was muted to its end
    CLOSED = "closed"  # by hand


@dataclass(frozen=True, slots=True)
class UncoveredUnit:
    """A game, a team or a whole date for which a stage has no usable rows, or too few."""

    # A game's id, a team's tricode or `_all`; called `game` while there were games alone.
    unit: Annotated[str, Field(validation_alias=AliasChoices("unit", "game"))]
    tip_at: Instant | None  # of a game; None if no source knows it
    reason: str
    is_missing: bool

    @property
    def game(self) -> Game | None:
        """The game that it is, None for a team or a whole date."""
        return game_named(self.unit)

    @property
    def name(self) -> str | None:
        """As people write it: 'ORL@MEM', 'ORL'; None for a whole date, which needs none."""
        return unit_label(self.unit) or None


@dataclass(frozen=True, slots=True)
class Told:
    """What the last alert about an incident reported."""

    at: Instant
    status: AnyStatus
    severity: Severity
    uncovered: tuple[UncoveredUnit, ...]
    stage: str | None = None  # None before there were other stages than Phase 4
    also: tuple[str, ...] = ()  # stages that are broken besides
    rules: tuple[str, ...] = ()  # that failed
    is_unreadable: bool = False  # the stage's table could not be read

    @property
    def subject(self) -> str:
        """The stage that it was about; `schedule` if the slate was unknown."""
        if self.stage is not None:
            return self.stage
        is_only_unreadable = self.status is Status.PARTIAL_DATA and not self.uncovered
        return SCHEDULE if self.status is Status.UNKNOWN_SCHEDULE or is_only_unreadable else PHASE4


@dataclass(frozen=True, slots=True)
class IncidentDetail:
    """What the columns leave out. Every field has a default, so that an older version's row can be read."""

    uncovered: tuple[UncoveredUnit, ...] = ()  # at the newest check that failed
    tips: tuple[Instant | None, ...] = ()  # of all games of the date, unless it is about single games
    expected: tuple[GameId, ...] = ()
    ready: int = 0
    total: int | None = None  # of what `ready` counts; None: of the expected games
    is_unreadable: bool = False  # the stage's table could not be read
    stages: tuple[str, ...] = ()  # the first broken ones so far, in the order in which they were
    titles: Mapping[str, str] = field(default_factory=dict)  # of every stage that it names
    unit: Unit = Unit.GAME  # what its stage is counted by
    noun: str = "keys"  # what its stage's keys are called: players
    fix: str | None = None  # the command that refills its stage while the date is not over for its job
    fix_past: str | None = None  # the same from then on
    then: tuple[str, ...] = ()  # what refills the stages that fail downstream, in order
    takes_minutes: int | None = None  # from the start of its command until its stage is complete, if known
    owner: str | None = None  # of its stage: a Slack id or a name
    cause: str | None = None  # the service that explains it, at that check
    job: JobSeen | None = None  # the job that fills it, at that check
    findings: tuple[Finding, ...] = ()  # of the rules that fail
    behind: tuple[str, ...] = ()  # downstream stages that fail with it
    also: tuple[str, ...] = ()  # stages that are broken for another reason
    feeds: tuple[str, ...] = ()  # the stages that failing services fill
    orphans: tuple[Orphan, ...] = ()
    unreadable: tuple[str, ...] = ()  # listings that may hide a game, one sentence each
    unmatched: tuple[str, ...] = ()  # ids that match no game, one line each
    excluded: Mapping[GameId, str] = field(default_factory=dict)  # why its games are no longer expected
    evidence: tuple[str, ...] = ()  # what that check saw, for the small print
    passed_as: Status | None = None  # the passing status that ended it
    looked_at: Instant | None = None  # the newest check acted on
    run_id: str | None = None  # of that check
    due_at: Instant | None = None  # when what was found had to be complete
    mute: str | None = None  # the reason and the author of the mute in force
    was_muted: str | None = None  # the same of a mute that has expired since the last alert
    told: Told | None = None
    thread: str | None = None  # by which the channel finds the thread again
    unseen_told: Instant | None = None  # the check after which "not checked since" was sent
    acknowledgement_told: bool = False
    end_told: bool = False
    covered_told: bool = False
    note: str | None = None  # of whoever acknowledged or closed it
    closed_by: str | None = None
    fix_job: str | None = None  # that `nba-monitoring fix` started last
    is_fix_unclear: bool = False  # no clear answer came: it may have started
    fix_told: Instant | None = None  # the start that was reported last
    fix_checked: Instant | None = None  # the start for which one more check was requested last
    is_drill: bool = False


@dataclass(frozen=True, slots=True)
class Incident:
    """One row of `nba_monitoring.incidents`: an incident in its newest state."""

    incident_id: str  # the alert id: nba-2026-01-18, nba-2026-01-18-2, nba-2026-01-18-results, svc-NAME-2026-01-18
    check_date: date  # of a service, when it was found
    due: Due | None  # None for a service
    stage: str  # the name of the first broken stage, `schedule` if the slate is unknown; of the service, or `services`
    status: AnyStatus
    severity: Severity
    found_at: Instant
    told_at: Instant | None = None  # when an alert about it was first accepted
    acknowledged_at: Instant | None = None
    acknowledged_by: str | None = None
    fix_started_at: Instant | None = None
    fix_started_by: str | None = None
    ended_at: Instant | None = None
    ended_as: EndedAs | None = None
    first_tip_at: Instant | None = None  # of the games that it was about when it was found
    covered_at: Instant | None = None  # the check that found all of its games covered
    detail: IncidentDetail = field(default_factory=IncidentDetail)

    @property
    def is_open(self) -> bool:
        """Whether it has not ended."""
        return self.ended_at is None

    @property
    def is_about_services(self) -> bool:
        """Whether it is about Cloud Run services, which are its units, and not about a date's data."""
        return self.due is None

    @property
    def is_about_games(self) -> bool:
        """Whether it names single games, not teams, the whole date or a schedule."""
        return bool(self.detail.uncovered) and all(unit.game is not None for unit in self.detail.uncovered)

    @property
    def tips(self) -> Sequence[datetime | None]:
        """Tip-offs (UTC) of the games it is about, earliest first: single games, or all of the date."""
        return [unit.tip_at for unit in self.detail.uncovered] if self.is_about_games else self.detail.tips

    @property
    def deadline(self) -> datetime:
        """The end (UTC) of the time to act."""
        return deadline(self.check_date, self.due, self.tips)

    @property
    def title(self) -> str:
        """Its stage as people call it."""
        return self.title_of(self.stage)

    def title_of(self, stage: str) -> str:
        """A stage as people call it; its name if no check gave its title."""
        return self.detail.titles.get(stage, stage)

    @property
    def standing(self) -> str:
        """'open', 'open, acknowledged by Ann: on it', 'recovered', 'no longer expected', 'closed by Ann: known'."""
        note = f": {self.detail.note}" if self.detail.note else ""
        if self.is_open:
            return f"open, acknowledged by {self.acknowledged_by}{note}" if self.acknowledged_by else "open"
        match self.ended_as:
            case EndedAs.CLOSED:
                return f"closed by {self.detail.closed_by or 'someone'}{note}"
            case EndedAs.EXCUSED:
                return "no longer expected"
            case None:
                return "ended"
        return self.ended_as.replace("_", " ")

    def acknowledged(self, by: str | None, note: str | None, now: datetime) -> Incident:
        """Acknowledged by someone now (UTC): no more reminders."""
        return replace(self, acknowledged_at=now, acknowledged_by=by, detail=replace(self.detail, note=note))

    def closed(self, by: str | None, note: str | None, now: datetime) -> Incident:
        """Ended by someone now (UTC)."""
        detail = replace(self.detail, closed_by=by, note=note)
        return replace(self, ended_at=now, ended_as=EndedAs.CLOSED, detail=detail)

    def fix_started(self, by: str, job: str, now: datetime, is_unclear: bool = False) -> Incident:
        """With the job that someone started now (UTC), or may have started if no clear answer came."""
        detail = replace(self.detail, fix_job=job, is_fix_unclear=is_unclear)
        return replace(self, fix_started_at=now, fix_started_by=by, detail=detail)

    def muted(self, why: str | None) -> Incident:
        """With the mute that is in force, by its reason and author; None if there is none."""
        was_muted = self.detail.was_muted if why else self.detail.mute or self.detail.was_muted
        return replace(self, detail=replace(self.detail, mute=why, was_muted=was_muted))

    def as_by_hand(self, row: Incident) -> Incident:
        """As people have changed it in the ledger, where `ack` and `close` write."""
        changed, detail = self, row.detail
        if row.acknowledged_at is not None and (
            self.acknowledged_at is None or row.acknowledged_at < self.acknowledged_at
        ):
            changed = changed.acknowledged(row.acknowledged_by, detail.note, row.acknowledged_at)
        started_at, job = row.fix_started_at, detail.fix_job
        if started_at and job and started_at > (self.fix_started_at or datetime.min.replace(tzinfo=UTC)):
            changed = changed.fix_started(row.fix_started_by or "someone", job, started_at, detail.is_fix_unclear)
        if row.ended_as is EndedAs.CLOSED and row.ended_at is not None:
            changed = changed.closed(detail.closed_by, detail.note, row.ended_at)
        return changed


def deadline(day: date, due: Due | None, tips: Iterable[datetime | None]) -> datetime:
    """The last of some tip-offs (UTC), the end of the date if one is unknown or there is none. For results 3:00 PM ET
    the next day.
    """
    if due is None:
        return _NEVER_OVER
    if due is Due.MORNING_AFTER:
        return results_deadline(day)
    over = end_of_day(day)
    return max((tip or over for tip in tips), default=over)


@dataclass(frozen=True, slots=True)
class Notification:
    """One row of `nba_monitoring.notifications`: one alert by one channel, accepted or not."""

    notification_id: str  # the same for every attempt at the same alert by the same channel
    incident_id: str | None  # None for a monitor alert
    sent_at: Instant
    way: str  # slack, webhook, log, or the scheme of an Apprise address
    reason: str
    accepted: bool
    receipt: str | None = None  # by which the channel finds it again
    text: str = ""  # the line that a notification shows; no secrets
    error: str | None = None


@dataclass(frozen=True, slots=True)
class ResponseTimes:
    """Minutes to detect, report, acknowledge and recover from an incident, and the minutes left to act.

    None if an instant is unknown. `left` is to the first tip-off, or to the results deadline, and negative after it.
    """

    minutes_to_detect: float
    minutes_to_tell: float | None
    minutes_to_acknowledge: float | None
    minutes_to_recover: float | None
    minutes_left_found: float | None
    minutes_left_told: float | None
    minutes_left_ended: float | None

    @classmethod
    def of(cls, incident: Incident) -> ResponseTimes:
        """The response times of an incident.

        Detection starts at the due time, and acknowledgement at the alert; an earlier one took no time.
        """
        found, told, ended, chance = incident.found_at, incident.told_at, incident.ended_at, _chance(incident)
        to_acknowledge = _between(told, incident.acknowledged_at)
        return cls(
            minutes_to_detect=max(0.0, _minutes(found - due_at(incident))),
            minutes_to_tell=_between(found, told),
            minutes_to_acknowledge=None if to_acknowledge is None else max(0.0, to_acknowledge),
            minutes_to_recover=_between(found, ended) if incident.ended_as is EndedAs.RECOVERED else None,
            minutes_left_found=_between(found, chance),
            minutes_left_told=_between(told, chance),
            minutes_left_ended=_between(ended, chance),
        )


def due_at(incident: Incident) -> datetime:
    """When its data was due (UTC): 11:00 AM ET, or the due time of results; of a service, when it was found failing."""
    if incident.due is None:
        return incident.found_at
    if incident.due is Due.BEFORE_TIP:
        return morning_of(incident.check_date)
    return incident.detail.due_at or morning_of(incident.check_date + timedelta(days=1))


def _chance(incident: Incident) -> datetime | None:
    """The deadline: first tip-off, or the results deadline (UTC)."""
    if incident.due is None:
        return None
    return incident.first_tip_at if incident.due is Due.BEFORE_TIP else results_deadline(incident.check_date)


def _between(start: datetime | None, end: datetime | None) -> float | None:
    return None if start is None or end is None else _minutes(end - start)


def _minutes(span: timedelta) -> float:
    return round(span / timedelta(minutes=1), 1)
