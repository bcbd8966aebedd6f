"""The instants in `nbac_schedule.game_date_est`, whose zone is not what its name says.

Since 2025-12-23 it is the tip-off's true UTC instant. Rows loaded earlier, or by hand, can have Eastern time with a
false Z. All rows of a load are of one kind, and a season's rows show which: the true instant of a game at 8 PM Eastern
or later is on the day after its `game_date`; with a false Z it never is.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from enum import Enum, auto

from nba_monitoring.core.eastern import EASTERN, eastern

TRUE_SINCE = datetime(2025, 12, 23, tzinfo=UTC)

# A third of a season's games tip off at 8 PM Eastern or later, so among this many rows there is one.
ROWS_TO_TELL = 30

# No game on record tipped off before noon Eastern or after 10:30 PM.
_EARLIEST, _LATEST = time(12), time(23)


class Clock(Enum):
    """The zone of a written instant."""

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
    """The UTC instant of each row's tip-off; midnight Eastern if no time is set, None if the column is NULL.

    The zone follows from the row's date, or else from the rows of its load (written at the same instant), or else from
    all of the season's rows before or after the change. If none of these settles it, the instant is taken as true.
    """
    by_date = [None if row.written is None else _clock_by_date(row.day, row.written) for row in rows]
    clocks = _clocks_of_loads(rows, by_date)
    for row, known in zip(rows, by_date, strict=True):
        if row.written is None:
            yield None
            continue
        by_load = (clocks.get(load) for load in _loads(row))
        clock = known or next(filter(None, by_load), Clock.UTC)
        yield row.written if clock is Clock.UTC else row.written.replace(tzinfo=EASTERN).astimezone(UTC)


def _loads(row: WrittenTip) -> tuple[Hashable, Hashable]:
    """The narrower and the wider set of rows of one kind."""
    return row.loaded_at, (row.season, row.loaded_at is not None and row.loaded_at >= TRUE_SINCE)


def _clocks_of_loads(rows: Sequence[WrittenTip], by_date: Sequence[Clock | None]) -> dict[Hashable, Clock | None]:
    counted: defaultdict[Hashable, Counter[Clock | None]] = defaultdict(Counter)
    sizes = Counter(row.loaded_at for row in rows)
    for row, known in zip(rows, by_date, strict=True):
        if row.written is not None:
            clock = known or _clock_by_time(row.written)
            narrower, wider = _loads(row)
            counted[wider][clock] += 1
            # A row written alone is not a load; its time of day alone is no evidence against its season.
            if sizes[row.loaded_at] > 1:
                counted[narrower][clock] += 1
    return {load: _majority(counts) for load, counts in counted.items()}


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
    # A game without a set time has midnight Eastern as a true instant: 04:00Z or 05:00Z.
    return Clock.UTC if local.time() == time(0) else None


def _clock_by_time(written: datetime) -> Clock | None:
    if eastern(written).time() < _EARLIEST:
        return Clock.EASTERN
    return Clock.UTC if written.time() >= _LATEST else None
