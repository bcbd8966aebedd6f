"""A season from a seed: the games, the rows, and the faults planted in them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import cycle
from random import Random

from nba_monitoring_tests.platform_tables import Row
from nba_monitoring_tests.season_machine import schedule
from nba_monitoring_tests.season_machine.answers import Planted
from nba_monitoring_tests.season_machine.calendar import A_SEASON, Calendar, calendar
from nba_monitoring_tests.season_machine.clock import DAY, results_deadline
from nba_monitoring_tests.season_machine.faults import ALL
from nba_monitoring_tests.season_machine.faults.absence import FULL_AFTER
from nba_monitoring_tests.season_machine.season import Season

POSTPONED = 6
A_MONTH = timedelta(days=30)
# From so long before a stage is due, or after it.
ARRIVALS = [timedelta(hours=hours) for hours in (-10, -0.5, 0.2, 3, 6.5, 30)]
WHOLE_SEASON = {"rewritten daily", "a system is replaced", "loaded in July"}
# How far a stage's rules look back.
LOOKED_BACK = timedelta(days=12)


@dataclass(frozen=True)
class Made:
    """A season to be written, its planted faults, and the first and last date to check."""

    season: Season
    planted: Sequence[Planted]
    span: tuple[date, date]


def make(seed: int, faults: int, kinds: Collection[str] = tuple(ALL), days: int | None = None) -> Made:
    """The season of a seed, or some days of it, with so many faults of some kinds: each on a date of its own, and
    every kind in turn. Fewer, if no kind finds a date that suits it.
    """
    rng = Random(seed)  # noqa: S311 made-up seasons, the same every time
    games, *tables = _schedule(rng)
    first, last = games.opener, games.opener + A_SEASON - DAY
    if days is not None:
        # With all stages as full as they get, and before the play-in.
        first += timedelta(days=rng.randint(FULL_AFTER, 150))
        last = first + timedelta(days=days - 1)
    # The morning after the last date is checked too.
    season = Season.healthy(games, [day for day in games.by_day if first - LOOKED_BACK <= day <= last + DAY], rng)
    season.schedule, season.scoreboard, season.postponements = tables
    season.has_registry = rng.random() < 0.5
    to_plant_on = sorted(day for day in games.by_day if first <= day <= last)
    # Some faults are of a whole season: one makes a live run begin in July.
    fitting = set(kinds) if days is None else set(kinds) - WHOLE_SEASON
    planted = _plant(season, to_plant_on, faults, sorted(fitting))
    return Made(season, sorted(planted, key=lambda fault: fault.day), (min(first, season.begins), last))


def jumbled(seed: int, days: int) -> Made:
    """Some days of a season with several faults each and rows that come at any time, without a known right answer.
    The schedule is cut to a month around them.
    """
    made = make(seed, faults=0, days=days)
    season, (first, last) = made.season, made.span
    season.schedule = [row for row in season.schedule if abs(row["game_date"] - first) <= A_MONTH]
    for day in season.calendar.by_day:
        if first <= day <= last:
            for kind in season.rng.sample(sorted(ALL.keys() - WHOLE_SEASON), 4):
                ALL[kind](season, day)
    for (stage, day), batches in season.batches.items():
        if season.rng.random() < 0.2:
            came = season.hours[day].due[stage] + season.rng.choice(ARRIVALS)
            # Rules look back on what stood at noon Pacific of the day after.
            in_time = min(came, results_deadline(day) - timedelta(hours=1))
            at = in_time if stage in ("team_defense", "predictions") else season.rng.choice([came, came, None])
            some = season.rng.randint(1, max(1, len(batches)))
            batches[:some] = [replace(batch, written=at) for batch in batches[:some]]
    return made


def _plant(season: Season, days: list[date], faults: int, kinds: list[str]) -> list[Planted]:
    season.rng.shuffle(days)
    season.rng.shuffle(kinds)
    planted: list[Planted] = []
    without_a_day = 0  # kinds in a row
    for name in cycle(kinds):
        if len(planted) == faults or without_a_day == len(kinds):
            break
        without_a_day += 1
        for day in days:
            found = ALL[name](season, day)
            if found is not None:
                planted.append(found)
                days.remove(day)
                without_a_day = 0
                break
    return planted


def _schedule(rng: Random) -> tuple[Calendar, list[Row], list[Row], list[Row]]:
    """The games as they were played, the league's rows, ESPN's, and the platform's record of postponements."""
    games = calendar(rng)
    loaded = schedule.loaded_at(games)
    left, records = [], []
    for _ in range(POSTPONED):
        moved = schedule.postpone(games, rng, loaded)
        if moved is not None:
            games, row, record = moved
            left.append(row)
            records += [] if record is None else [record]
    league = [*schedule.league_rows(games.games, loaded), *schedule.unneeded(games, loaded), *left]
    league += schedule.next_season(games)
    # In half of the seasons the scoreboard's table is stale, as it was all of 2025-26.
    return games, league, list(schedule.scoreboard_rows(games.games)) if rng.random() < 0.5 else [], records
