"""Rows cut to what one BigQuery job takes. Each part is written wholly or not at all."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby, pairwise
from typing import TypeVar

from nba_monitoring.warehouse.engines import Row

Item = TypeVar("Item")

# A request takes 10 MB; the rest is for the statement and for what this estimate leaves out.
MOST_BYTES = 8_000_000
# A job changes at most 4,000 partitions, here of a date each.
MOST_DATES = 4_000

# What a parameter puts around each value: its name, `{"value": ...}`, and for an array the same around each element.
_AROUND_A_VALUE = 40


@dataclass(frozen=True)
class Part:
    """Rows of the dates from `first` to `last`; no other part has any of these dates."""

    first: date
    last: date
    rows: Sequence[Row]


def by_date(items: Iterable[Item], day: Callable[[Item], date]) -> Iterator[tuple[date, list[Item]]]:
    """The items of each date; dates ascend."""
    for found, of_date in groupby(sorted(items, key=day), key=day):
        yield found, list(of_date)


def parts(dates: Iterable[tuple[date, Sequence[Row]]]) -> Iterator[Part]:
    """The rows of dates, which ascend, in the fewest parts that one job each takes; none for no rows.

    A date is never cut, since replacing its second half would lose the first: one that is too large BigQuery refuses.
    A part is made when it is asked for, since the rows of many seasons are larger than what they are made of.
    """
    days: list[date] = []
    rows: list[Row] = []
    size = 0
    for day, found in dates:
        more = sum(map(_size, found))
        if days and (size + more > MOST_BYTES or len(days) >= MOST_DATES):
            yield Part(days[0], days[-1], rows)
            days, rows, size = [], [], 0
        days.append(day)
        rows.extend(found)
        size += more
    if days:
        yield Part(days[0], days[-1], rows)


def covering(first: date, last: date, found: Sequence[Part]) -> Iterator[Part]:
    """The same parts over all dates from `first` to `last`, so that replacing leaves none of them out; one at least."""
    start = first
    for part, following in pairwise(found):
        end = following.first - timedelta(days=1)
        yield Part(start, end, part.rows)
        start = following.first
    yield Part(start, last, found[-1].rows if found else ())


def _size(row: Row) -> int:
    return len(json.dumps(row, default=str)) + _AROUND_A_VALUE * sum(
        1 + len(value) if isinstance(value, list) else 1 for value in row.values()
    )
