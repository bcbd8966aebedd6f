-- The distinct keys of games whose rows use several ids.
SELECT
  g.game_number,
  COUNT(DISTINCT p.stage_key) AS key_count,
  COUNT(DISTINCT CASE WHEN p.is_usable THEN p.stage_key END) AS usable_key_count
FROM (
  SELECT
    CAST({date_column} AS DATE) AS game_date,
    CAST({unit_column} AS STRING) AS game_id,
    {key} AS stage_key,
    {usable} AS is_usable
  FROM {table}
  WHERE {date_column} BETWEEN @first AND @last
    AND ({first_written} > @as_of) IS NOT TRUE
) AS p
INNER JOIN (SELECT r.game_date, r.game_id, r.game_number FROM UNNEST(@game_ids) AS r) AS g
  ON p.game_date = g.game_date AND p.game_id = g.game_id
GROUP BY g.game_number
