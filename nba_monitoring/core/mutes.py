"""Muted dates as people read them: which dates in a row, until when, why and who set them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from nba_monitoring.core.codec import Instant
from nba_monitoring.core.eastern import results_deadline
from nba_monitoring.core.record import CheckRecord, Mute, mute_in_force
from nba_monitoring.core.words import dates, moment

# A longer mute needs a confirmation, and is reported each Monday.
LONG = 7


@dataclass(frozen=True, slots=True)
class MutedDates:
    """Dates in a row that were muted in one go."""

    first: date
    last: date
    set_at: Instant
    until: Instant | None  # None: to the end of each date
    reason: str
    by: str | None  # None if nobody gave a name

    @property
    def is_long(self) -> bool:
        """Whether more dates are muted than anybody remembers."""
        return (self.last - self.first).days >= LONG

    @property
    def end(self) -> str:
        """When its alerts resume."""
        if self.until is not None:
            return moment(self.until)
        return f"the end of {'the date' if self.first == self.last else 'each date'}"

    @property
    def summary(self) -> str:
        """'Muted, no alerts: 2026-11-25 to 2026-11-27 until the end of each date. Phase 4 is being rebuilt (Ann)'."""
        by = f" ({self.by})" if self.by else ""
        return f"Muted, no alerts: {dates(self.first, self.last)} until {self.end}. {self.reason}{by}"


def muted_dates(mutes: Mapping[date, Iterable[Mute]], now: datetime) -> Sequence[MutedDates]:
    """What is muted at `now` (UTC), by date, given the mutes and unmutes of each date. Dates that are over are left out
    unless they were muted together with others that are not.
    """
    in_force = (mute_in_force(found, now) for _, found in sorted(mutes.items()))
    return [found for found in in_a_row(filter(None, in_force)) if now < results_deadline(found.last)]


def muted_at(records: Iterable[CheckRecord]) -> Sequence[MutedDates]:
    """What was muted at checks of several dates, ascending."""
    return in_a_row(
        Mute(record.check_date, mute.set_at, mute.until, mute.reason, mute.by)
        for record in records
        if (mute := record.detail.mute) is not None
    )


def in_a_row(mutes: Iterable[Mute]) -> Sequence[MutedDates]:
    """Mutes of different dates, ascending, joined where they were set together."""
    found: list[MutedDates] = []
    for mute in mutes:
        one = MutedDates(mute.day, mute.day, mute.set_at, mute.until, mute.reason or "", mute.by)
        longer = replace(found[-1], last=one.last) if found else one
        if found and found[-1].last + timedelta(days=1) == one.first and replace(one, first=longer.first) == longer:
            found[-1] = longer
        else:
            found.append(one)
    return found
