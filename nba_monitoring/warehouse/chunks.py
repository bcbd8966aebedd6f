"""Rows in chunks that one BigQuery job takes. Each chunk is written atomically."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby, pairwise
from typing import TypeVar

from nba_monitoring.warehouse.engines import Row

Item = TypeVar("Item")

# A request takes 10 MB; the rest is for the statement and for what this estimate ignores.
MOST_BYTES = 8_000_000
# A job changes at most 4,000 partitions, here one per date.
MOST_DATES = 4_000

# What a parameter adds to each text, and to each element of an array: its name and `{"value": ...}`. Any number or
# instant is shorter.
_AROUND_A_VALUE = 80


@dataclass(frozen=True)
class Chunk:
    """Rows of the dates from `first` to `last`, which no other chunk has."""

    first: date
    last: date
    rows: Sequence[Row]


def by_date(items: Iterable[Item], day: Callable[[Item], date]) -> Iterator[tuple[date, list[Item]]]:
    """The items of each date, in ascending order of date."""
    for found, of_date in groupby(sorted(items, key=day), key=day):
        yield found, list(of_date)


def chunks(dates: Iterable[tuple[date, Sequence[Row]]]) -> Iterator[Chunk]:
    """The rows of ascending dates in as few chunks as possible; none if there are no dates.

    A date is never split, since replacing its second half would delete the first: BigQuery refuses one that is too
    large. Chunks are made lazily, since the rows of many seasons are larger than the records that they come from.
    """
    days: list[date] = []
    rows: list[Row] = []
    size = 0
    for day, found in dates:
        more = sum(_size(value) for row in found for value in row.values())
        if days and (size + more > MOST_BYTES or len(days) >= MOST_DATES):
            yield Chunk(days[0], days[-1], rows)
            days, rows, size = [], [], 0
        days.append(day)
        rows.extend(found)
        size += more
    if days:
        yield Chunk(days[0], days[-1], rows)


def covering(first: date, last: date, found: Sequence[Chunk]) -> Iterator[Chunk]:
    """Extend chunks (none or more) to cover every date from `first` to `last`, so that replacing skips none of them."""
    start = first
    for chunk, following in pairwise(found):
        end = following.first - timedelta(days=1)
        yield Chunk(start, end, chunk.rows)
        start = following.first
    yield Chunk(start, last, found[-1].rows if found else ())


def _size(value: object) -> int:
    """How much a value adds to a request, at most: faster than to write it as JSON."""
    if isinstance(value, list):
        return _AROUND_A_VALUE + sum(map(_size, value))
    if not isinstance(value, str):
        return _AROUND_A_VALUE
    # Quotes are escaped, of which JSON text is full; a character that is not ASCII takes 6 or 12 bytes.
    escaped = value.count('"') + value.count("\\") + 5 * (len(value.encode()) - len(value))
    return _AROUND_A_VALUE + len(value) + escaped
