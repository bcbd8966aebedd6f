SELECT {columns}
FROM {table}
WHERE check_date BETWEEN @first AND @last
ORDER BY check_date, set_at
