"""What the sensor remembers between ticks. It lives in the sensor's cursor, so it stays small whatever the history.

It is working memory: the ledger in the warehouse outlives it, and rebuilds the incidents if it is lost.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from pydantic_core import from_json

from nba_monitoring.alerts.debts import Debt
from nba_monitoring.alerts.incidents.decision import REPEAT_INTERVAL
from nba_monitoring.alerts.incidents.service_incidents import goes_on
from nba_monitoring.core.chain import Break
from nba_monitoring.core.chain_facts import ChannelSeen, HeartbeatSeen, ServicesSeen
from nba_monitoring.core.checked import Checked
from nba_monitoring.core.codec import Instant, UnreadableError, from_json_values, to_json_text
from nba_monitoring.core.eastern import game_date
from nba_monitoring.core.incidents import EndedAs, Incident, Notification
from nba_monitoring.core.mutes import MutedDates
from nba_monitoring.core.record import CheckRecord, Mute, mute_in_force
from nba_monitoring.core.stages import Due

CURSOR_VERSION = 3
# A machine whose clock was hours ahead may have ended incidents too early. One that is set back by no more than this
# between an end and the next tick is not worth a second report of the incident.
CLOCK_TOLERANCE = timedelta(hours=1)

# BigQuery bills 30 MB whenever the ledger is read for an open incident.
READ_AGAIN_AFTER = timedelta(minutes=5)

# The main channel's name in a memory of before each channel had a debt.
MAIN_OF_BEFORE = "The main channel"

_MOST_FAILURES = 20
_MOST_DIGESTED = 50
_MOST_UNWRITTEN = 500
_VARYING = re.compile(r"[0-9a-f]{8}[0-9a-f-]*|\d+")


@dataclass(frozen=True, slots=True)
class LastFailure:
    """The last alert about runs for some dates, which fail or are missing."""

    error: str  # as `error_kind` has it
    notified_at: Instant

    def should_notify(self, error: str, now: datetime) -> bool:
        """Whether a further failure is worth an alert: another error, or the same one for a long time."""
        return self.error != error_kind(error) or now - self.notified_at >= REPEAT_INTERVAL


@dataclass(frozen=True, slots=True)
class ReportedBreak:
    """A reported break of the chain, whose end is still to be reported."""

    told_at: Instant
    over: str  # what to say then
    day: date | None = None  # that was not checked


@dataclass(frozen=True, slots=True)
class Missed:
    """Mornings that were not checked, and since when nothing ran."""

    days: tuple[date, ...]
    since: Instant


@dataclass(frozen=True, slots=True)
class LedgerRead:
    """When open incidents were last brought up to date with the warehouse, which they were, and what it held then."""

    at: Instant
    incidents: tuple[str, ...]
    changed: tuple[Instant, ...]  # when each table that they depend on had last changed

    def covers(self, other: LedgerRead) -> bool:
        """Whether the same would be read again. Mutes begin and expire without a change."""
        is_same = self.changed == other.changed and set(other.incidents) <= set(self.incidents)
        return is_same and timedelta(0) <= other.at - self.at < READ_AGAIN_AFTER


@dataclass(frozen=True, slots=True)
class AlertState:
    """The sensor's memory."""

    watching_since: Instant  # the first tick ever
    last_tick_at: Instant
    read_to: int | None = None  # storage id of the last run end that was handled
    incidents: Mapping[str, Incident] = field(default_factory=dict)  # open ones, and those that ended recently
    looks: Mapping[date, Instant] = field(default_factory=dict)  # the newest check of each live date
    checked: Mapping[date, Checked] = field(default_factory=dict)  # the newest check of each date, and what it leaves
    failing: Mapping[str, LastFailure] = field(default_factory=dict)  # dates whose check fails or is missing
    missed: Missed | None = None  # still to be reported
    backfills: tuple[str, ...] = ()  # whose digest waits for their end
    digested: Mapping[str, Instant] = field(default_factory=dict)  # when backfills were summed up
    catch_up: tuple[date, ...] = ()  # mornings without a check, whose runs are still to be requested
    debts: Mapping[str, Debt] = field(default_factory=dict)  # by the channel's name
    are_pages_known: bool = True  # whether `debts` have what each second channel was alerted about
    sent_by_second_way: tuple[str, ...] = ()  # delivery ids that the main channel has not accepted yet
    mutes_read_on: date | None = None  # the last morning on which what is muted was read
    long_mutes: tuple[MutedDates, ...] = ()  # still to be reported
    breaks: Mapping[str, ReportedBreak] = field(default_factory=dict)  # by their keys
    heartbeat: HeartbeatSeen | None = None  # None if none is set
    services: ServicesSeen | None = None  # None if none are watched
    dirty: tuple[str, ...] = ()  # incidents whose newest state is not in the ledger yet
    unwritten: tuple[Notification, ...] = ()  # messages that are not in the ledger yet
    ledger_read: LedgerRead | None = None  # None where that is not known, and each tick reads
    awaits_ledger: bool = False  # it started over while the ledger was out of reach
    version: int = CURSOR_VERSION

    @property
    def open_incidents(self) -> Sequence[Incident]:
        """The incidents that have not ended."""
        return [incident for incident in self.incidents.values() if incident.is_open]

    def incidents_of(self, day: date) -> Sequence[Incident]:
        """The incidents about a date's data, oldest first."""
        of_date = [known for known in self.incidents.values() if known.check_date == day]
        about_data = [incident for incident in of_date if not incident.is_about_services]
        return sorted(about_data, key=lambda incident: (incident.found_at, incident.incident_id))

    @property
    def channels(self) -> tuple[ChannelSeen, ...]:
        """What is known of each channel: when it last accepted a message, since when it fails, and what it owes."""
        return tuple(debt.seen_as(name) for name, debt in self.debts.items())

    def with_debt(self, name: str, debt: Debt) -> AlertState:
        """With a channel's debt as it is now."""
        return replace(self, debts={**self.debts, name: debt})

    def with_incident(self, incident: Incident) -> AlertState:
        """With an incident in a newer state, which the ledger still lacks."""
        if self.incidents.get(incident.incident_id) == incident:
            return self
        dirty = tuple(dict.fromkeys((*self.dirty, incident.incident_id)))
        return replace(self, incidents={**self.incidents, incident.incident_id: incident}, dirty=dirty)

    def with_check(self, record: CheckRecord) -> AlertState:
        """With a check by a real clock."""
        day, looked_at = record.check_date, record.check_time
        state = self
        if day not in self.checked or self.checked[day].at <= looked_at:
            state = replace(state, checked={**self.checked, day: Checked.of(record)})
        if not record.is_live:
            return state
        return replace(state, looks={**self.looks, day: max(looked_at, self.looks.get(day, looked_at))})

    def with_failing(self, errors: Mapping[str, str], now: datetime) -> AlertState:
        """With alerts about failing runs, by their dates."""
        told = {dates: LastFailure(error_kind(error), now) for dates, error in errors.items()}
        return replace(self, failing={**self.failing, **told})

    def without_failing(self, dates: Iterable[str]) -> AlertState:
        """Without the failures of dates whose checks are running again."""
        over = set(dates)
        return replace(self, failing={key: last for key, last in self.failing.items() if key not in over})

    def with_break(self, found: Break, now: datetime) -> AlertState:
        """With an alert about a break of the chain."""
        told = ReportedBreak(now, found.over or "", found.day)
        return replace(self, breaks={**self.breaks, found.key: told})

    def without_break(self, key: str) -> AlertState:
        """Without a break of the chain that is over."""
        return replace(self, breaks={other: told for other, told in self.breaks.items() if other != key})

    def with_digest(self, backfill_id: str, now: datetime) -> AlertState:
        """With a backfill that has been summed up at an instant (UTC)."""
        left = tuple(known for known in self.backfills if known != backfill_id)
        return replace(self, backfills=left, digested={**self.digested, backfill_id: now})

    def with_unwritten(self, notification: Notification) -> AlertState:
        """With a message that the ledger still lacks."""
        return replace(self, unwritten=(*self.unwritten, notification)[-_MOST_UNWRITTEN:])

    @classmethod
    def begin(cls, now: datetime) -> AlertState:
        """A memory that begins at an instant (UTC); what came before is in the ledger."""
        return cls(watching_since=now, last_tick_at=now, awaits_ledger=True)

    def rebuilt(self, known: Iterable[Incident]) -> AlertState:
        """With the last days' incidents from the ledger, if the memory began without them.

        An incident that was found again meanwhile goes on as the ledger's.
        """
        incidents = dict(self.incidents)
        looks = dict(self.looks)
        for row in known:
            ours = incidents.get(row.incident_id)
            incidents[row.incident_id] = row if ours is None else _gone_on(row, ours)
            if row.due is Due.BEFORE_TIP and row.detail.looked_at is not None:
                looks[row.check_date] = max(row.detail.looked_at, looks.get(row.check_date, row.detail.looked_at))
        return replace(self, incidents=incidents, looks=looks, awaits_ledger=False, are_pages_known=False)

    def with_acts_by_hand(self, known: Iterable[Incident]) -> AlertState:
        """With what people did to open incidents since the last tick, given the ledger's rows."""
        state = self
        for row in known:
            ours = state.incidents.get(row.incident_id)
            if ours is not None and ours.is_open:
                state = state.with_incident(ours.as_by_hand(row))
        return state

    def with_mutes(self, mutes: Mapping[date, Iterable[Mute]], now: datetime) -> AlertState:
        """With the mutes that are in force at an instant (UTC), given all of the open incidents' dates."""
        state = self
        for incident in self.open_incidents:
            found = mute_in_force(mutes.get(incident.check_date, ()), now)
            state = state.with_incident(incident.muted(found.summary if found else None))
        return state

    @classmethod
    def from_cursor(cls, cursor: str, now: datetime) -> AlertState:
        """The memory in a cursor. Raises UnreadableError for anything else, and for one of a newer version."""
        try:
            values = from_json(cursor)
        except ValueError as error:
            raise UnreadableError(f"no JSON: {error}") from None
        state = from_json_values(cls, _with_debts(values))
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
            if goes_on(incident) or incident.check_date >= oldest or not incident.detail.end_told or key in self.dirty
        }
        # The small print of an incident whose end was reported is in the ledger, and nothing is left to run.
        incidents = {key: _without_small_print(incident, key in self.dirty) for key, incident in incidents.items()}
        kept = replace(
            self,
            incidents=incidents,
            looks={day: at for day, at in self.looks.items() if day >= oldest},
            checked={day: check for day, check in self.checked.items() if day > oldest},
            failing=dict(newest),
            digested=dict(sorted(self.digested.items(), key=lambda item: item[1])[-_MOST_DIGESTED:]),
            version=CURSOR_VERSION,
        )
        return to_json_text(kept)

    def _not_ahead_of(self, now: datetime) -> AlertState:
        """Nothing remembered may lie ahead of the clock: it would suppress alerts until the clock has reached it."""
        return replace(
            self,
            watching_since=min(self.watching_since, now),
            last_tick_at=min(self.last_tick_at, now),
            incidents={key: _not_ahead(incident, now) for key, incident in self.incidents.items()},
            looks={day: min(looked_at, now) for day, looked_at in self.looks.items()},
            checked={day: check.not_ahead_of(now) for day, check in self.checked.items()},
            breaks={key: replace(known, told_at=min(known.told_at, now)) for key, known in self.breaks.items()},
            heartbeat=None if self.heartbeat is None else self.heartbeat.not_ahead_of(now),
            services=None if self.services is None else self.services.not_ahead_of(now),
            digested={backfill_id: min(at, now) for backfill_id, at in self.digested.items()},
            failing={
                dates: replace(last, notified_at=min(last.notified_at, now)) for dates, last in self.failing.items()
            },
            debts={name: debt.not_ahead_of(now) for name, debt in self.debts.items()},
        )


def _with_debts(values: object) -> object:
    """A cursor of before each channel had a debt: what it knew of the main channel, whose name it did not know."""
    if not isinstance(values, dict) or "debts" in values:
        return values
    unclear = values.get("unclear")
    owed = {
        key: {**known, "unclear_since": known.get("since")}
        for key, known in (unclear.items() if isinstance(unclear, dict) else ())
        if isinstance(known, dict)
    }
    main = {"owed": owed, "trouble": values.get("trouble")}
    return {**values, "debts": {MAIN_OF_BEFORE: main}, "are_pages_known": False}


def _without_small_print(incident: Incident, is_dirty: bool) -> Incident:
    if is_dirty or not incident.detail.end_told:
        return incident
    return replace(incident, detail=replace(incident.detail, evidence=(), fix=None, fix_past=None, then=()))


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
        # Its games are still to be played. It is reported again, since its last alert was of its end.
        detail = replace(detail, told=None, end_told=False, unseen_told=None)
        return replace(incident, ended_at=None, ended_as=None, detail=detail)
    return incident
