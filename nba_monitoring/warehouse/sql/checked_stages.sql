SELECT DISTINCT stage
FROM {table}
WHERE check_date BETWEEN @first AND @last
