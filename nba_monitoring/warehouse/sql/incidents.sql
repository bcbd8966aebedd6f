SELECT i.*
FROM (
  SELECT {columns}
  FROM {table}
  WHERE check_date BETWEEN @first AND @last
) AS i
WHERE i.ended_at IS NULL OR NOT {open_only}
ORDER BY i.check_date, i.found_at, i.incident_id
