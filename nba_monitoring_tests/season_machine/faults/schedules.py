"""Rows of the schedule's tables that are no game, on a wrong date or without teams."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from nba_monitoring_tests.platform_tables import espn_row
from nba_monitoring_tests.season_machine.answers import Planted
from nba_monitoring_tests.season_machine.calendar import TRICODES, Game
from nba_monitoring_tests.season_machine.clock import DAY, eastern
from nba_monitoring_tests.season_machine.faults.arrivals import is_in_season
from nba_monitoring_tests.season_machine.platform import BOOTSTRAP_DAYS, BY_GAME, of_game
from nba_monitoring_tests.season_machine.schedule import league_row, loaded_at
from nba_monitoring_tests.season_machine.season import Season

NO_TEAMS = {"away_team_tricode": "", "home_team_tricode": "", "game_code": ""}
CALLED_OFF = {"game_status": 4, "game_status_text": "Postponed"}


def day_off(season: Season, day: date) -> date | None:
    """The date before, where it has no games and lies within the season."""
    before = day - DAY
    return before if before not in season.calendar.by_day and before > season.calendar.opener else None


def a_game_is_called_off(season: Season, day: date) -> Planted | None:
    """A game that was to be played is not, and predictions of it were made in the morning."""
    return _called_off(season, day, "a game is called off", least=3)


def one_of_two_games_is_called_off(season: Season, day: date) -> Planted | None:
    """The same where there are so few games that its predictions are many of the date's: what was played is graded."""
    return _called_off(season, day, "one of two games is called off", most=2)


def _called_off(season: Season, day: date, kind: str, least: int = 1, most: int = 15) -> Planted | None:
    games = season.games(day)
    if not least <= len(games) <= most or not is_in_season(season, day, BOOTSTRAP_DAYS):
        return None
    game = _another(season, day, *_resting(season, day))
    season.schedule.append(_row(season, game) | CALLED_OFF)
    _write_rows_of(season, game, ("player_context", "team_context", "phase4", "feature_store", "predictions"))
    due = season.hours[day].due["predictions"]
    return Planted(kind, day, "predictions", "BAD_DATA", due=due, games=games)


def a_game_is_called_off_before_the_morning(season: Season, day: date) -> Planted | None:
    """A game that was to be played is not, and nothing was made of it."""
    game = _another(season, day, *_resting(season, day))
    season.schedule.append(_row(season, game) | CALLED_OFF)
    return Planted("a game is called off before the morning", day)


def postponed_by_the_leagues_id(season: Season, day: date) -> Planted | None:
    """The platform's record of a postponement names the game by its ten digits."""
    game = _another(season, day, *_resting(season, day))
    season.schedule.append(_row(season, game))
    record = {"game_id": game.league_id, "original_date": day, "new_date": None, "reason": "weather"}
    season.postponements.append(record)
    return Planted("postponed by the league's id", day, is_without_problems=True)


def its_id_on_an_earlier_date(season: Season, day: date) -> Planted | None:
    """A game's row without teams stays on the date that it was first put on, without any other game or beside some."""
    game = season.rng.choice(list(season.games(day)))
    listed = season.rng.choice([found for found in (day_off(season, day), day - DAY) if found])
    if listed < season.calendar.opener:
        return None
    season.schedule.append(_row(season, replace(game, day=listed, tip=game.tip - DAY, winner=None)) | NO_TEAMS)
    return Planted("its id on an earlier date", listed)


def a_cup_final_without_teams(season: Season, day: date) -> Planted | None:
    """The Cup's final stands in the schedule before its teams are known."""
    final = _nameless(season, day, "006")
    if final is None:
        return None
    return Planted("a cup final without teams", final.day)


def a_game_without_teams(season: Season, day: date) -> Planted | None:
    """A game stands in the schedule on a date without others, and its teams are not known: the date can't be judged."""
    game = _nameless(season, day, "005")
    if game is None:
        return None
    due = eastern(game.day, 0)
    return Planted("a game without teams", game.day, "schedule", "UNKNOWN_SCHEDULE", due=due)


def on_the_next_date(season: Season, day: date) -> Planted | None:
    """ESPN's table has a game of the evening before, which starts on this date in UTC."""
    before = season.calendar.by_day.get(day - DAY, ())
    playing = {team for game in season.games(day) for team in game.teams}
    late = [game for game in before if game.tip >= eastern(day - DAY, 20) and not playing & set(game.teams)]
    if not late:
        return None
    game = season.rng.choice(late)
    written = eastern(day, 5)
    season.scoreboard.append(espn_row(day, game.away, game.home, tip_at=game.tip, processed_at=written))
    return Planted("on the next date", day)


def an_unknown_team(season: Season, day: date) -> Planted | None:
    """An unknown team plays, spelled alike in the schedule and in every stage."""
    if not is_in_season(season, day, BOOTSTRAP_DAYS):
        return None
    game = _another(season, day, season.rng.choice(["SEA", "LVG"]), _resting(season, day)[0])
    season.schedule.append(_row(season, replace(game, winner=game.home)))
    _write_rows_of(season, game, (*BY_GAME, "daily_cache", "grading"))
    return Planted("an unknown team", day)


def an_all_star_game(season: Season, day: date) -> Planted | None:
    """ESPN lists the sides of an All-Star game as an ordinary game, on a date on which the league has its id."""
    off = day_off(season, day)
    if off is None:
        return None
    game = _another(season, off, "STR", "STP", "003")
    season.schedule.append(_row(season, game))
    sides = season.rng.choice([("STR", "STP"), ("EAST", "WEST"), ("TMX", "TMY")])
    season.scoreboard.append(espn_row(off, *sides, tip_at=game.tip, processed_at=eastern(off, 5)))
    return Planted("an all-star game", off)


def _nameless(season: Season, day: date, prefix: str) -> Game | None:
    off = day_off(season, day)
    if off is None:
        return None
    game = _another(season, off, "", "", prefix)
    season.schedule.append(_row(season, game) | NO_TEAMS)
    return game


def _another(season: Season, day: date, away: str, home: str, prefix: str = "002") -> Game:
    """A game that no other row has, at 7:30 PM."""
    number = season.rng.randint(60000, 99999)
    year = f"{season.calendar.opener.year % 100:02}"
    return Game(day, eastern(day, 19.5), away, home, f"{prefix}{year}{number}", None)


def _resting(season: Season, day: date) -> tuple[str, str]:
    """Two teams that don't play on a date or a day around it."""
    around = [game for step in (-1, 0, 1) for game in season.calendar.by_day.get(day + step * DAY, ())]
    playing = {team for game in around for team in game.teams}
    resting = [team for team in TRICODES if team not in playing]
    if len(resting) < 2:
        resting = [team for team in TRICODES if not any(team in game.teams for game in season.games(day))]
    away, home = season.rng.sample(resting or ["SEA", "LVG"], 2)
    return away, home


def _row(season: Season, game: Game) -> dict[str, object]:
    return league_row(game, loaded_at(season.calendar))


def _write_rows_of(season: Season, game: Game, stages: Sequence[str] | frozenset[str]) -> None:
    hours, season_day = season.hours[game.day], season.calendar.season_day(game.day)
    for stage in stages:
        season.batches[stage, game.day] += of_game(
            stage, game, hours.came[stage], season_day, season.rng, season.systems(game.day)
        )
