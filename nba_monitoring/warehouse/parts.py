"""Rows cut to what one BigQuery job takes. Each part is written wholly or not at all."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from nba_monitoring.warehouse.engines import Row

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


def parts(rows: Sequence[Row], day: Callable[[Row], date]) -> Iterator[Part]:
    """The rows by date, in the fewest parts that one job each takes; none for no rows.

    A date is never cut, since replacing its second half would lose the first: one that is too large BigQuery refuses.
    """
    by_day: defaultdict[date, list[Row]] = defaultdict(list)
    for row in rows:
        by_day[day(row)].append(row)
    days = sorted(by_day)
    begun, size = 0, 0
    for position, found in enumerate(days):
        more = sum(map(_size, by_day[found]))
        if position > begun and (size + more > MOST_BYTES or position - begun >= MOST_DATES):
            yield _part(days[begun:position], by_day)
            begun, size = position, 0
        size += more
    if days:
        yield _part(days[begun:], by_day)


def covering(first: date, last: date, found: Sequence[Part]) -> Iterator[Part]:
    """The same parts over all dates from `first` to `last`, so that replacing leaves none of them out; one at least."""
    start = first
    for part, following in pairwise(found):
        end = following.first - timedelta(days=1)
        yield Part(start, end, part.rows)
        start = following.first
    yield Part(start, last, found[-1].rows if found else ())


def _part(days: Sequence[date], by_day: dict[date, list[Row]]) -> Part:
    return Part(days[0], days[-1], [row for found in days for row in by_day[found]])


def _size(row: Row) -> int:
    return len(json.dumps(row, default=str)) + _AROUND_A_VALUE * sum(
        1 + len(value) if isinstance(value, list) else 1 for value in row.values()
    )
