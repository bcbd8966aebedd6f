SELECT {columns}
FROM {table}
WHERE {within} AND (environment = @environment OR environment IS NULL)
ORDER BY sent_at, notification_id
