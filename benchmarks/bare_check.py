"""The yardstick: Python and DuckDB alone, running the check's own queries and comparing two counts a date.

    python bare_check.py WAREHOUSE.duckdb FIRST_DATE LAST_DATE [reads]

It keeps its verdicts by the check's own statement, unless asked for the reads alone. It imports nothing of the project,
so that the project's imports are on the other side of the comparison.
"""

from __future__ import annotations

import sys
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

SQL = Path(__file__).parents[1] / "nba_monitoring" / "warehouse" / "sql"
AROUND = timedelta(days=300)  # the check looks that far around its dates
FAR_FUTURE = datetime(9999, 1, 1)  # noqa: DTZ001 a TIMESTAMP of DuckDB has no zone


PLACEHOLDER = (
    "p.early_season_flag IS TRUE AND p.fatigue_score IS NULL AND p.shot_zone_mismatch_score IS NULL "
    "AND p.pace_score IS NULL AND p.usage_spike_score IS NULL"
)
HISTORY = "nba_monitoring.data_availability_checks"
COLUMNS = {
    "check_date": "DATE",
    "check_time": "TIMESTAMP",
    "scheduled_games": "BIGINT",
    "phase4_ready": "BIGINT",
    "status": "VARCHAR",
    "check_id": "VARCHAR",
}


def main(database: str, first: date, last: date, keep: bool) -> None:
    around = {"first": first - AROUND, "last": last + AROUND}
    with duckdb.connect(database) as connection:

        def run(name: str, parameters: dict[str, Any], **names: str) -> list[tuple[date, ...]]:
            sql = (SQL / f"{name}.sql").read_text().format(**names).replace("@", "$")
            return connection.execute(sql, parameters).fetchall()

        listed = run("league_schedule", around, table="nba_raw.nbac_schedule")
        listed += run("espn_scoreboard", around, table="nba_raw.espn_scoreboard")
        held = run(
            "stage_rows",
            {"first": first, "last": last, "as_of": FAR_FUTURE},
            table="nba_precompute.player_composite_factors",
            ready_column="is_production_ready",
            placeholder=PLACEHOLDER,
        )
        scheduled, ready = Counter(row[0] for row in listed), Counter(row[0] for row in held)
        days = [first + timedelta(days=offset) for offset in range((last - first).days + 1)]
        if keep:
            columns = ", ".join(f"{name} {kind}" for name, kind in COLUMNS.items())
            connection.execute("CREATE SCHEMA IF NOT EXISTS nba_monitoring")
            connection.execute(f"CREATE TABLE IF NOT EXISTS {HISTORY} ({columns})")
            now = datetime.now(UTC)
            verdicts = [
                (day, now, scheduled[day], ready[day], "AVAILABLE" if ready[day] else "MISSING_DATA", f"{day}_bare")
                for day in days
            ]
            run(
                "append_new",
                {
                    "first": first,
                    "last": last,
                    "rows": [dict(zip(COLUMNS, verdict, strict=True)) for verdict in verdicts],
                },
                table=HISTORY,
                columns=", ".join(COLUMNS),
                row_columns=", ".join(f"r.{name}" for name in COLUMNS),
            )
    for day in days:
        print(day, scheduled[day], ready[day])


if __name__ == "__main__":
    main(sys.argv[1], date.fromisoformat(sys.argv[2]), date.fromisoformat(sys.argv[3]), keep=sys.argv[4:] != ["reads"])
