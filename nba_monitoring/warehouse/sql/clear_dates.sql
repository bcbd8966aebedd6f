-- What replacing comes to where there is nothing to put: an array without rows has no type.
DELETE FROM {table} WHERE game_date BETWEEN @first AND @last
