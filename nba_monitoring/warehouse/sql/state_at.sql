-- What a state table had said of each look's date by then; the newest word counts.
SELECT
  l.look_number,
  CAST({reason_column} AS STRING) AS reason,
  CAST({since_column} AS DATE) AS since,
  ({active}) IS TRUE AS is_active
FROM {table}
INNER JOIN (SELECT r.look_number, r.look_day, r.look_at FROM UNNEST(@looks) AS r) AS l
  ON CAST({date_column} AS DATE) = l.look_day AND (CAST({written_column} AS TIMESTAMP) > l.look_at) IS NOT TRUE
WHERE {date_column} BETWEEN @first AND @last
  AND ({where})
QUALIFY ROW_NUMBER() OVER (PARTITION BY l.look_number ORDER BY {written_column} DESC) = 1
