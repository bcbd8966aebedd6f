-- The distinct keys of another table's rows by game, and how many of them the stage's usable rows also have.
SELECT
  o.asked_day,
  o.other_game,
  COUNT(*) AS other_count,
  COUNT(s.asked_day) AS matched_count
FROM (
  SELECT CAST({other_date_column} AS DATE) AS asked_day, {other_keys}, {other_game} AS other_game
  FROM {table}
  WHERE {other_date_column} BETWEEN @first AND @last
    AND ({condition})
    AND ({other_written} > @as_of) IS NOT TRUE
  GROUP BY asked_day, {other_keys}
) AS o
LEFT JOIN (
  SELECT DISTINCT CAST({date_column} AS DATE) AS asked_day, {keys}
  FROM {stage_table}
  WHERE {date_column} BETWEEN @first AND @last
    AND ({usable})
    AND ({first_written} > @as_of) IS NOT TRUE
) AS s
  ON o.asked_day = s.asked_day AND {same_keys}
GROUP BY o.asked_day, o.other_game
