-- A stage's rows by date and group. A row without a write time is never hidden.
SELECT
  CAST({date_column} AS DATE) AS asked_day,
  {group_name} AS group_name,
  {measures}
FROM {table}
WHERE {date_column} BETWEEN @first AND @last
  AND ({written} > @as_of) IS NOT TRUE
GROUP BY {grouping}
