-- Presence is not readiness: a row counts as usable unless its ready column says false. A row that does not say when
-- it was written is never hidden.
SELECT
  CAST(p.game_date AS DATE) AS game_date,
  CAST(p.game_id AS STRING) AS game_id,
  COUNT(*) AS row_count,
  SUM(CASE WHEN p.{ready_column} IS FALSE THEN 0 ELSE 1 END) AS usable_row_count,
  MAX(CAST(p.processed_at AS TIMESTAMP)) AS written_at
FROM {table} AS p
WHERE p.game_date BETWEEN @first AND @last
  AND (CAST(p.processed_at AS TIMESTAMP) > @as_of) IS NOT TRUE
GROUP BY p.game_date, p.game_id
