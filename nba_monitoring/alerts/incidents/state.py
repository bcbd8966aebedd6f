"""What the sensor remembers between ticks. It lives in the sensor's cursor, so it stays small whatever the history.

It is working memory: the ledger in the warehouse outlives it, and rebuilds the incidents where it is lost.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Annotated, Any

from pydantic import Field

from nba_monitoring.alerts.incidents.decision import REPEAT_INTERVAL
from nba_monitoring.core.codec import GameId, Instant, UnreadableError, from_json_values, to_json_text
from nba_monitoring.core.eastern import game_date
from nba_monitoring.core.incidents import EndedAs, Incident, IncidentDetail, Notification, Told, UncoveredUnit
from nba_monitoring.core.stages import PHASE4, Due
from nba_monitoring.core.status import Severity, Status

# Version 1, of release 0.1.0, knew no incidents, only what was last said of each date.
CURSOR_VERSION = 2
# A machine whose clock was hours ahead may have ended incidents too early. One that is set back by no more than this
# between an end and the next tick is not worth telling the incident twice.
CLOCK_TOLERANCE = timedelta(hours=1)

_MOST_FAILURES = 20
_MOST_UNWRITTEN = 100
_VARYING = re.compile(r"[0-9a-f]{8}[0-9a-f-]*|\d+")


@dataclass(frozen=True, slots=True)
class LastFailure:
    """What was last told of the runs for some dates, which fail or do not come."""

    error: str  # as `error_kind` has it
    notified_at: Instant

    def should_notify(self, error: str, now: datetime) -> bool:
        """Whether a further failure is worth a message: another error, or the same one for a long time."""
        return self.error != error_kind(error) or now - self.notified_at >= REPEAT_INTERVAL


@dataclass(frozen=True, slots=True)
class Trouble:
    """Since when the first way has not accepted messages, and why."""

    since: Instant
    error: str
    is_refusal: bool = False  # of the settings: it will not pass by itself
    told: bool = False  # by the second way
    found_by_check: bool = False  # and not by a message that was refused: a check can find it over
    retry_at: Instant | None = None  # as the way asked for, or the next attempt of a message without a clear answer


@dataclass(frozen=True, slots=True)
class Unclear:
    """A message that was sent and not answered, so that it may have arrived."""

    since: Instant  # the first such attempt
    attempts: int


@dataclass(frozen=True, slots=True)
class Missed:
    """Mornings on which nobody looked, and since when nothing ran."""

    days: tuple[date, ...]
    since: Instant


@dataclass(frozen=True, slots=True)
class AlertState:
    """The sensor's memory."""

    watching_since: Instant  # the first tick ever
    last_tick_at: Instant
    read_to: int | None = None  # storage id of the last run end that was handled
    incidents: Mapping[str, Incident] = field(default_factory=dict)  # open ones, and those that ended of late
    looks: Mapping[date, Instant] = field(default_factory=dict)  # the newest look at each live date
    scheduled_looks: Mapping[date, Instant] = field(default_factory=dict)  # of them, the ones that a schedule asked for
    failing: Mapping[str, LastFailure] = field(default_factory=dict)  # of the dates whose check fails or does not come
    missed: Missed | None = None  # what is still to be told of a time without ticks
    backfills: tuple[str, ...] = ()  # whose digest waits for their end
    trouble: Trouble | None = None
    unclear: Mapping[str, Unclear] = field(default_factory=dict)  # messages without a clear answer, by delivery id
    sent_by_second_way: tuple[str, ...] = ()  # delivery ids of messages that the first way has not accepted yet
    beat_on: date | None = None  # the last date whose heartbeat was accepted
    dirty: tuple[str, ...] = ()  # incidents whose newest state is not in the ledger yet
    unwritten: tuple[Notification, ...] = ()  # messages that are not in the ledger yet
    awaits_ledger: bool = False  # it began anew while the ledger was out of reach
    version: int = CURSOR_VERSION

    def incidents_of(self, day: date) -> Sequence[Incident]:
        """The incidents of a date, oldest first."""
        return sorted(
            (incident for incident in self.incidents.values() if incident.check_date == day),
            key=lambda incident: (incident.found_at, incident.incident_id),
        )

    def with_incident(self, incident: Incident) -> AlertState:
        """With an incident in a newer state, which the ledger has to be told."""
        if self.incidents.get(incident.incident_id) == incident:
            return self
        dirty = tuple(dict.fromkeys((*self.dirty, incident.incident_id)))
        return replace(self, incidents={**self.incidents, incident.incident_id: incident}, dirty=dirty)

    def with_look(self, day: date, looked_at: datetime, is_scheduled: bool) -> AlertState:
        """With a look at a live date."""
        looks = {**self.looks, day: max(looked_at, self.looks.get(day, looked_at))}
        scheduled = dict(self.scheduled_looks)
        if is_scheduled:
            scheduled[day] = max(looked_at, scheduled.get(day, looked_at))
        return replace(self, looks=looks, scheduled_looks=scheduled)

    def with_failing(self, errors: Mapping[str, str], now: datetime) -> AlertState:
        """With what was told of failing runs, by their dates."""
        told = {dates: LastFailure(error_kind(error), now) for dates, error in errors.items()}
        return replace(self, failing={**self.failing, **told})

    def without_failing(self, dates: Iterable[str]) -> AlertState:
        """Without the failures of some dates, which work again."""
        over = set(dates)
        return replace(self, failing={key: last for key, last in self.failing.items() if key not in over})

    def with_unwritten(self, notification: Notification) -> AlertState:
        """With a message that the ledger has to be told."""
        return replace(self, unwritten=(*self.unwritten, notification)[-_MOST_UNWRITTEN:])

    @classmethod
    def begin(cls, now: datetime) -> AlertState:
        """A memory that begins at an instant (UTC); what came before is for the ledger to say."""
        return cls(watching_since=now, last_tick_at=now, awaits_ledger=True)

    def rebuilt(self, known: Iterable[Incident]) -> AlertState:
        """With what the ledger knows of the last days, where the memory began without it.

        An incident that was found anew meanwhile goes on, as the one that the ledger has.
        """
        incidents = dict(self.incidents)
        looks = dict(self.looks)
        for row in known:
            ours = incidents.get(row.incident_id)
            incidents[row.incident_id] = row if ours is None else _gone_on(row, ours)
            if row.due is Due.BEFORE_TIP and row.detail.looked_at is not None:
                looks[row.check_date] = max(row.detail.looked_at, looks.get(row.check_date, row.detail.looked_at))
        return replace(self, incidents=incidents, looks=looks, awaits_ledger=False)

    @classmethod
    def from_cursor(cls, cursor: str, now: datetime) -> AlertState:
        """The memory in a cursor, of this version or an older one. Raises UnreadableError for anything else."""
        try:
            values = json.loads(cursor)
        except ValueError as error:
            raise UnreadableError(f"no JSON: {error}") from None
        if isinstance(values, dict) and "said" in values:
            return _from_version_1(values, now)
        state = from_json_values(cls, values)
        if state.version > CURSOR_VERSION:
            raise UnreadableError(f"version {state.version} is of a newer monitor; this one reads {CURSOR_VERSION}")
        return state._not_ahead_of(now)

    def to_cursor(self, now: datetime) -> str:
        """As JSON, without what no later tick can need."""
        oldest = game_date(now) - timedelta(days=2)
        newest = sorted(self.failing.items(), key=lambda item: item[1].notified_at)[-_MOST_FAILURES:]
        incidents = {
            key: incident
            for key, incident in self.incidents.items()
            if incident.is_open or incident.check_date >= oldest or not incident.detail.end_told or key in self.dirty
        }
        # The small print of an incident that has had its last word is in the ledger.
        incidents = {key: _without_evidence(incident, key in self.dirty) for key, incident in incidents.items()}
        kept = replace(
            self,
            incidents=incidents,
            looks={day: at for day, at in self.looks.items() if day >= oldest},
            scheduled_looks={day: at for day, at in self.scheduled_looks.items() if day >= oldest},
            failing=dict(newest),
            version=CURSOR_VERSION,
        )
        return to_json_text(kept)

    def _not_ahead_of(self, now: datetime) -> AlertState:
        """Nothing remembered may lie ahead of the clock: it would keep silent until the clock has reached it."""
        trouble = self.trouble
        if trouble is not None and trouble.since > now:
            trouble = replace(trouble, since=now, retry_at=None)
        return replace(
            self,
            watching_since=min(self.watching_since, now),
            last_tick_at=min(self.last_tick_at, now),
            incidents={key: _not_ahead(incident, now) for key, incident in self.incidents.items()},
            looks={day: min(looked_at, now) for day, looked_at in self.looks.items()},
            scheduled_looks={day: min(looked_at, now) for day, looked_at in self.scheduled_looks.items()},
            failing={
                dates: replace(last, notified_at=min(last.notified_at, now)) for dates, last in self.failing.items()
            },
            trouble=trouble,
        )


