"""The monitor's own tables, in the dataset `nba_monitoring`."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass, field, replace

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

    @property
    def within(self) -> str:
        """The condition that bounds a read to the partitions between two parameters."""
        return f"{self.partitioned_by} BETWEEN @first AND @last"

    def selected(self, existing: Set[str]) -> str:
        """Its columns for a SELECT, NULL for those that an older table lacks."""
        return ", ".join(name if name in existing else f"NULL AS {name}" for name in self.columns)


Columns = Mapping[str, tuple[str, str]]  # type and description by name


def _own(
    name: str,
    partition: str,
    description: str,
    columns: Columns,
    key: tuple[str, ...] = (),
    clustered_by: tuple[str, ...] = (),
) -> Table:
    types = {column: kind for column, (kind, _) in columns.items()}
    descriptions = {column: text for column, (_, text) in columns.items()}
    return Table(f"nba_monitoring.{name}", partition, types, key, clustered_by, description, descriptions)


# Columns that several tables have.
_CHECK_TIME = ("TIMESTAMP", "When the date was checked.")
_STATUS = ("STRING", "The verdict, such as AVAILABLE or MISSING_DATA; see the README.")
_SEVERITY = ("STRING", "WARN or ERROR if the check fails; NULL if it passes.")
_CHECK_ID = ("STRING", "Date and run id; unique, so a retried run adds no rows.")
_RUN_ID = ("STRING", "The run that made the check.")
_TRIGGER = ("STRING", "What started the run: scheduled, recheck, backfill or manual.")
_STAGE = ("STRING", "The stage's name.")
_WRITTEN_AT = ("TIMESTAMP", "When the stage last wrote rows for this date.")
_GAME_DATE = ("DATE", "The game date, a US Eastern day.")
_GAME_ID = ("STRING", "YYYYMMDD_AWAY_HOME.")
_UPDATED_AT = ("TIMESTAMP", "When this row was written.")
_ROW_COUNT = ("INT64", "Number of rows, usable or not.")
_ENVIRONMENT = (
    "STRING",
    "The environment that the row belongs to; empty for the unnamed one. NULL in rows of earlier releases, until a "
    "monitor reads them.",
)
_SOURCE_IDS = ("ARRAY<STRING>", "The game ids that the rows use.")

CHECKS = _own(
    "data_availability_checks",
    "check_date",
    "One row per check of a game date, with Phase 4's counts. Append-only.",
    {
        "check_date": _GAME_DATE,
        "check_time": _CHECK_TIME,
        "scheduled_games": ("INT64", "Number of expected games."),
        "phase4_ready": ("INT64", "How many of them Phase 4 covers."),
        "status": _STATUS,
        "severity": _SEVERITY,
        "check_id": _CHECK_ID,
        "run_id": _RUN_ID,
        "trigger": _TRIGGER,
        "missing_games": ("ARRAY<STRING>", "Expected games without a usable row, as YYYYMMDD_AWAY_HOME."),
        "partial_games": ("ARRAY<STRING>", "Expected games with too few usable rows."),
        "excluded_games": ("ARRAY<STRING>", "Listed games that are not expected, such as postponed games."),
        "first_tip_at": ("TIMESTAMP", "First tip-off of the expected games; NULL if unknown."),
        "detail": ("STRING", "Everything else, as JSON: games, stages, sources, exclusions, warnings."),
        "first_broken": (
            "STRING",
            "The first broken stage: the earliest failing stage whose upstream stages pass; "
            "`schedule` if the slate is unknown; NULL if none fails.",
        ),
    },
    key=("check_id",),
    clustered_by=("status",),
)

STAGE_CHECKS = _own(
    "stage_checks",
    "check_date",
    "One row per check and stage. Append-only.",
    {
        "check_date": _GAME_DATE,
        "check_time": _CHECK_TIME,
        "stage": _STAGE,
        "status": _STATUS,
        "severity": _SEVERITY,
        "check_id": _CHECK_ID,
        "run_id": _RUN_ID,
        "trigger": _TRIGGER,
        "expected": ("INT64", "How many games, teams or keys are expected."),
        "ready": ("INT64", "How many of them are ready."),
        "missing": (
            "ARRAY<STRING>",
            "Games (YYYYMMDD_AWAY_HOME), teams (tricode) or the whole date (_all) without a usable row.",
        ),
        "partial": ("ARRAY<STRING>", "The same, with too few usable rows."),
        "due_at": ("TIMESTAMP", "When the stage must be complete."),
        "written_at": _WRITTEN_AT,
        "is_first_broken": ("BOOL", "Whether it is the first broken stage of the check."),
        "detail": ("STRING", "Everything else, as JSON: reasons by unit, findings of the rules, halts."),
    },
    key=("check_id", "stage"),
    clustered_by=("stage", "status"),
)

SCHEDULED_GAMES = _own(
    "scheduled_games",
    "game_date",
    "One row per date and expected game, as of the last check. Replaced date by date.",
    {
        "game_date": _GAME_DATE,
        "game_id": _GAME_ID,
        "away_team": ("STRING", "The away team's tricode."),
        "home_team": ("STRING", "The home team's tricode."),
        "tip_at": ("TIMESTAMP", "The tip-off; NULL if not scheduled yet."),
        "witnesses": ("ARRAY<STRING>", "The sources that list the game."),
        "updated_at": _UPDATED_AT,
    },
    clustered_by=("game_id",),
)

PHASE4_COVERAGE = _own(
    "phase4_coverage",
    "game_date",
    "One row per date and game: Phase 4's rows, as of the last check. Replaced date by date.",
    {
        "game_date": _GAME_DATE,
        "game_id": _GAME_ID,
        "row_count": _ROW_COUNT,  # `rows` is a reserved word in BigQuery
        "usable_row_count": ("INT64", "Distinct players with a usable row."),
        "source_ids": _SOURCE_IDS,
        "written_at": _WRITTEN_AT,
        "updated_at": _UPDATED_AT,
    },
    clustered_by=("game_id",),
)

STAGE_COVERAGE = _own(
    "stage_coverage",
    "game_date",
    "One row per date, stage and unit: the rows of the other stages, as of the last check. Replaced date by date.",
    {
        "game_date": _GAME_DATE,
        "stage": _STAGE,
        "unit": (
            "STRING",
            "A game as YYYYMMDD_AWAY_HOME, a team's tricode, or _all.",
        ),  # a game's id, a team's tricode, or _all
        "row_count": _ROW_COUNT,  # `rows` is a reserved word in BigQuery
        "usable_key_count": ("INT64", "Distinct keys, such as players, with a usable row."),
        "source_ids": _SOURCE_IDS,
        "written_at": _WRITTEN_AT,
        "updated_at": _UPDATED_AT,
    },
    clustered_by=("stage",),
)

SERVICE_CHECKS = _own(
    "service_checks",
    "DATE(check_time)",
    "One row per check and Cloud Run service. Append-only.",
    {
        "check_time": ("TIMESTAMP", "When the service was checked."),
        "service": ("STRING", "The service's name in services.yaml."),
        "status": ("STRING", "READY, OLD_REVISION, UNHEALTHY and others; see docs/services.md."),
        "severity": _SEVERITY,
        "serving": ("ARRAY<STRING>", "The revisions that get traffic."),
        "latest": ("STRING", "The newest revision, ready or not."),
        "commit": ("STRING", "The commit that the newest revision's label names; NULL if it has none."),
        "since": ("TIMESTAMP", "When the service got its status, as far as is known."),
        "detail": ("STRING", "Everything else, as JSON: what was found, the stages that it fills, its image."),
        "check_id": ("STRING", "The check, the same for all services; a retried run adds no rows."),
        "run_id": _RUN_ID,
        "trigger": _TRIGGER,
    },
    key=("check_id", "service"),
    clustered_by=("service", "status"),
)

MUTES = _own(
    "mutes",
    "check_date",
    "One row per mute or unmute of a game date. Append-only; the newest row per date and environment counts.",
    {
        "check_date": _GAME_DATE,
        "set_at": ("TIMESTAMP", "When the mute was set."),
        "until": ("TIMESTAMP", "When alerts resume; NULL for the end of the date."),
        "reason": ("STRING", "Why; NULL ends the previous mute."),
        "muted_by": ("STRING", "Who set the mute."),  # `by` is a reserved word in BigQuery
        "environment": _ENVIRONMENT,
    },
    key=("environment", "check_date", "set_at"),
)

INCIDENTS = _own(
    "incidents",
    "check_date",
    "One row per environment and incident, in its latest state.",
    {
        "incident_id": ("STRING", "The id in its alerts, such as nba-2026-01-18."),
        "check_date": _GAME_DATE,
        "due": ("STRING", "before_tip, or morning_after for results."),
        "stage": ("STRING", "The first broken stage."),
        "status": ("STRING", "Its latest status."),
        "severity": ("STRING", "WARN or ERROR, in its latest state."),
        "found_at": ("TIMESTAMP", "When the first failing check was made."),
        "told_at": ("TIMESTAMP", "When the first alert about it was accepted."),
        "acknowledged_at": ("TIMESTAMP", "When someone acknowledged it."),
        "acknowledged_by": ("STRING", "Who acknowledged it."),
        "fix_started_at": ("TIMESTAMP", "When `nba-monitoring fix` last started its stage's job."),
        "fix_started_by": ("STRING", "Who started it."),
        "ended_at": ("TIMESTAMP", "When it ended; NULL while it is open."),
        "ended_as": ("STRING", "recovered, too_late, excused (no longer expected) or closed; NULL while it is open."),
        "first_tip_at": ("TIMESTAMP", "First tip-off of the affected games, when the incident opened."),
        "covered_at": ("TIMESTAMP", "By when the data was there: its last write, if a check found it complete."),
        "detail": ("STRING", "Everything else, as JSON."),
        "environment": _ENVIRONMENT,
    },
    clustered_by=("incident_id",),
)

NOTIFICATIONS = _own(
    "notifications",
    "DATE(sent_at)",
    "One row per attempt to deliver a message. Append-only.",
    {
        "notification_id": ("STRING", "Message and channel; the same for every attempt."),
        "incident_id": ("STRING", "The incident; NULL for a message about the monitor itself."),
        "sent_at": ("TIMESTAMP", "When the attempt was made."),
        "way": (
            "STRING",
            "The channel: slack, webhook, log, or the scheme of an Apprise address; cloud_scheduler for a fix.",
        ),
        "reason": ("STRING", "Why it was sent: first finding, changed, reminder, recovered, too late and others."),
        "accepted": ("BOOL", "Whether the channel accepted it."),
        "receipt": ("STRING", "The channel's reference, such as the Slack thread."),
        "text": ("STRING", "The notification line."),
        "error": ("STRING", "Why it was not accepted."),
        "environment": _ENVIRONMENT,
    },
    key=("environment", "notification_id", "sent_at"),
    clustered_by=("incident_id",),
)

# A claim is made once, whenever that is.
CLAIMS = replace(NOTIFICATIONS, key=("environment", "notification_id"))

SEASON_REPLAYS = _own(
    "season_replays",
    "DATE(made_at)",
    "One row per day: the replay of the season so far, as its report shows it. Append-only.",
    {
        "season": ("STRING", "The season, such as 2025-26."),
        "made_at": ("TIMESTAMP", "When it was replayed."),
        "detail": ("STRING", "The score and the incidents that would have been alerted, as JSON."),
    },
    clustered_by=("season",),
)

MONITOR_TABLES = (
    CHECKS,
    STAGE_CHECKS,
    SCHEDULED_GAMES,
    PHASE4_COVERAGE,
    STAGE_COVERAGE,
    SERVICE_CHECKS,
    MUTES,
    INCIDENTS,
    NOTIFICATIONS,
    SEASON_REPLAYS,
)
