-- `detail` is JSON without spaces, and by far the longest column, so only the part that is needed is returned.
SELECT
  check_id, check_date, check_time, stage, status, expected, written_at,
  CASE
    WHEN detail LIKE '%"job":{{%' THEN detail -- the run of its job that a failing check saw
    WHEN detail LIKE '%"due":"morning_after"%' THEN '{{"due": "morning_after"}}'
  END AS detail
FROM {table}
WHERE check_date BETWEEN @first AND @last
  AND check_time < @as_of
  AND check_id IS NOT NULL
  AND (detail IS NULL OR detail NOT LIKE '%"is_clock_real":false%')
ORDER BY check_date, check_time, stage
