SELECT {columns}
FROM {table}
WHERE sent_at >= @first AND sent_at < @end
ORDER BY sent_at, notification_id
