"""The schedule's tables as their writers leave them after a season, with what is odd about a season's games."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

from nba_monitoring_tests.platform_tables import Row, espn_row, nbac_row
from nba_monitoring_tests.season_machine.calendar import A_SEASON, PLAYOFFS, Calendar, Game, a_year_later
from nba_monitoring_tests.season_machine.clock import DAY, EASTERN, eastern

SERIES_LENGTH = 7
LOADED_BEFORE_OPENER, FIRST_WEEKS = timedelta(days=62), timedelta(weeks=4)


def league_rows(games: Iterable[Game], loaded: datetime) -> Iterator[Row]:
    """The league's schedule: final with its score where a game was played. The table was last loaded at `loaded`."""
    for game in games:
        yield league_row(game, loaded)


def league_row(game: Game, loaded: datetime) -> Row:
    """One game's row."""
    scores = (99, 110) if game.winner == game.home else (110, 99)
    return nbac_row(
        game.day,
        game.away,
        game.home,
        game_id=game.league_id,
        tip=game.tip.astimezone(EASTERN).time(),
        status=3 if game.winner else 1,
        score=scores if game.winner else (None, None),
        processed_at=loaded,
    )


def scoreboard_rows(games: Iterable[Game]) -> Iterator[Row]:
    """ESPN's scoreboard, which is written after the games."""
    for game in games:
        yield espn_row(
            game.day,
            game.away,
            game.home,
            status="final",
            tip_at=game.tip,
            score=(99, 110) if game.winner == game.home else (110, 99),
            processed_at=eastern(game.day, 24 + 5),
        )


def unneeded(calendar: Calendar, loaded: datetime) -> Iterator[Row]:
    """The games of decided series that were to be played if necessary. They stay scheduled."""
    last: dict[str, Game] = {}
    for game in calendar.games:
        if game.league_id.startswith(PLAYOFFS):
            last[game.league_id[:9]] = game
    for series, game in last.items():
        for nth in range(int(game.league_id[9]) + 1, SERIES_LENGTH + 1):
            day = game.day + 2 * (nth - int(game.league_id[9])) * DAY
            tip = eastern(day, 20)
            yield league_row(replace(game, day=day, tip=tip, league_id=f"{series}{nth}", winner=None), loaded)


def next_season(calendar: Calendar) -> Iterator[Row]:
    """The first weeks of the next season, whose schedule is loaded in August."""
    loaded = eastern(calendar.opener + A_SEASON - LOADED_BEFORE_OPENER, 5)
    for game in calendar.games:
        if game.day < calendar.opener + FIRST_WEEKS:
            yield league_row(replace(a_year_later(game), winner=None), loaded)


def postpone(calendar: Calendar, rng: Random, loaded: datetime) -> tuple[Calendar, Row, Row | None] | None:
    """A game moved to a later date on which neither side plays: the calendar as it was played, the row that stays on
    the old date, and the platform's record of it where there is one. None where there is no such date.
    """
    game = rng.choice([game for game in calendar.games if game.counts and not game.league_id.startswith(PLAYOFFS)])
    days = [game.day + nth * DAY for nth in range(1, 40)]
    free = [
        day
        for day in days
        if (others := calendar.by_day.get(day)) and not any(set(game.teams) & set(other.teams) for other in others)
    ]
    if not free or game.day == calendar.opener or len(calendar.by_day[game.day]) == 1:
        return None
    day = rng.choice(free)
    left = replace(game, winner=None)
    how = rng.choice(["by hand", "final", "record"])
    row = league_row(left, loaded)
    if how == "by hand":
        row |= {"game_status": rng.choice([4, 9]), "game_status_text": f"Rescheduled to {day:%b} {day.day}"}
    elif how == "final":
        row |= {"game_status": 3, "game_status_text": "Final"}
    record = None
    if how == "record":
        record = {"game_id": game.id, "original_date": game.day, "new_date": day, "reason": "weather"}
    return calendar.moved(game, day), row, record


def loaded_at(calendar: Calendar) -> datetime:
    """When the table was last loaded: the night after the season (UTC)."""
    return eastern(calendar.last + DAY, 5)
