"""What goes wrong in the season around today: a few incidents in three weeks, and one stage that is late today.

All of it is made up, but each kind happened on the platform.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta

from nba_monitoring.core.eastern import eastern, game_date
from nba_monitoring.sample.batches import BOOTSTRAP_DAYS, Batch
from nba_monitoring.sample.games import SeasonGame, utc_from_eastern

# Three weeks, so that each incident keeps its day of the week: on Saturdays and Sundays, games may tip off at noon.
_PERIOD = 21
_TUESDAY, _MONDAY, _NEXT_TUESDAY, _THURSDAY, _FRIDAY = 2, 8, 9, 11, 19

# After the morning check and before the next one. A sample that is written later shows the late stage for a while, too.
_LATE, _LATE_FOR = time(11, 40), timedelta(minutes=45)
_BETWEEN_LATE_STAGES = timedelta(minutes=5)
_EVENING, _BEFORE_TIP, _LAST_TIP = time(19), timedelta(hours=2, minutes=30), time(23, 59)


def as_this_season(stage: str, day: date, usual: Sequence[Batch], now: datetime) -> Sequence[Batch]:
    """A stage's rows on a date, given its usual ones, for a sample that is written at `now` (UTC).

    Yesterday went well: its results may still be to come.
    """
    today = game_date(now)
    if day >= today:
        return _late(stage, usual, now)
    change = _CHANGES.get((stage, day.toordinal() % _PERIOD)) if day < today - timedelta(days=1) else None
    is_settled = bool(usual) and usual[0].season_day >= BOOTSTRAP_DAYS
    return usual if change is None or not is_settled else change(usual)


def with_an_evening_to_come(games: Iterable[SeasonGame], now: datetime) -> list[SeasonGame]:
    """The games, with today's not before the evening, nor before there was time to see the late stage recover."""
    today, earliest = game_date(now), eastern(now) + _BEFORE_TIP
    soonest = _LAST_TIP if earliest.date() > today else max(_EVENING, time(earliest.hour, earliest.minute // 30 * 30))
    return [replace(entry, tip=max(entry.tip, soonest)) if entry.game.day == today else entry for entry in games]


def late_stages(season_day: int) -> Sequence[str]:
    """The stage that is late today, and the ones that wait for it. In a season's first days Phase 4 has no rows."""
    return ("player_context",) if season_day < BOOTSTRAP_DAYS else ("phase4", "feature_store", "predictions")


def _late(stage: str, usual: Sequence[Batch], now: datetime) -> Sequence[Batch]:
    """What is late today also holds up the evening's pass for tomorrow."""
    if not usual or stage not in (late := late_stages(usual[0].season_day)):
        return usual
    begin = max(utc_from_eastern(game_date(now), _LATE), (now + _LATE_FOR).replace(tzinfo=None))
    at = begin + late.index(stage) * _BETWEEN_LATE_STAGES
    return [replace(batch, written_at=max(batch.written_at, at)) for batch in usual]


def _at(clock: time, later: int = 0) -> Callable[[Sequence[Batch]], Sequence[Batch]]:
    """All rows on the clock (Eastern), some days after the game date."""
    return lambda usual: [
        replace(batch, written_at=utc_from_eastern(batch.day + timedelta(days=later), clock)) for batch in usual
    ]


def _without_the_first_game(usual: Sequence[Batch]) -> Sequence[Batch]:
    return [batch for batch in usual if batch.game != usual[0].game]


def _copied_forward(usual: Sequence[Batch]) -> Sequence[Batch]:
    return [replace(batch, values_of=batch.values_of - timedelta(days=1)) for batch in usual]


_CHANGES: Mapping[tuple[str, int], Callable[[Sequence[Batch]], Sequence[Batch]]] = {
    ("phase4", _TUESDAY): _at(time(12, 50)),
    ("feature_store", _TUESDAY): _at(time(13, 5)),
    ("predictions", _TUESDAY): _at(time(13, 20)),
    ("shot_zones", _MONDAY): _at(time(11, 20)),
    ("team_defense", _NEXT_TUESDAY): _copied_forward,
    ("grading", _THURSDAY): _at(time(12, 20), later=1),
    ("predictions", _FRIDAY): _without_the_first_game,
}
