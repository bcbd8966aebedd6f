-- The distinct keys of another table's rows, and those of them that the stage's usable rows have too.
SELECT
  o.joined_on,
  COUNT(*) AS other_count,
  COUNT(s.joined_on) AS matched_count
FROM (
  SELECT DISTINCT CAST({other_date_column} AS DATE) AS joined_on, {other_keys}
  FROM {table}
  WHERE {other_date_column} BETWEEN @first AND @last
    AND ({condition})
    AND ({other_written} > @as_of) IS NOT TRUE
) AS o
LEFT JOIN (
  SELECT DISTINCT CAST({date_column} AS DATE) AS joined_on, {keys}
  FROM {stage_table}
  WHERE {date_column} BETWEEN @first AND @last
    AND ({usable})
    AND ({written} > @as_of) IS NOT TRUE
) AS s
  ON o.joined_on = s.joined_on AND {same_keys}
GROUP BY o.joined_on
