SELECT {grouping},
  {measures}
FROM {table}
WHERE {date_column} BETWEEN DATE '{first}' AND DATE '{last}'
GROUP BY {grouping}
ORDER BY {grouping}
