"""Quiet by hand: a gap that is known of stops paging, and is never forgotten silently."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class Mute:
    """Someone's word on a date: stay quiet until an instant, or no longer."""

    day: date
    set_at: datetime  # UTC
    until: datetime | None  # UTC; None: as long as the date lasts
    reason: str | None  # None where it ends a mute
    by: str | None = None  # None where nobody gave a name


def mute_in_force(mutes: Iterable[Mute], now: datetime) -> Mute | None:
    """The newest of a date's mutes, unless it was ended or has run out."""
    newest = max(mutes, key=lambda mute: mute.set_at, default=None)
    if newest is None or newest.reason is None:
        return None
    return newest if newest.until is None or now < newest.until else None
