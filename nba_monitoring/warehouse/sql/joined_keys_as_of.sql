-- The distinct keys of another table's rows in each snapshot by game, and how many the stage's usable rows had.
SELECT
  o.snapshot_number,
  o.other_game,
  COUNT(*) AS other_count,
  COUNT(s.snapshot_number) AS matched_count
FROM (
  SELECT l.snapshot_number, {other_keys}, {other_game} AS other_game
  FROM {table}
  INNER JOIN (SELECT r.snapshot_number, r.snapshot_day, r.snapshot_at FROM UNNEST(@snapshots) AS r) AS l
    ON CAST({other_date_column} AS DATE) = l.snapshot_day AND ({other_written} > l.snapshot_at) IS NOT TRUE
  WHERE {other_date_column} BETWEEN @first AND @last AND ({condition})
  GROUP BY l.snapshot_number, {other_keys}
) AS o
LEFT JOIN (
  SELECT DISTINCT l.snapshot_number, {keys}
  FROM {stage_table}
  INNER JOIN (SELECT r.snapshot_number, r.snapshot_day, r.snapshot_at FROM UNNEST(@snapshots) AS r) AS l
    ON CAST({date_column} AS DATE) = l.snapshot_day AND ({first_written} > l.snapshot_at) IS NOT TRUE
  WHERE {date_column} BETWEEN @first AND @last AND ({usable})
) AS s
  ON o.snapshot_number = s.snapshot_number AND {same_keys}
GROUP BY o.snapshot_number, o.other_game
