-- The newest row of a state table for each date.
SELECT
  CAST({date_column} AS DATE) AS asked_day,
  CAST({reason_column} AS STRING) AS reason,
  CAST({since_column} AS DATE) AS since,
  ({active}) IS TRUE AS is_active
FROM {table}
WHERE {date_column} BETWEEN @first AND @last
  AND ({where})
  AND (CAST({written_column} AS TIMESTAMP) > @as_of) IS NOT TRUE
QUALIFY ROW_NUMBER() OVER (PARTITION BY {date_column} ORDER BY {written_column} DESC) = 1
