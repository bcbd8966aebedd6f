"""The tables that the monitor writes, in the dataset `nba_monitoring`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

# On every table and every job of the monitor's: what its storage and queries cost is found by them.
LABELS = {"app": "nba_monitoring"}

OWN_DATASET = "What nba_monitoring found of the platform's tables and told about it."


@dataclass(frozen=True)
class Table:
    """A table of BigQuery's, or of the embedded file."""

    name: str  # with its dataset
    partition: str  # a DATE column, or an expression that BigQuery partitions by
    columns: Mapping[str, str]  # their types as BigQuery spells them
    # Names a row that is appended once, whoever writes it again; none where rows are replaced.
    key: tuple[str, ...] = ()
    clustered_by: tuple[str, ...] = ()  # of tables that the monitor makes
    description: str = ""
    descriptions: Mapping[str, str] = field(default_factory=dict)  # of the columns

    @property
    def partitioned_by(self) -> str:
        """The column that partitions it: `sent_at` of `DATE(sent_at)`."""
        return self.partition.removeprefix("DATE(").removesuffix(")")


_OF_A_CHECK = {
    "check_date": "The game date, a US Eastern day.",
    "check_time": "When the date was judged.",
    "status": "The verdict: AVAILABLE, MISSING_DATA and others, see docs/operator.md.",
    "severity": "WARN or ERROR of a verdict that fails; NULL of one that passes.",
    "check_id": "The date and the run: a retried run adds nothing.",
    "run_id": "The run that judged it.",
    "trigger": "What started the run: scheduled, recheck, backfill or manual.",
}
_OF_A_COVERAGE = {
    "game_date": "The game date, a US Eastern day.",
    "row_count": "Rows, usable or not.",
    "source_ids": "The game ids under which the rows stand.",
    "written_at": "When the stage last wrote rows of the date.",
    "updated_at": "When this was counted.",
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
    description="Every look at a game date and its verdict, Phase 4's counts in it. Append-only.",
    descriptions={
        **_OF_A_CHECK,
        "scheduled_games": "Games expected on the date.",
        "phase4_ready": "Of these, the games that Phase 4 covers.",
        "missing_games": "Expected games without a usable row, as YYYYMMDD_AWAY_HOME.",
        "partial_games": "Expected games with too few usable rows.",
        "excluded_games": "Listed games that are not expected, such as postponed ones.",
        "first_tip_at": "The first tip-off among the expected games; NULL where none is known.",
        "detail": "Everything else as JSON: games, stages, sources, exclusions, warnings.",
        "first_broken": "The earliest failing stage whose upstreams pass, or schedule; NULL where none fails.",
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
    description="Each stage's part of every look at a game date. Append-only.",
    descriptions={
        **_OF_A_CHECK,
        "stage": "The stage's name in the table of stages.",
        "expected": "What is expected: games, teams, or keys of the whole date.",
        "ready": "Of these, what is covered.",
        "missing": "Units without a usable row: games as YYYYMMDD_AWAY_HOME, teams by tricode, _all for a whole date.",
        "partial": "Units with too few usable rows.",
        "due_at": "From when on the stage's absence is wrong.",
        "written_at": "When the stage last wrote rows of the date.",
        "is_first_broken": "Whether it is the earliest failing stage whose upstreams pass.",
        "detail": "Everything else as JSON: reasons by unit, findings of the rules, halts.",
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
    description="The games expected on each date, as last judged. Replaced by date.",
    descriptions={
        "game_date": "The game date, a US Eastern day.",
        "game_id": "YYYYMMDD_AWAY_HOME.",
        "away_team": "The away team's tricode.",
        "home_team": "The home team's tricode.",
        "tip_at": "The tip-off; NULL where none is set.",
        "witnesses": "The sources that list the game.",
        "updated_at": "When this was judged.",
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
    description="What Phase 4 holds of each game, as last counted. Replaced by date.",
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
    description="What each other stage holds of each unit, as last counted. Replaced by date.",
    descriptions={
        **_OF_A_COVERAGE,
        "stage": "The stage's name in the table of stages.",
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
    description="Who asked for silence about which dates. Append-only: the newest word on a date counts.",
    descriptions={
        "check_date": "The game date, a US Eastern day.",
        "set_at": "When it was said.",
        "until": "When to speak again; NULL for as long as the date lasts.",
        "reason": "Why; NULL ends the mute before it.",
        "muted_by": "Who said it.",
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
    description="What was wrong with a date and how it ended. One row an incident, its newest state.",
    descriptions={
        "incident_id": "The alert's id, such as nba-2026-01-18.",
        "check_date": "The game date, a US Eastern day.",
        "due": "before_tip, or morning_after for what the games left behind.",
        "stage": "The first broken stage.",
        "status": "Its newest status.",
        "severity": "WARN or ERROR.",
        "found_at": "When it was first seen.",
        "told_at": "When a message about it was first accepted.",
        "acknowledged_at": "When someone took it.",
        "acknowledged_by": "Who took it.",
        "ended_at": "When it ended; NULL while it is open.",
        "ended_as": "recovered, too_late, excused or closed.",
        "first_tip_at": "The first tip-off of the date.",
        "covered_at": "When the data was there.",
        "detail": "Everything else as JSON.",
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
    description="Every attempt to deliver a message, and what became of it. Append-only.",
    descriptions={
        "notification_id": "The message.",
        "incident_id": "The incident it is about; NULL for a message about the monitor itself.",
        "sent_at": "When the attempt was made.",
        "way": "slack, webhook, log, or the second way's service.",
        "reason": "Why it was sent: opened, changed, reminder, ended and others.",
        "accepted": "Whether the service took it.",
        "receipt": "What the service gave in return, such as a message's id.",
        "text": "What was said.",
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
