"""The platform's tables as the tests need them: made, and filled with rows that read like what they stand for.

Works on an open DuckDB connection, a BigQuery client, or one of the warehouse's engines. Types are spelled as both
dialects know them.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

from nba_monitoring.core.eastern import EASTERN
from nba_monitoring.core.teams import TRICODES
from nba_monitoring.sample.platform_tables import ALL_TABLES, PLATFORM_TABLES

Row = dict[str, Any]


def create_platform_tables(target: Any) -> None:
    """Make the three tables, empty."""
    for table in PLATFORM_TABLES:
        create_table(target, table)


def create_table(target: Any, table: str, **other_types: str | None) -> None:
    """Make one platform table, with other types for some columns, or without those that are None."""
    types = {**PLATFORM_TABLES[table], **other_types}
    columns = ", ".join(f"{name} {kind}" for name, kind in types.items() if kind)
    execute(target, f"CREATE SCHEMA IF NOT EXISTS {table.split('.', maxsplit=1)[0]}")
    execute(target, f"CREATE TABLE {table} ({columns})")


def execute(target: Any, sql: str) -> None:
    """Run one statement as it stands."""
    raw = _raw(target)
    if _is_duckdb(raw):
        raw.execute(sql)
    else:
        raw.query(sql).result()


def insert(target: Any, table: str, rows: Iterable[Row]) -> None:
    """Add rows to a platform table. Instants must be UTC-aware; columns missing from a row are NULL."""
    types = ALL_TABLES[table]
    raw, whole = _raw(target), [dict.fromkeys(types) | row for row in rows]
    if not whole:
        return
    if _is_duckdb(raw):
        struct = ", ".join(f"{name} {kind}" for name, kind in types.items())
        raw.execute(
            f"INSERT INTO {table} ({', '.join(types)}) "
            f"SELECT {', '.join(f'r.{name}' for name in types)} FROM UNNEST(CAST($rows AS STRUCT({struct})[])) AS r",
            {"rows": [{name: _naive_utc(value) for name, value in row.items()} for row in whole]},
        )
    else:
        errors = raw.insert_rows_json(
            f"{raw.project}.{table}", [{name: _json(value) for name, value in row.items()} for row in whole]
        )
        assert not errors, errors


def league_id(game_date: date, away: str, home: str, prefix: str = "002") -> str:
    """Ten digits of the league's kind, the same for the same game and different for every other one of the season."""
    season = game_date.year if game_date.month >= 8 else game_date.year - 1
    day = (game_date - date(season, 8, 1)).days
    team = sorted(TRICODES).index(away) if away in TRICODES else sum(map(ord, away + home)) % 30
    return f"{prefix}{season % 100:02}{day * 30 + team:05}"


def morning_of(game_date: date) -> datetime:
    """10:00 UTC, when the factories' rows were written: before any tip-off and before the check's hour."""
    return datetime.combine(game_date, time(10), UTC)


def nbac_row(
    game_date: date,
    away: str,
    home: str,
    *,
    game_id: str | None = None,
    status: int | None = 1,
    tip: time | None = time(19, 30),
    score: tuple[int | None, int | None] = (None, None),
    processed_at: datetime | None = None,
    false_z: bool = False,
    **others: Any,
) -> Row:
    """A row of the league's schedule as its writer fills it; `tip` on the Eastern clock (None: not set yet, which is
    written as midnight), `score` away first. With `false_z` as an old load has it: that clock under a false Z.
    """
    written = processed_at or morning_of(game_date)
    game_id = game_id or league_id(game_date, away, home)
    clock = datetime.combine(game_date, tip or time(), EASTERN)
    return {
        "game_id": game_id,
        "game_code": f"{game_date:%Y%m%d}/{away}{home}",
        "game_date": game_date,
        "game_date_est": clock.replace(tzinfo=UTC) if false_z else clock.astimezone(UTC),
        "game_status": status,
        "game_status_text": {1: "Scheduled", 2: "In Progress", 3: "Final"}.get(status or 0, "Unknown"),
        "home_team_tricode": home,
        "away_team_tricode": away,
        "home_team_score": score[1],
        "away_team_score": score[0],
        "is_regular_season": game_id.startswith("002"),
        "is_playoffs": game_id.startswith("004"),
        "is_all_star": game_id.startswith("003"),
        "processed_at": written,
        "scrape_timestamp": written,
        **others,
    }


def espn_row(
    game_date: date,
    away: str,
    home: str,
    *,
    status: str | None = "scheduled",
    tip_at: datetime | None = None,
    score: tuple[int | None, int | None] = (None, None),
    processed_at: datetime | None = None,
    **others: Any,
) -> Row:
    """A row of ESPN's scoreboard table; `tip_at` a UTC instant, `score` away first."""
    written = processed_at or morning_of(game_date)
    return {
        "game_id": f"{game_date:%Y%m%d}_{away}_{home}",
        "espn_game_id": f"4018{league_id(game_date, away, home)[-5:]}",
        "game_date": game_date,
        "season_year": game_date.year if game_date.month >= 8 else game_date.year - 1,
        "home_team_abbr": home,
        "away_team_abbr": away,
        "home_team_name": home,
        "away_team_name": away,
        "home_team_espn_abbr": home,
        "away_team_espn_abbr": away,
        "game_status": status,
        "espn_state": {"scheduled": "pre", "final": "post"}.get(status or ""),
        "is_completed": status == "final",
        "scheduled_start_time": tip_at,
        "home_team_score": score[1],
        "away_team_score": score[0],
        "scrape_timestamp": written,
        "processed_at": written,
        **others,
    }


def factor_rows(
    game_date: date,
    game_id: str | None,
    n: int,
    *,
    ready: bool | None = True,
    processed_at: datetime | None = None,
    first_player: int = 0,
    early_season: bool = False,
    has_values: bool = True,
) -> list[Row]:
    """`n` players' Phase 4 rows of one game, from the player numbered `first_player` on."""
    factors = ("fatigue_score", "shot_zone_mismatch_score", "pace_score", "usage_spike_score")
    return [
        {
            "player_lookup": f"player{number}",
            "game_id": game_id,
            "game_date": game_date,
            "is_production_ready": ready,
            "early_season_flag": early_season,
            "backfill_bootstrap_mode": False,
            "processed_at": processed_at or morning_of(game_date),
        }
        | (dict.fromkeys(factors, 1) if has_values else {})
        for number in range(first_player, first_player + n)
    ]


def _raw(target: Any) -> Any:
    return getattr(target, "connection", None) or getattr(target, "client", target)


def _is_duckdb(raw: Any) -> bool:
    return type(raw).__name__ == "DuckDBPyConnection"


def _naive_utc(value: Any) -> Any:
    # What DuckDB makes of an aware instant in a TIMESTAMP column depends on the session's time zone.
    return value.astimezone(UTC).replace(tzinfo=None) if isinstance(value, datetime) else value


def _json(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value
