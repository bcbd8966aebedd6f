"""Unusual rows that are right, and halts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime
from functools import partial

from nba_monitoring_tests.season_machine.answers import Planted
from nba_monitoring_tests.season_machine.batches import Batch
from nba_monitoring_tests.season_machine.clock import morning
from nba_monitoring_tests.season_machine.faults.arrivals import A_MINUTE, between, is_in_season
from nba_monitoring_tests.season_machine.platform import BOOTSTRAP_DAYS
from nba_monitoring_tests.season_machine.season import Season


def written_twice(season: Season, day: date) -> Planted | None:
    """A rerun left its rows beside the older ones."""
    stage = season.rng.choice(["player_context", "phase4", "feature_store", "predictions", "player_summary", "grading"])
    season.change(stage, day, lambda batch: [batch, batch])
    return Planted("written twice", day)


def the_leagues_ids(season: Season, day: date) -> Planted | None:
    """A stage names its games by the league's ten digits."""
    stage = season.rng.choice(["player_context", "phase4"])
    ids = {game.id: game.league_id for game in season.games(day)}
    season.change(stage, day, lambda batch: [_renamed(batch, ids)])
    return Planted("the league's ids", day)


def home_and_away_reversed(season: Season, day: date) -> Planted | None:
    """A stage names its games the other way round."""
    stage = season.rng.choice(["player_context", "phase4", "player_summary"])
    ids = {game.id: f"{day:%Y%m%d}_{game.home}_{game.away}" for game in season.games(day)}
    season.change(stage, day, lambda batch: [_renamed(batch, ids)])
    return Planted("home and away reversed", day)


def just_in_time(season: Season, day: date) -> Planted | None:
    """Everything comes in the last minutes before the due time or the first check."""
    hours = season.hours[day]
    for stage, due in hours.due.items():
        at = max(due, morning(day)) - A_MINUTE if stage != "grading" else due - A_MINUTE
        at = min(at, hours.due["predictions"] - A_MINUTE) if stage == "feature_store" else at
        season.change(stage, day, partial(_written_at, at))
    return Planted("just in time", day)


def _renamed(batch: Batch, ids: Mapping[str, str]) -> Batch:
    return replace(batch, game_id=ids.get(batch.game_id or "", batch.game_id))


def _written_at(at: datetime, batch: Batch) -> Iterable[Batch]:
    return [replace(batch, written=at)]


def halted(season: Season, day: date) -> Planted | None:
    """The platform stopped predicting on purpose, and recorded a halt."""
    if not is_in_season(season, day, BOOTSTRAP_DAYS):
        return None
    reason = season.rng.choice(["between_rounds", "edge_collapse", "fleet_blocked", "manual"])
    season.halts.append(_halt(season, day, reason))
    _unpredicted(season, day)
    return Planted("halted", day)


def halted_without_a_reason(season: Season, day: date) -> Planted | None:
    """There are no predictions, and the halt's reason is only that there are none."""
    if not is_in_season(season, day, BOOTSTRAP_DAYS):
        return None
    season.halts.append(_halt(season, day, "predictions_inactive"))
    _unpredicted(season, day)
    return Planted(
        "halted without a reason",
        day,
        "predictions",
        "MISSING_DATA",
        due=season.hours[day].due["predictions"],
        games=season.games(day),
        missing=[game.id for game in season.games(day)],
    )


def halted_late(season: Season, day: date) -> Planted | None:
    """The platform records its halt after the missing predictions were reported."""
    planted = halted_without_a_reason(season, day)
    if planted is None or planted.answer is None:
        return None
    answer = planted.answer
    at = between(season, answer.first.last + A_MINUTE, answer.deadline - 40 * A_MINUTE)
    season.halts[-1] |= {"halt_reason": "manual", "written_at": at}
    return replace(planted, kind="halted late", excused=at)


def _halt(season: Season, day: date, reason: str) -> dict[str, object]:
    return {
        "effective_date": day,
        "sport": "nba",
        "halt_active": True,
        "halt_reason": reason,
        "halt_since": day,
        "written_at": season.hours[day].came["daily_cache"],
    }


def _unpredicted(season: Season, day: date) -> None:
    for stage in ("predictions", "grading"):
        season.change(stage, day, lambda _: [])