def _without_evidence(incident: Incident, is_dirty: bool) -> Incident:
    if is_dirty or not incident.detail.end_told:
        return incident
    return replace(incident, detail=replace(incident.detail, evidence=()))


def _gone_on(row: Incident, ours: Incident) -> Incident:
    detail = replace(
        ours.detail, told=ours.detail.told or row.detail.told, thread=ours.detail.thread or row.detail.thread
    )
    return replace(ours, found_at=min(row.found_at, ours.found_at), told_at=row.told_at or ours.told_at, detail=detail)


def error_kind(error: str) -> str:
    """An error without what differs each time, such as job ids and process numbers; short enough to remember."""
    return _VARYING.sub("#", error)[-120:]


def _not_ahead(incident: Incident, now: datetime) -> Incident:
    detail = incident.detail
    if detail.looked_at is not None and detail.looked_at > now:
        detail = replace(detail, looked_at=now)
    if detail.told is not None and detail.told.at > now:
        detail = replace(detail, told=replace(detail.told, at=now))
    incident = replace(incident, found_at=min(incident.found_at, now), detail=detail)
    is_ended_by_clock = detail.passed_as is None and incident.ended_as in (EndedAs.TOO_LATE, EndedAs.EXCUSED)
    if is_ended_by_clock and incident.ended_at is not None and incident.ended_at > now + CLOCK_TOLERANCE:
        # Its games are still to be played. It is told anew, since its last message said that it is over.
        detail = replace(detail, told=None, end_told=False, unseen_told=None)
        return replace(incident, ended_at=None, ended_as=None, detail=detail)
    return incident


