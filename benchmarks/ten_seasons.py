"""Ten synthetic seasons in one DuckDB file: copies of the sample's, each a whole number of weeks before the next."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import duckdb

from nba_monitoring.sample import write_sample

SEASONS = 10
YEAR = timedelta(weeks=52)

# A season's dates, its instants, and the season's year in the league's ids all move together.
COPY_SCHEDULE = """
INSERT INTO nba_raw.nbac_schedule
SELECT * REPLACE (
    substr(game_id, 1, 3) || $year || substr(game_id, 6) AS game_id,
    strftime(game_date - $shift, '%Y%m%d') || substr(game_code, 9) AS game_code,
    CAST(game_date - $shift AS DATE) AS game_date,
    game_date_est - $shift AS game_date_est,
    processed_at - $shift AS processed_at,
    scrape_timestamp - $shift AS scrape_timestamp
)
FROM nba_raw.nbac_schedule
WHERE substr(game_id, 4, 2) = '25' AND game_date <= $last
"""
COPY_PHASE4 = """
INSERT INTO nba_precompute.player_composite_factors
SELECT * REPLACE (
    CASE WHEN game_id LIKE '%\\_%' ESCAPE '\\'
        THEN strftime(game_date - $shift, '%Y%m%d') || substr(game_id, 9) ELSE game_id END AS game_id,
    CAST(game_date - $shift AS DATE) AS game_date,
    processed_at - $shift AS processed_at
)
FROM nba_precompute.player_composite_factors
WHERE game_date BETWEEN '2025-08-01' AND $last
"""


def write_ten_seasons(path: Path) -> tuple[date, date]:
    """Write the file, and return the first and last listed game dates."""
    summary = write_sample(path)
    last = summary.last_date
    with duckdb.connect(path) as connection:
        for back in range(1, SEASONS):
            shift = back * YEAR
            connection.execute(COPY_SCHEDULE, {"shift": shift, "year": f"{25 - back:02}", "last": last})
            connection.execute(COPY_PHASE4, {"shift": shift, "last": last})
    return summary.first_date - (SEASONS - 1) * YEAR, last
