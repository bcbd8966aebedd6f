SELECT {columns}
FROM {table}
WHERE {within} AND (environment = @environment OR environment IS NULL)
ORDER BY check_date, set_at