@dataclass(frozen=True, slots=True)
class _Said:
    """What release 0.1.0 remembered of a date."""

    day: Annotated[date, Field(alias="date")]
    status: Status | None = None
    severity: Severity | None = None
    missing: tuple[GameId, ...] = ()
    partial: tuple[GameId, ...] = ()
    findings: int = 1
    checked_at: Instant | None = None
    first_failed_at: Instant | None = None
    said_at: Instant | None = None
    thread: str | None = None
    muted: str | None = None


@dataclass(frozen=True, slots=True)
class _Version1:
    """The cursor of release 0.1.0, as far as it is taken over."""

    watching_since: Instant
    said: tuple[_Said, ...]


def _from_version_1(values: Mapping[str, Any], now: datetime) -> AlertState:
    old = from_json_values(_Version1, values)
    # When it last ticked it did not remember. Just now: the mornings since it was set up were not all missed.
    state = replace(AlertState.begin(now), watching_since=old.watching_since)
    for said in old.said:
        if said.checked_at is not None:
            state = replace(state, looks={**state.looks, said.day: said.checked_at})
        if said.status is not None and not said.status.passes and said.checked_at is not None:
            state = state.with_incident(_incident_of(said, said.status, said.checked_at))
    return state._not_ahead_of(now)


def _incident_of(said: _Said, status: Status, checked_at: datetime) -> Incident:
    severity = said.severity or Severity.ERROR
    uncovered = (
        *(UncoveredUnit(game.id, None, "", is_missing=True) for game in said.missing),
        *(UncoveredUnit(game.id, None, "", is_missing=False) for game in said.partial),
    )
    return Incident(
        incident_id=f"nba-{said.day}" if said.findings <= 1 else f"nba-{said.day}-{said.findings}",
        check_date=said.day,
        due=Due.BEFORE_TIP,
        stage=PHASE4,  # the only one that there was
        status=status,
        severity=severity,
        found_at=said.first_failed_at or checked_at,
        told_at=said.said_at,
        detail=IncidentDetail(
            uncovered=uncovered,
            expected=(*said.missing, *said.partial),
            # That release remembered no tip-offs; so the look itself is read once more, and those before it are not.
            looked_at=checked_at - timedelta(microseconds=1),
            mute=said.muted,
            told=None if said.said_at is None else Told(said.said_at, status, severity, uncovered),
            thread=said.thread,
        ),
    )
