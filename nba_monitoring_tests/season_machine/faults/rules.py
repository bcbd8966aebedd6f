"""Rows that are there in number, and that a rule of their stage refuses; or ids that match no game."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date

from nba_monitoring_tests.season_machine.answers import Planted
from nba_monitoring_tests.season_machine.batches import Batch
from nba_monitoring_tests.season_machine.clock import DAY
from nba_monitoring_tests.season_machine.faults.absence import FULL_AFTER, stage_of
from nba_monitoring_tests.season_machine.faults.arrivals import is_in_season, recovered
from nba_monitoring_tests.season_machine.platform import BOOTSTRAP_DAYS, LEAST_OF_A_GAME
from nba_monitoring_tests.season_machine.season import Season

PLACEHOLDER_LINE = 20.0


def _refused(kind: str, season: Season, day: date, stage: str) -> Planted:
    due = season.hours[day].due[stage]
    return Planted(kind, day, stage, "BAD_DATA", due=due, games=season.games(day))


def no_model_version(season: Season, day: date) -> Planted | None:
    """One system's predictions have no model version."""
    return _all_changed(season, day, "no model version", lambda batch: replace(batch, version=None), of="catboost_v8")


def placeholder_lines(season: Season, day: date) -> Planted | None:
    """One system's predictions have a placeholder line."""
    return _all_changed(
        season, day, "placeholder lines", lambda batch: replace(batch, line=PLACEHOLDER_LINE), of="ensemble_v1"
    )


def _all_changed(season: Season, day: date, kind: str, changed: Callable[[Batch], Batch], of: str) -> Planted | None:
    if not is_in_season(season, day, BOOTSTRAP_DAYS):
        return None
    season.change("predictions", day, lambda batch: [changed(batch) if batch.system == of else batch])
    return _refused(kind, season, day, "predictions")


def a_system_is_silent(season: Season, day: date) -> Planted | None:
    """A system that wrote on the last game days writes nothing, or late."""
    if not is_in_season(season, day, BOOTSTRAP_DAYS + 7) or season.replaced_on:
        return None
    planted = recovered(season, _refused("a system is silent", season, day, "predictions"))
    silent = season.rng.choice(["catboost_v8", "ensemble_v1", "xgb_v1"])

    def late(batch: Batch) -> Iterable[Batch]:
        if batch.system != silent:
            return [batch]
        return [] if planted.recovered is None else [replace(batch, written=planted.recovered)]

    season.change("predictions", day, late)
    if planted.recovered is None:
        season.change("grading", day, lambda batch: [] if batch.system == silent else [batch])
    return planted


def features_of_poor_quality(season: Season, day: date) -> Planted | None:
    """More of a date's features are not quality-ready than are; each game has enough that are."""
    if stage_of(season, day, ("feature_store",)) is None:
        return None
    least = LEAST_OF_A_GAME["feature_store"]

    def poor(batch: Batch) -> Iterable[Batch]:
        return [batch, replace(batch, usable=False, first=50, count=least + batch.count)]

    season.change("feature_store", day, poor)
    return _refused("features of poor quality", season, day, "feature_store")


def copied_forward(season: Season, day: date) -> Planted | None:
    """The teams' defense is what it was the day before."""
    before = day - DAY
    held = season.batches.get(("team_defense", before))
    if not is_in_season(season, before, FULL_AFTER) or not held:
        return None
    content = held[0].content
    season.change("team_defense", day, lambda batch: [replace(batch, content=content)])
    return _refused("copied forward", season, day, "team_defense")


def ids_of_no_game(season: Season, day: date) -> Planted | None:
    """All of a stage's rows bear ids that are no game's; rows with the right ones come later, or never."""
    stage = stage_of(season, day, ("player_context", "phase4", "feature_store", "predictions"))
    if stage is None:
        return None
    planted = replace(_refused("ids of no game", season, day, stage), status="SUSPECT_JOIN")
    planted = recovered(season, replace(planted, missing=[game.id for game in season.games(day)]))

    def renamed(batch: Batch) -> Iterable[Batch]:
        wrong = replace(batch, game_id=f"G{season.games(day)[0].league_id[2:]}")
        return [wrong] if planted.recovered is None else [wrong, replace(batch, written=planted.recovered)]

    season.change(stage, day, renamed)
    return planted
