"""Rows that are not there, too few or not usable: of games, of teams, or of the date as a whole."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date

from nba_monitoring_tests.season_machine.answers import Planted
from nba_monitoring_tests.season_machine.batches import Batch
from nba_monitoring_tests.season_machine.calendar import TRICODES, Game
from nba_monitoring_tests.season_machine.clock import morning
from nba_monitoring_tests.season_machine.faults.arrivals import is_in_season, recovered
from nba_monitoring_tests.season_machine.platform import (
    BEFORE_TIP,
    BOOTSTRAP_DAYS,
    BY_GAME,
    CACHE_A_GAME,
    DEFENSE_RAMP,
    EARLY_EMPTY,
    LEAST_OF_A_GAME,
    RESULTS,
    ZONES_RAMP,
    downstream,
    ramp,
)
from nba_monitoring_tests.season_machine.season import Season

BY_GAME_BEFORE_TIP = tuple(stage for stage in BEFORE_TIP if stage in BY_GAME)
# From when on every stage is as full as it gets.
FULL_AFTER = 36


def stage_of(season: Season, day: date, stages: Sequence[str]) -> str | None:
    """One of some stages that has rows on a date; None if none has."""
    least = {
        stage: (
            FULL_AFTER
            if stage in ("team_defense", "shot_zones")
            else BOOTSTRAP_DAYS
            if stage in EARLY_EMPTY or stage == "feature_store"
            else 0
        )
        for stage in stages
    }
    due = season.hours[day].due
    found = [
        stage
        for stage in stages
        # Where predictions are due before the feature store, it is another kind.
        if is_in_season(season, day, least[stage])
        and not (stage == "feature_store" and due["predictions"] < due["feature_store"])
    ]
    return season.rng.choice(found) if found else None


def a_game_is_missing(season: Season, day: date) -> Planted | None:
    """A stage has no rows for some of a date's games; in half of the cases its downstream stages have none either."""
    stage, games = stage_of(season, day, BY_GAME_BEFORE_TIP), season.games(day)
    if stage is None or len(games) < 2:
        return None
    lacking = sorted(season.rng.sample(list(games), season.rng.randint(1, len(games) - 1)))
    planted = recovered(season, _absent("a game is missing", season, day, stage, lacking))
    return _held_back(season, planted, lacking, with_downstream=_is_passed_on(season, planted, lacking))


def a_stage_is_missing(season: Season, day: date) -> Planted | None:
    """A stage has no rows for a date."""
    stage, games = stage_of(season, day, BEFORE_TIP), season.games(day)
    if stage is None:
        return None
    planted = recovered(season, _absent("a stage is missing", season, day, stage, games))
    return _held_back(season, planted, games, with_downstream=_is_passed_on(season, planted, games))


def two_stages_are_missing(season: Season, day: date) -> Planted | None:
    """Two stages have no rows for a date, neither because of the other: the earlier one is the first broken."""
    if not is_in_season(season, day, FULL_AFTER):
        return None
    independent = ("player_context", "team_context", "team_defense", "shot_zones")
    first, second = sorted(season.rng.sample(independent, 2), key=independent.index)
    games = season.games(day)
    planted = recovered(season, _absent("two stages are missing", season, day, first, games))
    for stage in (first, second):
        season.hold_back(stage, day, games, planted.recovered)
    return planted


def _absent(kind: str, season: Season, day: date, stage: str, games: Sequence[Game]) -> Planted:
    is_by_game = stage in BY_GAME
    missing = [game.id for game in games] if is_by_game else list(TRICODES) if stage == "team_defense" else ["_all"]
    return Planted(
        kind,
        day,
        stage,
        "MISSING_DATA",
        is_results=stage in RESULTS,
        due=season.hours[day].due[stage],
        games=games if is_by_game else season.games(day),
        missing=missing,
    )


def _is_passed_on(season: Season, planted: Planted, games: Sequence[Game]) -> bool:
    """Whether the downstream stages lack the same rows. They must not be due before the stage itself."""
    due, first_check = season.hours[planted.day].due, morning(planted.day)
    behind = [max(due[name], first_check) for name in downstream(planted.stage)]
    return season.rng.random() < 0.5 and all(at >= max(due[planted.stage], first_check) for at in behind)


def _held_back(season: Season, planted: Planted, games: Sequence[Game], with_downstream: bool) -> Planted:
    """Write the rows when the fault is recovered, or never; downstream rows come with them."""
    behind = downstream(planted.stage) if with_downstream else ()
    for stage in (planted.stage, *behind):
        season.hold_back(stage, planted.day, games, planted.recovered)
    if planted.recovered is None and "predictions" in (planted.stage, *behind):
        season.hold_back("grading", planted.day, games, None)
    return replace(planted, note="with what rests on it" if with_downstream else "")


def a_game_is_thin(season: Season, day: date) -> Planted | None:
    """A stage has too few players, or one team, of some games."""
    stage, games = stage_of(season, day, BY_GAME_BEFORE_TIP), season.games(day)
    if stage is None:
        return None
    thin = sorted(season.rng.sample(list(games), season.rng.randint(1, len(games))))
    planted = _absent("a game is thin", season, day, stage, thin)
    names = [game.id for game in thin]
    planted = recovered(season, replace(planted, status="PARTIAL_DATA", missing=(), partial=names))
    _thin_out(season, planted, LEAST_OF_A_GAME[stage])
    return planted


