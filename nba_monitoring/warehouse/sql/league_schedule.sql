-- Rows were appended until 2026-01-11: per game and date, the newest row with the highest status counts. A team plays
-- once a day, so the home team identifies a game without any id.
SELECT
  CAST(s.game_date AS DATE) AS game_date,
  CAST(s.game_id AS STRING) AS game_id,
  s.game_code,
  CAST(s.game_date_est AS TIMESTAMP) AS game_date_est,
  CAST(s.game_status AS INT64) AS game_status,
  CAST(s.game_status_text AS STRING) AS game_status_text,
  CAST(s.away_team_tricode AS STRING) AS away_team_tricode,
  CAST(s.home_team_tricode AS STRING) AS home_team_tricode,
  s.away_team_score,
  s.home_team_score,
  s.is_regular_season,
  s.is_playoffs,
  s.is_all_star,
  CAST(s.processed_at AS TIMESTAMP) AS processed_at,
  MAX(CAST(s.processed_at AS TIMESTAMP)) OVER (
    PARTITION BY s.game_date, COALESCE(s.game_id, s.game_code, s.home_team_tricode)
  ) AS seen_at
FROM {table} AS s
WHERE s.game_date BETWEEN @first AND @last
QUALIFY ROW_NUMBER() OVER (
  PARTITION BY s.game_date, COALESCE(s.game_id, s.game_code, s.home_team_tricode)
  ORDER BY s.game_status DESC, s.processed_at DESC
) = 1
