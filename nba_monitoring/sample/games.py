"""A game of a made-up season: its tip-off, and what becomes of its listing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from enum import Enum, auto
from random import Random

from nba_monitoring.core.eastern import EASTERN
from nba_monitoring.core.games import LEAGUE_PREFIXES, Game, SeasonType

PREFIXES = {season_type: prefix for prefix, season_type in LEAGUE_PREFIXES.items()}

# Hours that the home team's clock is behind Eastern. In winter Arizona's is two, like Denver's.
_HOURS_BEHIND = dict.fromkeys("CHI DAL HOU MEM MIL MIN NOP OKC SAS".split(), 1)
_HOURS_BEHIND |= dict.fromkeys("DEN PHX UTA".split(), 2)
_HOURS_BEHIND |= dict.fromkeys("GSW LAC LAL POR SAC".split(), 3)

_SATURDAY = 5
_SHARE_OF_MATINEES = 0.3


class Fate(Enum):
    """The final status of a listing in the league's schedule, which has no code for postponed."""

    PLAYED = auto()
    FINAL_WITHOUT_SCORE = auto()
    LEFT_SCHEDULED = auto()


@dataclass(frozen=True, slots=True)
class SeasonGame:
    """One listing of a game."""

    game: Game
    season_type: SeasonType
    league_id: str
    tip: time  # on the Eastern clock
    listed_on: date  # the date from which the schedule has it
    fate: Fate = Fate.PLAYED
    winner: str | None = None  # None: random


def league_id(season_type: SeasonType, number: int, season: int = 2025) -> str:
    """The league's ten-digit id of a game. `season` is the year in which the season starts."""
    return f"{PREFIXES[season_type]}{season % 100:02}{number:05}"


def tip_time(game: Game, rng: Random) -> time:
    """A usual Eastern tip-off, from noon to 10:30 PM: 7 or 7:30 PM local time, earlier on some weekends."""
    is_matinee = game.day.weekday() >= _SATURDAY and rng.random() < _SHARE_OF_MATINEES
    local_hour = rng.choice((12, 15, 17)) if is_matinee else 19
    return time(local_hour + _HOURS_BEHIND.get(game.home, 0), rng.choice((0, 30)))


def utc_from_eastern(day: date, clock: time) -> datetime:
    """The naive UTC instant of an Eastern wall-clock time, as stored in the tables."""
    return datetime.combine(day, clock, EASTERN).astimezone(UTC).replace(tzinfo=None)
