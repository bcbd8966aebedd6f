-- Replaces dates with no rows: an empty array has no type, so `replace_dates` can't.
DELETE FROM {table} WHERE game_date BETWEEN @first AND @last
