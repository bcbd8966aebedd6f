"""Rows whose writing times are what is hard about them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

from nba_monitoring_tests.season_machine.answers import Planted
from nba_monitoring_tests.season_machine.calendar import Game
from nba_monitoring_tests.season_machine.clock import DAY, eastern, morning, next_check
from nba_monitoring_tests.season_machine.faults.arrivals import A_MINUTE, is_in_season
from nba_monitoring_tests.season_machine.platform import BOOTSTRAP_DAYS, REPLACED
from nba_monitoring_tests.season_machine.season import Season


def rewritten_daily(season: Season, day: date) -> Planted | None:
    """From some date on the feature store is rewritten each day at 1:04 PM; when its rows were first written stays."""
    for stage, written_on in list(season.batches):
        if stage == "feature_store" and written_on >= day:
            at = eastern(written_on, 13) + 4 * A_MINUTE
            season.change(stage, written_on, lambda batch, at=at: [replace(batch, updated=at)])  # type: ignore[misc]
    return Planted("rewritten daily", day)


def in_the_last_minutes(season: Season, day: date) -> Planted | None:
    """A game's Phase 4 rows come between the last check and the tip-off."""
    if not is_in_season(season, day, BOOTSTRAP_DAYS):
        return None
    game = season.rng.choice(list(season.games(day)))
    planted = _missing("in the last minutes", season, day, game)
    at = game.tip - season.rng.randint(1, 14) * A_MINUTE
    if at <= morning(day) + timedelta(minutes=30):
        return None
    season.hold_back("phase4", day, [game], at)
    return replace(planted, recovered=at)


def between_two_checks(season: Season, day: date) -> Planted | None:
    """The last game tips off ten minutes after a half hour, and its Phase 4 rows never come, or after it."""
    if not is_in_season(season, day, BOOTSTRAP_DAYS):
        return None
    game = max(season.games(day), key=lambda found: found.tip)
    moved = replace(game, tip=next_check(game.tip, morning(day)) + 10 * A_MINUTE)
    _set_tip(season, game, moved.tip, moved.tip)
    planted = _missing("between two checks", season, day, moved)
    at = season.rng.choice([None, moved.tip + season.rng.randint(5, 300) * A_MINUTE])
    season.hold_back("phase4", day, [game], at)
    return replace(planted, recovered=at)


def no_tip_off_time(season: Season, day: date) -> Planted | None:
    """A game without a tip-off time, from noon to the end of the date, whose Phase 4 rows never come."""
    if not is_in_season(season, day, BOOTSTRAP_DAYS):
        return None
    game = season.rng.choice(list(season.games(day)))
    _set_tip(season, game, eastern(day, 0), None)
    season.hold_back("phase4", day, [game], None)
    earliest, latest = (replace(game, tip=eastern(day, hour)) for hour in (12, 24))
    return replace(_missing("no tip-off time", season, day, game), games=[earliest, latest])


def _set_tip(season: Season, game: Game, league: datetime, espn: datetime | None) -> None:
    for rows, column, tip in (
        (season.schedule, "game_date_est", league),
        (season.scoreboard, "scheduled_start_time", espn),
    ):
        for row in rows:
            if row["game_date"] == game.day and row["game_id"] in (game.id, game.league_id):
                row[column] = tip


def _missing(kind: str, season: Season, day: date, game: Game) -> Planted:
    due = season.hours[day].due["phase4"]
    return Planted(kind, day, "phase4", "MISSING_DATA", due=due, games=[game], missing=[game.id])


def due_by_what_rests_on_it(season: Season, day: date) -> Planted | None:
    """The feature store lacks a game on a date whose predictions are due earlier, which makes it due with them."""
    hours = season.hours[day]
    if hours.due["predictions"] >= hours.due["feature_store"] or not is_in_season(season, day, BOOTSTRAP_DAYS):
        return None
    game = season.rng.choice(list(season.games(day)))
    stages = ["feature_store", "predictions", "grading"]
    for stage in stages if season.rng.random() < 0.5 else stages[:1]:
        season.hold_back(stage, day, [game], None)
    return Planted(
        "due by what rests on it",
        day,
        "feature_store",
        "MISSING_DATA",
        due=hours.due["predictions"],
        games=[game],
        missing=[game.id],
    )


def a_system_is_replaced(season: Season, day: date) -> Planted | None:
    """From some date on a system is retired and its successor writes in its place."""
    if not is_in_season(season, day - 14 * DAY, BOOTSTRAP_DAYS) or season.replaced_on:
        return None
    season.replaced_on, (retired, successor) = day, REPLACED
    for stage, written_on in list(season.batches):
        if stage in ("predictions", "grading") and written_on >= day:
            season.change(
                stage,
                written_on,
                lambda batch: [replace(batch, system=successor) if batch.system == retired else batch],
            )
    return Planted("a system is replaced", day)


def loaded_in_july(season: Season, day: date) -> Planted | None:
    """The season's whole schedule is loaded in July, and nothing of the one before."""
    opener = season.calendar.opener
    if season.begins < opener:
        return None
    season.begins = opener - timedelta(days=90)
    return Planted("loaded in July", opener - timedelta(days=60))
