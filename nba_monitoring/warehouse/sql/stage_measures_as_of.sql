-- A stage's rows in snapshots of a date, by group: all but those written later. Snapshots between which no row was
-- written are the same, so only the first of them is measured.
WITH snapshots AS (SELECT r.snapshot_number, r.snapshot_day, r.snapshot_at FROM UNNEST(@snapshots) AS r),
written AS (
  SELECT DISTINCT CAST({date_column} AS DATE) AS written_for, {written} AS written_at
  FROM {table}
  WHERE {date_column} BETWEEN @first AND @last
),
changed AS (
  SELECT MIN(l.snapshot_number) AS snapshot_number
  FROM written AS w
  INNER JOIN snapshots AS l ON w.written_for = l.snapshot_day AND (w.written_at > l.snapshot_at) IS NOT TRUE
  GROUP BY w.written_for, w.written_at
)
SELECT
  l.snapshot_number,
  {group_name} AS group_name,
  {measures}
FROM {table} AS t
INNER JOIN snapshots AS l
  ON CAST({date_column} AS DATE) = l.snapshot_day AND ({written} > l.snapshot_at) IS NOT TRUE
WHERE {date_column} BETWEEN @first AND @last
  AND l.snapshot_number IN (SELECT c.snapshot_number FROM changed AS c)
GROUP BY {grouping}
