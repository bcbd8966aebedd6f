SELECT {columns}
FROM {table}
WHERE {within} AND season = @season
ORDER BY made_at DESC
LIMIT 1
