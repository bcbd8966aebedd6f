SELECT i.*
FROM (
  SELECT {columns}
  FROM {table}
  WHERE {within} AND (environment = @environment OR environment IS NULL)
) AS i
WHERE i.ended_at IS NULL OR NOT {open_only}
ORDER BY i.check_date, i.found_at, i.incident_id
