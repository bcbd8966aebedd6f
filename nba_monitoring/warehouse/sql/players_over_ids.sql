-- The players of games whose rows stand under several ids, each player once. Rows are usable as in stage_rows.sql.
SELECT
  g.game_number,
  COUNT(DISTINCT p.player_lookup) AS player_count,
  COUNT(
    DISTINCT CASE WHEN p.{ready_column} IS NOT FALSE AND ({placeholder}) IS NOT TRUE THEN p.player_lookup END
  ) AS usable_player_count
FROM {table} AS p
INNER JOIN (SELECT r.game_date, r.game_id, r.game_number FROM UNNEST(@game_ids) AS r) AS g
  ON CAST(p.game_date AS DATE) = g.game_date AND CAST(p.game_id AS STRING) = g.game_id
WHERE p.game_date BETWEEN @first AND @last
  AND (CAST(p.processed_at AS TIMESTAMP) > @as_of) IS NOT TRUE
GROUP BY g.game_number
