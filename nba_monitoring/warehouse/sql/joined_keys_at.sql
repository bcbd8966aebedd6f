-- The distinct keys of another table's rows at each look at a date, and those of them that the stage's usable rows had.
SELECT
  o.look_number,
  COUNT(*) AS other_count,
  COUNT(s.look_number) AS matched_count
FROM (
  SELECT DISTINCT l.look_number, {other_keys}
  FROM {table}
  INNER JOIN (SELECT r.look_number, r.look_day, r.look_at FROM UNNEST(@looks) AS r) AS l
    ON CAST({other_date_column} AS DATE) = l.look_day AND ({other_written} > l.look_at) IS NOT TRUE
  WHERE {other_date_column} BETWEEN @first AND @last AND ({condition})
) AS o
LEFT JOIN (
  SELECT DISTINCT l.look_number, {keys}
  FROM {stage_table}
  INNER JOIN (SELECT r.look_number, r.look_day, r.look_at FROM UNNEST(@looks) AS r) AS l
    ON CAST({date_column} AS DATE) = l.look_day AND ({written} > l.look_at) IS NOT TRUE
  WHERE {date_column} BETWEEN @first AND @last AND ({usable})
) AS s
  ON o.look_number = s.look_number AND {same_keys}
GROUP BY o.look_number
