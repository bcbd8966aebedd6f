-- The newest row of a state table for each snapshot's date, as of the snapshot.
SELECT
  l.snapshot_number,
  CAST({reason_column} AS STRING) AS reason,
  CAST({since_column} AS DATE) AS since,
  ({active}) IS TRUE AS is_active
FROM {table}
INNER JOIN (SELECT r.snapshot_number, r.snapshot_day, r.snapshot_at FROM UNNEST(@snapshots) AS r) AS l
  ON CAST({date_column} AS DATE) = l.snapshot_day AND (CAST({written_column} AS TIMESTAMP) > l.snapshot_at) IS NOT TRUE
WHERE {date_column} BETWEEN @first AND @last
  AND ({where})
QUALIFY ROW_NUMBER() OVER (PARTITION BY l.snapshot_number ORDER BY {written_column} DESC) = 1
