-- The names of the members of a set, such as the enabled models.
SELECT DISTINCT CAST({column} AS STRING) AS member
FROM {table}
WHERE ({where}) AND {column} IS NOT NULL
