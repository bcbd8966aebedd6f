-- One row per game and date on which it was called off.
SELECT
  CAST(p.game_id AS STRING) AS game_id,
  CAST(p.original_date AS DATE) AS original_date,
  CAST(p.new_date AS DATE) AS new_date
FROM {table} AS p
WHERE p.original_date BETWEEN @first AND @last
