"""The instants behind `nbac_schedule.game_date_est`, whose zone its name does not tell.

Since 2025-12-23 it is the true UTC instant of the tip-off; rows loaded before, or by hand, can carry the Eastern clock
under a false Z. One load is of one kind, and a season's worth of rows tells which: a game from 8 PM Eastern on has its
true instant on the day after its `game_date`, a false Z never has.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from enum import Enum, auto

from nba_monitoring.core.eastern import EASTERN, eastern

TRUE_SINCE = datetime(2025, 12, 23, tzinfo=UTC)

# A third of the season's games tips off at 8 PM Eastern or later: of so many rows, one at least.
ROWS_TO_TELL = 30

# No tip-off on record is before noon Eastern or after 10:30 PM.
_EARLIEST, _LATEST = time(12), time(23)


class Clock(Enum):
    """What a written instant is."""

    UTC = auto()
    EASTERN = auto()


@dataclass(frozen=True, slots=True)
class WrittenTip:
    """One row's `game_date`, `game_date_est` as read, the instant of its load, and the year its season starts."""

    day: date
    written: datetime | None
    loaded_at: datetime | None
    season: int


def true_instants(rows: Sequence[WrittenTip]) -> Iterator[datetime | None]:
    """The UTC instant of each row's tip-off, midnight Eastern where none is set; None where nothing is written.

    A row's date can settle it; else its load does, that is the rows written at the same instant, or all of a season's
    rows from before the change, or from after it; else it is true, as all are since.
    """
    clocks = _clocks_of_loads(rows)
    for row in rows:
        if row.written is None:
            yield None
            continue
        by_load = (clocks.get(load) for load in _loads(row))
        clock = _clock_by_date(row.day, row.written) or next(filter(None, by_load), Clock.UTC)
        yield row.written if clock is Clock.UTC else row.written.replace(tzinfo=EASTERN).astimezone(UTC)


def _loads(row: WrittenTip) -> tuple[Hashable, Hashable]:
    """The narrower and the wider set of rows that are of one kind."""
    return row.loaded_at, (row.season, row.loaded_at is not None and row.loaded_at >= TRUE_SINCE)


def _clocks_of_loads(rows: Sequence[WrittenTip]) -> dict[Hashable, Clock | None]:
    told: defaultdict[Hashable, Counter[Clock | None]] = defaultdict(Counter)
    sizes = Counter(row.loaded_at for row in rows)
    for row in rows:
        if row.written is not None:
            clock = _clock_by_date(row.day, row.written) or _clock_by_time(row.written)
            narrower, wider = _loads(row)
            told[wider][clock] += 1
            # A row written alone is no load: by its time of day alone it says nothing against its season.
            if sizes[row.loaded_at] > 1:
                told[narrower][clock] += 1
    return {load: _majority(counts) for load, counts in told.items()}


def _majority(counts: Counter[Clock | None]) -> Clock | None:
    true, false = counts[Clock.UTC], counts[Clock.EASTERN]
    if true == false:
        return Clock.EASTERN if true == 0 and counts.total() >= ROWS_TO_TELL else None
    return Clock.UTC if true > false else Clock.EASTERN


def _clock_by_date(day: date, written: datetime) -> Clock | None:
    if written.date() > day:
        return Clock.UTC
    local = eastern(written)
    if local.date() != day:
        return Clock.EASTERN
    # Midnight Eastern as a true instant, 04:00Z or 05:00Z, is how a game without a set time is written.
    return Clock.UTC if local.time() == time(0) else None


def _clock_by_time(written: datetime) -> Clock | None:
    if eastern(written).time() < _EARLIEST:
        return Clock.EASTERN
    return Clock.UTC if written.time() >= _LATEST else None
