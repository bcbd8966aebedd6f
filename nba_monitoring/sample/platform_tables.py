"""The platform's tables as DuckDB has them: BigQuery's columns, in its order, with DuckDB's names for its types.

A TIMESTAMP is UTC, as BigQuery's is; the one exception is `game_date_est`, which holds the Eastern wall clock.
"""

CREATE_PLATFORM_TABLES = """
CREATE SCHEMA nba_raw;
CREATE SCHEMA nba_precompute;

CREATE TABLE nba_raw.espn_scoreboard (
    game_id VARCHAR,
    espn_game_id VARCHAR,
    game_date DATE,
    season_year BIGINT,
    home_team_abbr VARCHAR,
    away_team_abbr VARCHAR,
    home_team_name VARCHAR,
    away_team_name VARCHAR,
    home_team_espn_abbr VARCHAR,
    away_team_espn_abbr VARCHAR,
    game_status VARCHAR,
    espn_state VARCHAR,
    is_completed BOOLEAN,
    scheduled_start_time TIMESTAMP,
    home_team_score BIGINT,
    away_team_score BIGINT,
    scrape_timestamp TIMESTAMP,
    processed_at TIMESTAMP
);

CREATE TABLE nba_raw.nbac_schedule (
    game_id VARCHAR,
    game_code VARCHAR,
    game_date DATE,
    game_date_est TIMESTAMP,
    game_status BIGINT,
    game_status_text VARCHAR,
    home_team_tricode VARCHAR,
    away_team_tricode VARCHAR,
    home_team_score BIGINT,
    away_team_score BIGINT,
    is_regular_season BOOLEAN,
    is_playoffs BOOLEAN,
    is_all_star BOOLEAN,
    processed_at TIMESTAMP,
    scrape_timestamp TIMESTAMP
);

CREATE TABLE nba_precompute.player_composite_factors (
    player_lookup VARCHAR,
    game_id VARCHAR,
    game_date DATE,
    is_production_ready BOOLEAN,
    early_season_flag BOOLEAN,
    backfill_bootstrap_mode BOOLEAN,
    processed_at TIMESTAMP
);
"""
