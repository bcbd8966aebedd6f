-- One statement, so all rows are written or none. An existing attempt adds no rows.
MERGE INTO {table} AS t
USING (SELECT {row_columns} FROM UNNEST(@rows) AS r) AS r
ON t.notification_id = r.notification_id AND t.sent_at = r.sent_at AND t.sent_at BETWEEN @first AND @last
  AND (t.environment = r.environment OR t.environment IS NULL)
WHEN NOT MATCHED THEN INSERT ({columns}) VALUES ({row_columns})
