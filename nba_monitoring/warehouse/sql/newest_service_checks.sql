-- Two rows of a service at most: its newest check, and its newest that is not UNKNOWN.
SELECT {columns}
FROM {table} AS t
JOIN (
  SELECT service AS of_service, MAX(check_time) AS newest
  FROM {table}
  WHERE check_time BETWEEN @first AND @last
  GROUP BY service, status = 'UNKNOWN'
) AS n
ON t.service = n.of_service AND t.check_time = n.newest
WHERE t.check_time BETWEEN @first AND @last
ORDER BY check_time, service
