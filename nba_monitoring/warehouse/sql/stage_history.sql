SELECT {columns}
FROM {table}
WHERE check_date BETWEEN @first AND @last
  AND check_id IS NOT NULL
ORDER BY check_date, check_time, check_id, stage
