"""What each stage usually writes for a date."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, time, timedelta

from nba_monitoring.sample.batches import BOOTSTRAP_DAYS, Batch, CoveredGame, GameDay
from nba_monitoring.sample.games import utc_from_eastern
from nba_monitoring.sample.systems import systems_on

# Rows of the two league-wide stages from a day of the season, as in 2025-26.
_TEAM_DEFENSE_RAMP = ((0, 0), (26, 1), (30, 23), (36, 30))
_SHOT_ZONES_RAMP = ((0, 0), (17, 52), (18, 64), (19, 172), (21, 220), (23, 244), (28, 285), (30, 300), (60, 360))

_CACHED_PLAYERS = 19
# Nine of twelve have a real betting line: 540 predictions on a date of 7 or 8 games.
_PREDICTED_PLAYERS, _LINED_PLAYERS = 12, 9
# 21 played; two did not, and have no points.
_SUMMARY_PLAYERS, _UNUSED_PLAYERS = 23, 2

# The evening's pass for the next day; Phase 4 has a minute of its own per game.
_CONTEXTS, _FEATURE_STORE, _PREDICTIONS = time(17), time(18, 5), time(18, 30)
_CATCH_UP = time(10, 35)
_LEAGUE_OVERNIGHT, _CACHE_OVERNIGHT = time(6), time(6, 20)
_SUMMARY, _GRADING = time(6, 10), time(9)


def _player_context(day: GameDay) -> Iterator[Batch]:
    """With a rerun of one game in the morning, which adds its players again."""
    for covered in day.games:
        yield _of_game(day, covered, covered.players, _evening_before(day, _CONTEXTS))
    first = day.games[0]
    yield _of_game(day, first, first.players, utc_from_eastern(day.day, _CATCH_UP))


def _team_context(day: GameDay) -> Iterator[Batch]:
    for covered in day.games:
        yield replace(_of_game(day, covered, 2, _evening_before(day, _CONTEXTS)), game_id=covered.league_id)


def _team_defense(day: GameDay) -> Iterator[Batch]:
    yield _of_league(day, _on_ramp(_TEAM_DEFENSE_RAMP, day.season_day), utc_from_eastern(day.day, _LEAGUE_OVERNIGHT))


def _shot_zones(day: GameDay) -> Iterator[Batch]:
    yield _of_league(day, _on_ramp(_SHOT_ZONES_RAMP, day.season_day), utc_from_eastern(day.day, _LEAGUE_OVERNIGHT))


def _daily_cache(day: GameDay) -> Iterator[Batch]:
    if day.season_day >= BOOTSTRAP_DAYS:
        for covered in day.games:
            yield _of_game(day, covered, _CACHED_PLAYERS, utc_from_eastern(day.day, _CACHE_OVERNIGHT))


def _phase4(day: GameDay) -> Iterator[Batch]:
    if day.season_day >= BOOTSTRAP_DAYS:
        for covered in day.games:
            yield _of_game(day, covered, covered.players, covered.first_pass)


def _feature_store(day: GameDay) -> Iterator[Batch]:
    """A few players fewer than in the context, seven of eight usable; only placeholders at first."""
    for covered in day.games:
        rows = _players_with_features(covered)
        unready = rows if day.season_day < BOOTSTRAP_DAYS else _players_with_poor_features(covered)
        yield replace(_of_game(day, covered, rows, _evening_before(day, _FEATURE_STORE)), unready=unready)


def _predictions(day: GameDay) -> Iterator[Batch]:
    if day.season_day >= BOOTSTRAP_DAYS:
        for covered in day.games:
            batch = _of_game(day, covered, _PREDICTED_PLAYERS, _evening_before(day, _PREDICTIONS))
            yield from by_system(replace(batch, first=_players_with_poor_features(covered), lined=_LINED_PLAYERS))


def _player_summary(day: GameDay) -> Iterator[Batch]:
    for covered in day.games:
        written_at = utc_from_eastern(day.day + timedelta(days=1), _SUMMARY)
        yield replace(_of_game(day, covered, _SUMMARY_PLAYERS, written_at), unready=_UNUSED_PLAYERS)


def _grading(day: GameDay) -> Iterator[Batch]:
    """Only the time of grading: the rows are derived from the predictions."""
    yield _of_league(day, 0, utc_from_eastern(day.day + timedelta(days=1), _GRADING))


USUAL: Mapping[str, Callable[[GameDay], Iterator[Batch]]] = {
    "player_context": _player_context,
    "team_context": _team_context,
    "team_defense": _team_defense,
    "shot_zones": _shot_zones,
    "daily_cache": _daily_cache,
    "phase4": _phase4,
    "feature_store": _feature_store,
    "predictions": _predictions,
    "player_summary": _player_summary,
    "grading": _grading,
}


def by_system(batch: Batch) -> Iterator[Batch]:
    """The same predictions for each system of the date."""
    for system in systems_on(batch.day):
        yield replace(batch, system=system.name, model_version=system.version, is_active=not system.is_shadow)


def _of_game(day: GameDay, covered: CoveredGame, rows: int, written_at: datetime) -> Batch:
    game = covered.game
    return Batch(day.day, day.season_day, rows, written_at, day.day, game, game.id)


def _of_league(day: GameDay, rows: int, written_at: datetime) -> Batch:
    return Batch(day.day, day.season_day, rows, written_at, day.day)


def _players_with_features(covered: CoveredGame) -> int:
    return covered.players - 3


def _players_with_poor_features(covered: CoveredGame) -> int:
    return _players_with_features(covered) // 8


def _evening_before(day: GameDay, clock: time) -> datetime:
    return utc_from_eastern(day.day - timedelta(days=1), clock)


def _on_ramp(ramp: tuple[tuple[int, int], ...], season_day: int) -> int:
    return ramp[bisect_right(ramp, season_day, key=lambda step: step[0]) - 1][1]
