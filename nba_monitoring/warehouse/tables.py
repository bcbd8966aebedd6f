"""The monitor's own tables, in the dataset `nba_monitoring`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

# On all of the monitor's tables and jobs, to find what its storage and queries cost.
LABELS = {"app": "nba_monitoring"}

OWN_DATASET = "Verdicts, incidents and alerts of nba_monitoring."


@dataclass(frozen=True)
class Table:
    """A table in BigQuery or DuckDB."""

    name: str  # with its dataset
    partition: str  # a DATE column, or an expression that BigQuery partitions by
    columns: Mapping[str, str]  # types by name, in BigQuery's spelling
    key: tuple[str, ...] = ()  # of a row that is appended only once; none if rows are replaced
    clustered_by: tuple[str, ...] = ()
    description: str = ""
    descriptions: Mapping[str, str] = field(default_factory=dict)  # of the columns

    @property
    def partitioned_by(self) -> str:
        """The column that partitions it: `sent_at` of `DATE(sent_at)`."""
        return self.partition.removeprefix("DATE(").removesuffix(")")


_OF_A_CHECK = {
    "check_date": "The game date, a US Eastern day.",
    "check_time": "When the date was checked.",
    "status": "The verdict, such as AVAILABLE or MISSING_DATA; see the README.",
    "severity": "WARN or ERROR if the check fails; NULL if it passes.",
    "check_id": "Date and run id; unique, so a retried run adds no rows.",
    "run_id": "The run that made the check.",
    "trigger": "What started the run: scheduled, recheck, backfill or manual.",
}
_OF_A_COVERAGE = {
    "game_date": "The game date, a US Eastern day.",
    "row_count": "Number of rows, usable or not.",
    "source_ids": "The game ids that the rows use.",
    "written_at": "When the stage last wrote rows for this date.",
    "updated_at": "When this row was written.",
}


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
    key=("check_id",),
    clustered_by=("status",),
    description="One row per check of a game date, with Phase 4's counts. Append-only.",
    descriptions={
        **_OF_A_CHECK,
        "scheduled_games": "Number of expected games.",
        "phase4_ready": "How many of them Phase 4 covers.",
        "missing_games": "Expected games without a usable row, as YYYYMMDD_AWAY_HOME.",
        "partial_games": "Expected games with too few usable rows.",
        "excluded_games": "Listed games that are not expected, such as postponed games.",
        "first_tip_at": "First tip-off of the expected games; NULL if unknown.",
        "detail": "Everything else, as JSON: games, stages, sources, exclusions, warnings.",
        "first_broken": "The first broken stage: the earliest failing stage whose upstream stages pass; "
        "`schedule` if the slate is unknown; NULL if none fails.",
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
    key=("check_id", "stage"),
    clustered_by=("stage", "status"),
    description="One row per check and stage. Append-only.",
    descriptions={
        **_OF_A_CHECK,
        "stage": "The stage's name.",
        "expected": "How many games, teams or keys are expected.",
        "ready": "How many of them are ready.",
        "missing": "Games (YYYYMMDD_AWAY_HOME), teams (tricode) or the whole date (_all) without a usable row.",
        "partial": "The same, with too few usable rows.",
        "due_at": "When the stage must be complete.",
        "written_at": "When the stage last wrote rows for this date.",
        "is_first_broken": "Whether it is the first broken stage of the check.",
        "detail": "Everything else, as JSON: reasons by unit, findings of the rules, halts.",
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
    clustered_by=("game_id",),
    description="One row per date and expected game, as of the last check. Replaced date by date.",
    descriptions={
        "game_date": "The game date, a US Eastern day.",
        "game_id": "YYYYMMDD_AWAY_HOME.",
        "away_team": "The away team's tricode.",
        "home_team": "The home team's tricode.",
        "tip_at": "The tip-off; NULL if not scheduled yet.",
        "witnesses": "The sources that list the game.",
        "updated_at": "When this row was written.",
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
    clustered_by=("game_id",),
    description="One row per date and game: Phase 4's rows, as of the last check. Replaced date by date.",
    descriptions={
        **_OF_A_COVERAGE,
        "game_id": "YYYYMMDD_AWAY_HOME.",
        "usable_row_count": "Distinct players with a usable row.",
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
    clustered_by=("stage",),
    description="One row per date, stage and unit: the rows of the other stages, as of the last check. "
    "Replaced date by date.",
    descriptions={
        **_OF_A_COVERAGE,
        "stage": "The stage's name.",
        "unit": "A game as YYYYMMDD_AWAY_HOME, a team's tricode, or _all.",
        "usable_key_count": "Distinct keys, such as players, with a usable row.",
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
    key=("check_date", "set_at"),
    description="One row per mute or unmute of a game date. Append-only; the newest row per date counts.",
    descriptions={
        "check_date": "The game date, a US Eastern day.",
        "set_at": "When the mute was set.",
        "until": "When alerts resume; NULL for the end of the date.",
        "reason": "Why; NULL ends the previous mute.",
        "muted_by": "Who set the mute.",
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
    clustered_by=("incident_id",),
    description="One row per incident, in its latest state.",
    descriptions={
        "incident_id": "The id in its alerts, such as nba-2026-01-18.",
        "check_date": "The game date, a US Eastern day.",
        "due": "before_tip, or morning_after for results.",
        "stage": "The first broken stage.",
        "status": "Its latest status.",
        "severity": "WARN or ERROR, in its latest state.",
        "found_at": "When the first failing check was made.",
        "told_at": "When the first alert about it was accepted.",
        "acknowledged_at": "When someone acknowledged it.",
        "acknowledged_by": "Who acknowledged it.",
        "ended_at": "When it ended; NULL while it is open.",
        "ended_as": "recovered, too_late, excused (no longer expected) or closed; NULL while it is open.",
        "first_tip_at": "First tip-off of the affected games, when the incident opened.",
        "covered_at": "When a check first found the data complete.",
        "detail": "Everything else, as JSON.",
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
    key=("notification_id", "sent_at"),
    clustered_by=("incident_id",),
    description="One row per attempt to deliver a message. Append-only.",
    descriptions={
        "notification_id": "Message and channel; the same for every attempt.",
        "incident_id": "The incident; NULL for a message about the monitor itself.",
        "sent_at": "When the attempt was made.",
        "way": "The channel: slack, webhook, log, or the scheme of an Apprise address.",
        "reason": "Why it was sent: first finding, changed, reminder, recovered, too late and others.",
        "accepted": "Whether the channel accepted it.",
        "receipt": "The channel's reference, such as the Slack thread.",
        "text": "The notification line.",
        "error": "Why it was not accepted.",
    },
)

MONITOR_TABLES = (
    CHECKS,
    STAGE_CHECKS,
    SCHEDULED_GAMES,
    PHASE4_COVERAGE,
    STAGE_COVERAGE,
    MUTES,
    INCIDENTS,
    NOTIFICATIONS,
)
