UPDATE {table}
SET environment = @environment
WHERE {within} AND environment IS NULL
