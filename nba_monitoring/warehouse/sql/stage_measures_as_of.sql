-- A stage's rows in snapshots of a date, by group: all but those first written later. Snapshots between which no row
-- was written or rewritten are the same, so only the first of them is measured.
WITH snapshots AS (SELECT r.snapshot_number, r.snapshot_day, r.snapshot_at FROM UNNEST(@snapshots) AS r),
written AS (
  SELECT DISTINCT CAST({date_column} AS DATE) AS written_for, {first_written} AS first_at, {written} AS last_at
  FROM {table}
  WHERE {date_column} BETWEEN @first AND @last
),
changed AS (
  SELECT MIN(l.snapshot_number) AS snapshot_number
  FROM written AS w
  INNER JOIN snapshots AS l ON w.written_for = l.snapshot_day AND (w.first_at > l.snapshot_at) IS NOT TRUE
  GROUP BY w.written_for, w.first_at, w.last_at, (w.last_at > l.snapshot_at) IS TRUE
)
SELECT
  l.snapshot_number,
  {group_name} AS group_name,
  {measures}
FROM {table} AS t
INNER JOIN snapshots AS l
  ON CAST({date_column} AS DATE) = l.snapshot_day AND ({first_written} > l.snapshot_at) IS NOT TRUE
WHERE {date_column} BETWEEN @first AND @last
  AND l.snapshot_number IN (SELECT c.snapshot_number FROM changed AS c)
GROUP BY {grouping}
