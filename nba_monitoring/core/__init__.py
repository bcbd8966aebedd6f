"""Pure rules: games and ids, seasons, slate, coverage, verdict. No Dagster, SQL, network or clock."""
