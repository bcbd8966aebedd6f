-- One statement: whoever comes second adds no row. On BigQuery, where two such statements at once do not conflict, they
-- are one job, whose id is made from the row's key.
MERGE INTO {table} AS t
USING (SELECT {row_columns} FROM UNNEST(@rows) AS r) AS r
ON t.notification_id = r.notification_id AND t.sent_at BETWEEN @first AND @last
  AND (t.environment = r.environment OR t.environment IS NULL)
WHEN NOT MATCHED THEN INSERT ({columns}) VALUES ({row_columns})
