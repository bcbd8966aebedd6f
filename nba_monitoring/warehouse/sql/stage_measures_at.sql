-- What a stage's table held at each look at a date, by group: its rows but those written later.
SELECT
  l.look_number,
  {group_name} AS group_name,
  {measures}
FROM {table} AS t
INNER JOIN (SELECT r.look_number, r.look_day, r.look_at FROM UNNEST(@looks) AS r) AS l
  ON CAST({date_column} AS DATE) = l.look_day AND ({written} > l.look_at) IS NOT TRUE
WHERE {date_column} BETWEEN @first AND @last
GROUP BY {grouping}
