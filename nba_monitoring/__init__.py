"""A morning check of the features for NBA games: scheduled games against the rows of each stage."""
