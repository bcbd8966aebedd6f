"""What is wrong on the morning after: summaries and grades that are missing, too few or late."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date

from nba_monitoring_tests.season_machine.answers import Planted
from nba_monitoring_tests.season_machine.batches import Batch
from nba_monitoring_tests.season_machine.calendar import Game
from nba_monitoring_tests.season_machine.faults.arrivals import is_in_season, recovered
from nba_monitoring_tests.season_machine.platform import BOOTSTRAP_DAYS, LEAST_OF_A_GAME
from nba_monitoring_tests.season_machine.season import Season


def _results(kind: str, season: Season, day: date, stage: str, status: str) -> Planted:
    due = season.hours[day].due[stage]
    return Planted(kind, day, stage, status, is_results=True, due=due, games=season.games(day))


def summaries_are_missing(season: Season, day: date) -> Planted | None:
    """Some or all games have no summary; in half of the cases no grades either."""
    games = season.games(day)
    lacking = sorted(season.rng.sample(list(games), season.rng.randint(1, len(games))))
    planted = _results("summaries are missing", season, day, "player_summary", "MISSING_DATA")
    planted = recovered(season, replace(planted, missing=[game.id for game in lacking]))
    season.hold_back("player_summary", day, lacking, planted.recovered)
    if season.rng.random() < 0.5:
        season.hold_back("grading", day, lacking, planted.recovered)
    return planted


def summaries_are_thin(season: Season, day: date) -> Planted | None:
    """A game has too few players in its summary."""
    game: Game = season.rng.choice(list(season.games(day)))
    planted = _results("summaries are thin", season, day, "player_summary", "PARTIAL_DATA")
    planted = recovered(season, replace(planted, partial=[game.id]))
    kept = season.rng.randint(1, LEAST_OF_A_GAME["player_summary"] - 1)

    def thin(batch: Batch) -> Iterable[Batch]:
        if batch.game_id != game.id:
            return [batch]
        rest = replace(batch, first=kept, count=batch.count - kept)
        few = replace(batch, count=kept)
        return [few] if planted.recovered is None else [few, replace(rest, written=planted.recovered)]

    season.change("player_summary", day, thin)
    return planted


def grades_are_missing(season: Season, day: date) -> Planted | None:
    """Nothing is graded."""
    if not is_in_season(season, day, BOOTSTRAP_DAYS):
        return None
    planted = _results("grades are missing", season, day, "grading", "MISSING_DATA")
    planted = recovered(season, replace(planted, missing=["_all"]))
    _graded_until(season, planted, ())
    return planted


def grades_are_few(season: Season, day: date) -> Planted | None:
    """One of three systems is graded: a third of the gradable predictions."""
    if not is_in_season(season, day, BOOTSTRAP_DAYS):
        return None
    planted = recovered(season, _results("grades are few", season, day, "grading", "BAD_DATA"))
    _graded_until(season, planted, ("catboost_v8",))
    return planted


def _graded_until(season: Season, planted: Planted, systems: Sequence[str]) -> None:
    def late(batch: Batch) -> Iterable[Batch]:
        if batch.system in systems:
            return [batch]
        return [] if planted.recovered is None else [replace(batch, written=planted.recovered)]

    season.change("grading", planted.day, late)