def nothing_is_usable(season: Season, day: date) -> Planted | None:
    """A stage's rows of some games are there, and none of them can be used; other rows come in their place, or not."""
    stage, games = stage_of(season, day, BY_GAME_BEFORE_TIP), season.games(day)
    if stage is None:
        return None
    bad = sorted(season.rng.sample(list(games), season.rng.randint(1, len(games))))
    planted = recovered(season, _absent("nothing is usable", season, day, stage, bad))
    if stage == "predictions" and len(bad) == len(games) and planted.recovered is None:
        return None  # another kind
    return _refused(season, planted, bad)


def no_prediction_is_usable(season: Season, day: date) -> Planted | None:
    """None of a date's predictions can be used, so that there is nothing to be graded."""
    if stage_of(season, day, ("predictions",)) is None:
        return None
    planted = _absent("no prediction is usable", season, day, "predictions", season.games(day))
    return _refused(season, planted, season.games(day))


def _refused(season: Season, planted: Planted, bad: Sequence[Game]) -> Planted:
    stage, day, ids = planted.stage, planted.day, _ids(bad)

    def refused(batch: Batch) -> Iterable[Batch]:
        if batch.game_id not in ids:
            return [batch]
        # So many that they outweigh those that can't be used.
        again = replace(batch, written=planted.recovered, first=50, count=4 * batch.count)
        return [replace(batch, usable=False)] + ([] if planted.recovered is None else [again])

    season.change(stage, day, refused)
    if stage == "predictions" and planted.recovered is None:
        season.hold_back("grading", day, bad, None)
    elif stage == "predictions":
        least = LEAST_OF_A_GAME["predictions"]
        season.change(
            "grading",
            day,
            lambda batch: [replace(batch, first=50, count=4 * least)] if batch.game_id in ids else [batch],
        )
    return planted


def only_placeholders(season: Season, day: date) -> Planted | None:
    """Phase 4 has early-season placeholders after the season's first days."""
    if not is_in_season(season, day, BOOTSTRAP_DAYS):
        return None
    games = season.games(day)
    planted = _absent("only placeholders", season, day, "phase4", games)
    season.change("phase4", day, lambda batch: [replace(batch, is_placeholder=True, usable=False)])
    return planted


def teams_are_missing(season: Season, day: date) -> Planted | None:
    """Some of the thirty teams have no defense."""
    if not is_in_season(season, day, FULL_AFTER):
        return None
    missing = sorted(season.rng.sample(TRICODES, season.rng.randint(1, 12)))
    planted = _absent("teams are missing", season, day, "team_defense", season.games(day))
    planted = recovered(season, replace(planted, missing=missing))

    def without(batch: Batch) -> Iterable[Batch]:
        there = tuple(team for team in batch.teams if team not in missing)
        later = [] if planted.recovered is None else [replace(batch, teams=tuple(missing), written=planted.recovered)]
        return [replace(batch, teams=there), *later]

    season.change("team_defense", day, without)
    return planted


def a_date_is_thin(season: Season, day: date) -> Planted | None:
    """The cache or the shot zones have too few players for the date."""
    stage = stage_of(season, day, ("daily_cache", "shot_zones"))
    if stage is None or (stage == "shot_zones" and not is_in_season(season, day, FULL_AFTER)):
        return None
    games = season.games(day)
    planted = _absent("a date is thin", season, day, stage, games)
    planted = recovered(season, replace(planted, status="PARTIAL_DATA", missing=(), partial=["_all"]))
    _thin_out(season, planted, 300 if stage == "shot_zones" else CACHE_A_GAME)
    return planted


def the_teams_are_behind(season: Season, day: date) -> Planted | None:
    """Early in a season fewer teams have a defense than do by then."""
    season_day = season.calendar.season_day(day)
    least = ramp(DEFENSE_RAMP, season_day)
    if least < 2 or season_day >= FULL_AFTER:
        return None
    kept = season.rng.randint(1, least - 1)
    season.change("team_defense", day, lambda batch: [replace(batch, teams=batch.teams[:kept])])
    planted = _absent("the teams are behind", season, day, "team_defense", season.games(day))
    return replace(planted, missing=TRICODES[kept:])


def the_zones_are_behind(season: Season, day: date) -> Planted | None:
    """Early in a season fewer players have shot zones than do by then."""
    season_day = season.calendar.season_day(day)
    least = ramp(ZONES_RAMP, season_day)
    if least < 2 or season_day >= FULL_AFTER:
        return None
    planted = _absent("the zones are behind", season, day, "shot_zones", season.games(day))
    planted = recovered(season, replace(planted, status="PARTIAL_DATA", missing=(), partial=["_all"]))
    _thin_out(season, planted, least)
    return planted


def _thin_out(season: Season, planted: Planted, least: int) -> None:
    """Keep fewer rows of each affected batch than the minimum; the rest comes when the fault is recovered."""
    ids, kept = _ids(planted.games), season.rng.randint(1, least - 1)

    def thin(batch: Batch) -> Iterable[Batch]:
        if batch.game_id is not None and batch.game_id not in ids:
            return [batch]
        if batch.teams:
            few, rest = replace(batch, teams=batch.teams[:kept]), replace(batch, teams=batch.teams[kept:])
        else:
            few, rest = replace(batch, count=kept), replace(batch, first=kept, count=batch.count - kept)
        return [few] if planted.recovered is None else [few, replace(rest, written=planted.recovered)]

    season.change(planted.stage, planted.day, thin)
    if planted.stage == "predictions" and planted.recovered is None:
        season.change(
            "grading",
            planted.day,
            lambda batch: [replace(batch, count=kept)] if batch.game_id in ids else [batch],
        )


def _ids(games: Iterable[Game]) -> set[str]:
    return {name for game in games for name in (game.id, game.league_id)}
