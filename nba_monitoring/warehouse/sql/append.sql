INSERT INTO {table} ({columns})
SELECT {row_columns}
FROM UNNEST(@rows) AS r
