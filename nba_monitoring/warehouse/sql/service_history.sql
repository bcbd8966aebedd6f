SELECT {columns}
FROM {table}
WHERE check_time BETWEEN @first AND @last
ORDER BY check_time, service
