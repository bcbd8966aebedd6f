SELECT {columns}
FROM {table}
WHERE check_date BETWEEN @first AND @last
  AND check_id IS NOT NULL
  AND (check_time > @since) IS NOT FALSE
ORDER BY check_date, check_time, check_id
