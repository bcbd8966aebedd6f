-- One statement, so all rows are written or none. An existing check and service adds no rows.
MERGE INTO {table} AS t
USING (SELECT {row_columns} FROM UNNEST(@rows) AS r) AS r
ON t.check_id = r.check_id AND t.service = r.service AND t.check_time BETWEEN @first AND @last
WHEN NOT MATCHED THEN INSERT ({columns}) VALUES ({row_columns})
