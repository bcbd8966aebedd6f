"""The real season 2024-25 by stage: the rows of each of seven tables."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Mapping
from datetime import date, datetime, timedelta

import duckdb

from nba_monitoring.core.game_ids import LeagueId
from nba_monitoring.core.games import COUNTED_SEASON_TYPES, Game
from nba_monitoring_tests.evidence import evidence_folder, season_as_written
from nba_monitoring_tests.morning import ESPN, NBAC
from nba_monitoring_tests.platform_tables import create_table, insert
from nba_monitoring_tests.stage_rows import TEAMS, create_stage_tables, table_of
from nba_monitoring_tests.stages import STAGES

# The evidence's column of each stage. Its last, of the graded predictions, is empty.
BY_GAME = {
    "player_context": "upcoming_player_game_context",
    "phase4": "player_composite_factors",
    "predictions": "predictions",
    "player_summary": "player_game_summary",
}
BY_DATE = {
    "daily_cache": "player_daily_cache",
    "shot_zones": "player_shot_zone_analysis",
    "team_defense": "team_defense_zone_analysis",
}

# The SQL of a row numbered `n` of a batch `b`; missing columns are NULL. Which prediction system wrote how
# many rows is not on record: they are all one's.
_BY_GAME_COLUMNS = {"player_lookup": "'player' || n", "game_id": "b.unit", "game_date": "b.day"}
_READY = {"is_production_ready": "TRUE"}
VALUES: Mapping[str, Mapping[str, str]] = {
    "player_context": _BY_GAME_COLUMNS | _READY,
    "phase4": _BY_GAME_COLUMNS | _READY | {"fatigue_score": "90"},
    "predictions": _BY_GAME_COLUMNS
    | {"system_id": "'ensemble_v1'", "model_version": "'1'", "is_active": "TRUE", "predicted_points": "14.5"},
    "player_summary": _BY_GAME_COLUMNS | {"points": "n"},
    "daily_cache": {"player_lookup": "'player' || n", "cache_date": "b.day"} | _READY,
    "shot_zones": {"player_lookup": "'player' || n", "analysis_date": "b.day"} | _READY,
    "team_defense": {
        "team_abbr": "$teams[n + 1]",
        "analysis_date": "b.day",
        "paint_defense_vs_league_avg": "(n * 7 + dayofyear(b.day) * 11) % 97",
    }
    | _READY,
}


def fill_stages_from_evidence(connection: duckdb.DuckDBPyConnection, late: timedelta = timedelta(0)) -> None:
    """Make and fill the schedule's tables and those of the seven stages as they stood after the season 2024-25.

    The counts of a date are spread evenly over its games. When rows were written is not on record: each came so
    long after its stage is due.
    """
    schedule = season_as_written()
    create_table(connection, NBAC)
    create_table(connection, ESPN)
    insert(connection, NBAC, schedule)
    games: defaultdict[date, list[str]] = defaultdict(list)
    tips: defaultdict[date, list[datetime]] = defaultdict(list)
    for row in schedule:
        league_id = LeagueId.from_text(row["game_id"])
        if league_id is not None and league_id.season_type in COUNTED_SEASON_TYPES:
            games[row["game_date"]].append(
                Game(row["game_date"], row["away_team_tricode"], row["home_team_tricode"]).id
            )
            tips[row["game_date"]].append(row["game_date_est"])
    with (evidence_folder() / "platform_rows_2024_25.csv").open(newline="") as file:
        counted = {date.fromisoformat(row["game_date"]): row for row in csv.DictReader(file)}
    assert {day: len(ids) for day, ids in games.items()} == {
        day: int(row["scheduled_games"]) for day, row in counted.items()
    }
    for stage, column in (BY_GAME | BY_DATE).items():
        batches: list[dict[str, object]] = []
        due = STAGES[stage].due
        for day, row in counted.items():
            units = games[day] if stage in BY_GAME else [""]
            share, more = divmod(int(row[column]), len(units))
            written = (due.on(day, min(tips[day])) + late).replace(tzinfo=None)
            batches += [
                {"day": day, "unit": unit, "rows": share + (n < more), "written": written}
                for n, unit in enumerate(units)
            ]
        _write(connection, stage, batches)


def _write(connection: duckdb.DuckDBPyConnection, stage: str, batches: list[dict[str, object]]) -> None:
    create_stage_tables(connection, stage)
    values = {**VALUES[stage], STAGES[stage].written[0]: "b.written"}
    connection.execute(
        f"INSERT INTO {table_of(stage)} ({', '.join(values)}) SELECT {', '.join(values.values())} "
        'FROM UNNEST(CAST($batches AS STRUCT(day DATE, unit VARCHAR, "rows" INT, written TIMESTAMP)[])) AS u(b), '
        "range(b.rows) AS r(n)",
        {"batches": batches} | ({"teams": list(TEAMS)} if stage == "team_defense" else {}),
    )
