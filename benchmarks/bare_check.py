"""The yardstick: Python and DuckDB alone, running the check's own queries and comparing two counts a date.

    python bare_check.py WAREHOUSE.duckdb FIRST_DATE LAST_DATE

It imports nothing of the project, so that the project's imports are on the other side of the comparison.
"""

from __future__ import annotations

import sys
from collections import Counter
from datetime import date, datetime, timedelta
from pathlib import Path

import duckdb

SQL = Path(__file__).parents[1] / "nba_monitoring" / "warehouse" / "sql"
AROUND = timedelta(days=300)  # the check looks that far around its dates
FAR_FUTURE = datetime(9999, 1, 1)  # noqa: DTZ001 a TIMESTAMP of DuckDB has no zone


def main(database: str, first: date, last: date) -> None:
    around = {"first": first - AROUND, "last": last + AROUND}
    with duckdb.connect(database) as connection:

        def run(name: str, parameters: dict[str, date], **names: str) -> list[tuple[date, ...]]:
            sql = (SQL / f"{name}.sql").read_text().format(**names).replace("@", "$")
            return connection.execute(sql, parameters).fetchall()

        listed = run("league_schedule", around, table="nba_raw.nbac_schedule")
        listed += run("espn_scoreboard", around, table="nba_raw.espn_scoreboard")
        held = run(
            "phase_rows",
            {"first": first, "last": last, "as_of": FAR_FUTURE},
            table="nba_precompute.player_composite_factors",
            ready_column="is_production_ready",
        )
    scheduled, ready = Counter(row[0] for row in listed), Counter(row[0] for row in held)
    for offset in range((last - first).days + 1):
        day = first + timedelta(days=offset)
        print(day, scheduled[day], ready[day])


if __name__ == "__main__":
    main(sys.argv[1], date.fromisoformat(sys.argv[2]), date.fromisoformat(sys.argv[3]))
