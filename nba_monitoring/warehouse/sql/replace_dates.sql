-- One statement, so the old rows of the dates go only if the new ones are written.
MERGE INTO {table} AS t
USING (SELECT {row_columns} FROM UNNEST(@rows) AS r) AS r
ON FALSE
WHEN NOT MATCHED BY SOURCE AND t.game_date BETWEEN @first AND @last THEN DELETE
WHEN NOT MATCHED THEN INSERT ({columns}) VALUES ({row_columns})
