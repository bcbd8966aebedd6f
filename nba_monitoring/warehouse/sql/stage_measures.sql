-- A stage's rows by date and group. A row counts from its first write on; one without a write time always.
SELECT
  CAST({date_column} AS DATE) AS asked_day,
  {group_name} AS group_name,
  {measures}
FROM {table}
WHERE {date_column} BETWEEN @first AND @last
  AND ({first_written} > @as_of) IS NOT TRUE
GROUP BY {grouping}
