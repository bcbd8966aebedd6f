"""The floor: what a script of ten lines does instead of a check, with one statement and a four-column row per date.

python floor_script.py WAREHOUSE.duckdb FIRST_DATE LAST_DATE
"""

from __future__ import annotations

import sys

import duckdb

SQL = """
INSERT INTO nba_monitoring.floor
WITH scheduled AS (
  SELECT game_date, count(DISTINCT game_id) AS games FROM nba_raw.nbac_schedule
  WHERE game_date BETWEEN $first AND $last GROUP BY game_date
), ready AS (
  SELECT game_date, count(DISTINCT game_id) AS games FROM nba_precompute.player_composite_factors
  WHERE game_date BETWEEN $first AND $last GROUP BY game_date
)
SELECT CAST(d AS DATE), coalesce(s.games, 0), coalesce(r.games, 0),
  CASE WHEN s.games IS NULL THEN 'NO_GAMES' WHEN r.games >= s.games THEN 'AVAILABLE' ELSE 'MISSING_DATA' END
FROM range(CAST($first AS DATE), CAST($last AS DATE) + INTERVAL 1 DAY, INTERVAL 1 DAY) AS dates(d)
LEFT JOIN scheduled AS s ON s.game_date = CAST(d AS DATE)
LEFT JOIN ready AS r ON r.game_date = CAST(d AS DATE)
"""


def main(database: str, first: str, last: str) -> None:
    with duckdb.connect(database) as connection:
        connection.execute("CREATE SCHEMA IF NOT EXISTS nba_monitoring")
        columns = "day DATE, scheduled INTEGER, ready INTEGER, status VARCHAR"
        connection.execute(f"CREATE TABLE IF NOT EXISTS nba_monitoring.floor ({columns})")
        connection.execute(SQL, {"first": first, "last": last})
        for row in connection.execute("SELECT * FROM nba_monitoring.floor ORDER BY day").fetchall():
            print(*row)


if __name__ == "__main__":
    main(*sys.argv[1:4])
