"""A season by its name, and its dates."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from nba_monitoring.core.slate.seasons import LONGEST_SEASON, OPENERS
from nba_monitoring.errors import MonitoringError


class SeasonError(MonitoringError, ValueError):
    """There is no such season; the message says how one is written and which are known."""


@dataclass(frozen=True, slots=True)
class Season:
    """From its opener to the day before the next one, both included: US Eastern dates."""

    name: str  # 2025-26
    first: date
    last: date

    @classmethod
    def starting_in(cls, year: int) -> Season:
        """The season that starts in a year. Where the next opener is not known, it lasts as long as one can."""
        if year not in OPENERS:
            raise SeasonError(f"no opener is known of the season {_name(year)}; {_known()}")
        first, next_opener = OPENERS[year], OPENERS.get(year + 1)
        return cls(_name(year), first, (next_opener or first + LONGEST_SEASON) - timedelta(days=1))

    @classmethod
    def named(cls, name: str) -> Season:
        """The season of a name such as 2025-26. Raises SeasonError."""
        match = re.fullmatch(r"(\d{4})-(\d\d)", name, re.ASCII)
        if match is None or _name(int(match[1])) != name:
            raise SeasonError(f"{name!r} is no season; write it as 2025-26")
        return cls.starting_in(int(match[1]))

    @classmethod
    def of(cls, day: date) -> Season:
        """The season that a date falls in, its summer included. Raises SeasonError."""
        season = next((found for found in map(cls.starting_in, OPENERS) if found.first <= day <= found.last), None)
        if season is None:
            raise SeasonError(f"no season is known that {day} falls in; name one: {_known()}")
        return season


def _name(year: int) -> str:
    return f"{year}-{(year + 1) % 100:02}"


def _known() -> str:
    return f"known are {_name(min(OPENERS))} to {_name(max(OPENERS))}"
