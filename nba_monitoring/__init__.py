"""A morning check of the features for NBA games: scheduled games against what the pipeline holds."""
