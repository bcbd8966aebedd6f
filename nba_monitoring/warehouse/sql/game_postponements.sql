-- One row a game and date that it was called off on.
SELECT
  CAST(p.game_id AS STRING) AS game_id,
  CAST(p.original_date AS DATE) AS original_date,
  CAST(p.new_date AS DATE) AS new_date
FROM {table} AS p
WHERE p.original_date BETWEEN @first AND @last
