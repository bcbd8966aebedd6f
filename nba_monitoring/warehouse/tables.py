"""The tables that the monitor writes, in the dataset `nba_monitoring`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Table:
    """A table: its dataset and name, its columns' types as BigQuery spells them, and what partitions it: a DATE."""

    name: str
    partition: str  # a column, or an expression that BigQuery partitions by
    columns: Mapping[str, str]


CHECKS = Table(
    name="nba_monitoring.data_availability_checks",
    partition="check_date",
    columns={
        "check_date": "DATE",
        "check_time": "TIMESTAMP",
        "scheduled_games": "INT64",
        "phase4_ready": "INT64",
        "status": "STRING",
        "severity": "STRING",
        "check_id": "STRING",
        "run_id": "STRING",
        "trigger": "STRING",
        "missing_games": "ARRAY<STRING>",
        "partial_games": "ARRAY<STRING>",
        "excluded_games": "ARRAY<STRING>",
        "first_tip_at": "TIMESTAMP",
        "detail": "STRING",
        "first_broken": "STRING",
    },
)

STAGE_CHECKS = Table(
    name="nba_monitoring.stage_checks",
    partition="check_date",
    columns={
        "check_date": "DATE",
        "check_time": "TIMESTAMP",
        "stage": "STRING",
        "status": "STRING",
        "severity": "STRING",
        "check_id": "STRING",
        "run_id": "STRING",
        "trigger": "STRING",
        "expected": "INT64",
        "ready": "INT64",
        "missing": "ARRAY<STRING>",
        "partial": "ARRAY<STRING>",
        "due_at": "TIMESTAMP",
        "written_at": "TIMESTAMP",
        "is_first_broken": "BOOL",
        "detail": "STRING",
    },
)

SCHEDULED_GAMES = Table(
    name="nba_monitoring.scheduled_games",
    partition="game_date",
    columns={
        "game_date": "DATE",
        "game_id": "STRING",
        "away_team": "STRING",
        "home_team": "STRING",
        "tip_at": "TIMESTAMP",
        "witnesses": "ARRAY<STRING>",
        "updated_at": "TIMESTAMP",
    },
)

PHASE4_COVERAGE = Table(
    name="nba_monitoring.phase4_coverage",
    partition="game_date",
    columns={
        "game_date": "DATE",
        "game_id": "STRING",
        "row_count": "INT64",  # `rows` is a reserved word in BigQuery
        "usable_row_count": "INT64",
        "source_ids": "ARRAY<STRING>",
        "written_at": "TIMESTAMP",
        "updated_at": "TIMESTAMP",
    },
)

STAGE_COVERAGE = Table(
    name="nba_monitoring.stage_coverage",
    partition="game_date",
    columns={
        "game_date": "DATE",
        "stage": "STRING",
        "unit": "STRING",  # a game's id, a team's tricode, or _all
        "row_count": "INT64",
        "usable_key_count": "INT64",
        "source_ids": "ARRAY<STRING>",
        "written_at": "TIMESTAMP",
        "updated_at": "TIMESTAMP",
    },
)

MUTES = Table(
    name="nba_monitoring.mutes",
    partition="check_date",
    columns={
        "check_date": "DATE",
        "set_at": "TIMESTAMP",
        "until": "TIMESTAMP",
        "reason": "STRING",
        "muted_by": "STRING",  # `by` is a reserved word in BigQuery
    },
)

INCIDENTS = Table(
    name="nba_monitoring.incidents",
    partition="check_date",
    columns={
        "incident_id": "STRING",
        "check_date": "DATE",
        "due": "STRING",
        "stage": "STRING",
        "status": "STRING",
        "severity": "STRING",
        "found_at": "TIMESTAMP",
        "told_at": "TIMESTAMP",
        "acknowledged_at": "TIMESTAMP",
        "acknowledged_by": "STRING",
        "ended_at": "TIMESTAMP",
        "ended_as": "STRING",
        "first_tip_at": "TIMESTAMP",
        "covered_at": "TIMESTAMP",
        "detail": "STRING",
    },
)

NOTIFICATIONS = Table(
    name="nba_monitoring.notifications",
    partition="DATE(sent_at)",
    columns={
        "notification_id": "STRING",
        "incident_id": "STRING",
        "sent_at": "TIMESTAMP",
        "way": "STRING",
        "reason": "STRING",
        "accepted": "BOOL",
        "receipt": "STRING",
        "text": "STRING",
        "error": "STRING",
    },
)
