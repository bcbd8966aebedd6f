-- What a stage's table held at looks at a date, by group: its rows but those written later. Of looks between which no
-- row was written the first one stands for all.
WITH looks AS (SELECT r.look_number, r.look_day, r.look_at FROM UNNEST(@looks) AS r),
written AS (
  SELECT DISTINCT CAST({date_column} AS DATE) AS written_for, {written} AS written_at
  FROM {table}
  WHERE {date_column} BETWEEN @first AND @last
),
changed AS (
  SELECT MIN(l.look_number) AS look_number
  FROM written AS w
  INNER JOIN looks AS l ON w.written_for = l.look_day AND (w.written_at > l.look_at) IS NOT TRUE
  GROUP BY w.written_for, w.written_at
)
SELECT
  l.look_number,
  {group_name} AS group_name,
  {measures}
FROM {table} AS t
INNER JOIN looks AS l
  ON CAST({date_column} AS DATE) = l.look_day AND ({written} > l.look_at) IS NOT TRUE
WHERE {date_column} BETWEEN @first AND @last
  AND l.look_number IN (SELECT c.look_number FROM changed AS c)
GROUP BY {grouping}
