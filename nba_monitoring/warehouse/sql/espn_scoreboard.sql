-- The table should have one row per game; if a game was written again, the newest row counts.
SELECT
  CAST(s.game_date AS DATE) AS game_date,
  CAST(s.game_id AS STRING) AS game_id,
  CAST(s.away_team_abbr AS STRING) AS away_team_abbr,
  CAST(s.home_team_abbr AS STRING) AS home_team_abbr,
  LOWER(s.game_status) AS game_status,
  s.espn_state,
  s.is_completed,
  CAST(s.scheduled_start_time AS TIMESTAMP) AS scheduled_start_time,
  s.away_team_score,
  s.home_team_score,
  CAST(s.processed_at AS TIMESTAMP) AS seen_at
FROM {table} AS s
WHERE s.game_date BETWEEN @first AND @last
QUALIFY ROW_NUMBER() OVER (
  PARTITION BY s.game_date, COALESCE(s.game_id, s.home_team_abbr)
  ORDER BY s.processed_at DESC
) = 1
