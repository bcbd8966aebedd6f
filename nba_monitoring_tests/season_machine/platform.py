"""What the platform writes of a date on which nothing is wrong: the rows of ten stages, and when they come."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random

from nba_monitoring_tests.season_machine.batches import Batch
from nba_monitoring_tests.season_machine.calendar import TRICODES, Calendar, Game
from nba_monitoring_tests.season_machine.clock import eastern

BEFORE_TIP = (
    "player_context",
    "team_context",
    "team_defense",
    "shot_zones",
    "daily_cache",
    "phase4",
    "feature_store",
    "predictions",
)
RESULTS = ("player_summary", "grading")
STAGES = (*BEFORE_TIP, *RESULTS)
BY_GAME = frozenset({"player_context", "team_context", "phase4", "feature_store", "predictions", "player_summary"})

UPSTREAM: Mapping[str, tuple[str, ...]] = {
    "daily_cache": ("shot_zones", "player_context"),
    "phase4": ("player_context", "team_context", "team_defense", "shot_zones"),
    "feature_store": ("phase4", "daily_cache"),
    "predictions": ("feature_store",),
    "grading": ("predictions", "player_summary"),
}

# The fewest players that are right: of a game, of a date a game, of a date.
LEAST_OF_A_GAME = {
    "player_context": 12,
    "team_context": 2,
    "phase4": 12,
    "feature_store": 8,
    "predictions": 8,
    "player_summary": 16,
}
CACHE_A_GAME = 8
BOOTSTRAP_DAYS = 14
EARLY_EMPTY = frozenset({"team_defense", "shot_zones", "daily_cache", "phase4", "predictions", "grading"})
# Days after the opener, and the least from then on.
DEFENSE_RAMP = ((26, 1), (30, 20), (36, 30))
ZONES_RAMP = ((18, 50), (21, 170), (30, 280), (33, 300))

# Two with a model version, and one without it by design.
SYSTEMS = ("catboost_v8", "ensemble_v1", "xgb_v1")
# The one that is retired, and its successor.
REPLACED = ("xgb_v1", "xgb_v2")


def ramp(steps: Sequence[tuple[int, int]], season_day: int) -> int:
    """The least of a day of the season."""
    return max((least for day, least in steps if season_day >= day), default=0)


def downstream(stage: str) -> tuple[str, ...]:
    """The stages before tip-off that rest on a stage, directly or by way of others, in order."""
    found = {stage}
    for name in BEFORE_TIP:
        if found & set(UPSTREAM.get(name, ())):
            found.add(name)
    return tuple(name for name in BEFORE_TIP if name in found and name != stage)


@dataclass(frozen=True)
class Hours:
    """When a date's stages are due by the stage table, and when their rows came where nothing was wrong (UTC)."""

    due: Mapping[str, datetime]
    came: Mapping[str, datetime]


def hours(day: date, games: Sequence[Game], rng: Random) -> Hours:
    """Each stage after what it rests on, and in time for what rests on it."""
    first_tip = min(game.tip for game in games)
    due = {
        "player_context": eastern(day, 10.75),
        "team_context": eastern(day, 10.75),
        "team_defense": eastern(day, 7),
        "shot_zones": eastern(day, 7),
        "daily_cache": eastern(day, 7),
        "phase4": eastern(day, 7),
        "feature_store": eastern(day, 11.5),
        "predictions": min(eastern(day, 14), first_tip - timedelta(hours=2)),
        "player_summary": eastern(day, 24 + 7),
        "grading": eastern(day, 24 + 10),
    }
    # The first pass of the evening before, and the one of the night; the last two stages come during the morning.
    came = {
        stage: eastern(day, -6) + timedelta(minutes=40 * nth + rng.randint(0, 30))
        for nth, stage in enumerate(("player_context", "team_context"))
    }
    came |= {
        stage: eastern(day, 3) + timedelta(minutes=40 * nth + rng.randint(0, 30))
        for nth, stage in enumerate(("team_defense", "shot_zones", "daily_cache", "phase4"))
    }
    latest = min(due["predictions"], due["feature_store"])
    came["feature_store"] = latest - timedelta(minutes=rng.randint(10, 150))
    came["predictions"] = came["feature_store"] + (due["predictions"] - came["feature_store"]) * rng.random()
    came["player_summary"] = eastern(day, 24 + 6) + timedelta(minutes=rng.randint(0, 55))
    came["grading"] = eastern(day, 24 + 7.5) + timedelta(minutes=rng.randint(0, 140))
    return Hours(due, came)


def written(stage: str, games: Sequence[Game], calendar: Calendar, at: datetime, rng: Random) -> list[Batch]:
    """A stage's rows for a date's games, all written at an instant (UTC)."""
    day = games[0].day
    season_day = calendar.season_day(day)
    if season_day < BOOTSTRAP_DAYS and stage in EARLY_EMPTY:
        return []
    if stage == "team_defense":
        count = ramp(DEFENSE_RAMP, season_day)
        return [Batch(day, at, teams=TRICODES[:count], content=day.toordinal())] if count else []
    if stage == "shot_zones":
        count = ramp(ZONES_RAMP, season_day)
        return [Batch(day, at, count=count + rng.randint(0, 40))] if count else []
    return [batch for game in games for batch in of_game(stage, game, at, season_day, rng)]


def of_game(
    stage: str, game: Game, at: datetime, season_day: int, rng: Random, systems: Sequence[str] = SYSTEMS
) -> list[Batch]:
    """The rows of one game."""
    names = f"{game.away.lower()}{game.home.lower()}"
    if stage == "team_context":
        return [Batch(game.day, at, rng.choice([game.id, game.league_id, game.league_id]), teams=game.teams)]
    if stage in ("predictions", "grading"):
        return [
            Batch(
                game.day,
                at,
                game.id,
                names,
                count=LEAST_OF_A_GAME["predictions"] + 2,
                system=system,
                version=None if system.startswith("xgb") else f"{system}_20251201",
            )
            for system in systems
        ]
    least = CACHE_A_GAME if stage == "daily_cache" else LEAST_OF_A_GAME[stage]
    is_early = stage == "feature_store" and season_day < BOOTSTRAP_DAYS
    return [
        Batch(
            game.day,
            at,
            game.id,
            names,
            count=least + rng.randint(0, 4),
            usable=not is_early,
            is_placeholder=is_early,
        )
    ]
