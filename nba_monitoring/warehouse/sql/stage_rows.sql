-- Presence is not readiness: a row counts as usable unless its ready column says false, or it is a placeholder. What
-- counts are players: a table that was appended to holds one of them twice. A row that does not say when it was written
-- is never hidden.
SELECT
  CAST(p.game_date AS DATE) AS game_date,
  CAST(p.game_id AS STRING) AS game_id,
  COUNT(*) AS row_count,
  COUNT(DISTINCT p.player_lookup) AS player_count,
  COUNT(
    DISTINCT CASE WHEN p.{ready_column} IS NOT FALSE AND ({placeholder}) IS NOT TRUE THEN p.player_lookup END
  ) AS usable_player_count,
  SUM(CASE WHEN {placeholder} THEN 1 ELSE 0 END) AS placeholder_count,
  MAX(CAST(p.processed_at AS TIMESTAMP)) AS written_at
FROM {table} AS p
WHERE p.game_date BETWEEN @first AND @last
  AND (CAST(p.processed_at AS TIMESTAMP) > @as_of) IS NOT TRUE
GROUP BY p.game_date, p.game_id
