"""The settings, read once from the environment. Each bad value is one error that names its variable."""

from __future__ import annotations

import os
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from urllib.parse import parse_qs, unquote, urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)

from nba_monitoring import setting_values as values
from nba_monitoring.core.games import COUNTED_SEASON_TYPES, SeasonType
from nba_monitoring.core.stage_fields import CommandTemplate, bound, placeholders_in
from nba_monitoring.core.stages import Least, StageTable
from nba_monitoring.environment import SUFFIX, SecretFile, secret_files, unknown_variables
from nba_monitoring.errors import MonitoringError

if TYPE_CHECKING:
    from nba_monitoring.core.service_entries import Services


class SettingsError(MonitoringError):
    """One or more settings are wrong. The message has one line per variable."""


class DuckDBWarehouse(BaseModel):
    """A DuckDB file. `is_sample` if no warehouse was set."""

    model_config = ConfigDict(frozen=True)
    path: Path
    is_sample: bool = False
    environment: str | None = None  # whose incidents, notifications and mutes are read and written


DEFAULT_MAX_BYTES_BILLED = 10 * 2**30


class BigQueryWarehouse(BaseModel):
    """A BigQuery project."""

    model_config = ConfigDict(frozen=True)
    project: str
    location: str | None = None  # of its data; None: the location of the platform's datasets
    emulator_host: str | None = None  # an emulator's address
    max_bytes_billed: int = DEFAULT_MAX_BYTES_BILLED  # by one query
    environment: str | None = None  # as for a file


HttpUrl = Annotated[str, AfterValidator(values.http_url)]
SecretHttpUrl = Annotated[SecretStr, AfterValidator(values.secret_http_url)]


class AskSchedules(StrEnum):
    """When to request schedules from ESPN and balldontlie: for dates around today, for any date, or never."""

    LIVE = "live"
    ALWAYS = "always"
    NEVER = "never"


_SECRETS = (
    "SLACK_BOT_TOKEN",
    "SLACK_WEBHOOK_URL",
    "NBA_MONITORING_NOTIFY_URLS",
    "NBA_MONITORING_HEARTBEAT_URL",
    "BALLDONTLIE_API_KEY",
)


class Settings(BaseModel):
    """All settings. An empty or blank variable counts as unset.

    A secret may also be in a file: `SLACK_BOT_TOKEN_FILE` names the file with the token.
    """

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    warehouse_url: Annotated[str, AfterValidator(values.warehouse_url)] | None = Field(
        default=None, validation_alias="NBA_MONITORING_WAREHOUSE"
    )
    emulator_host: Annotated[str, AfterValidator(values.emulator_host)] | None = Field(
        default=None, validation_alias="BIGQUERY_EMULATOR_HOST"
    )
    max_bytes_billed: Annotated[int, BeforeValidator(values.max_bytes_billed)] = Field(
        default=DEFAULT_MAX_BYTES_BILLED, validation_alias="NBA_MONITORING_MAX_BYTES_BILLED"
    )
    slack_channel: str | None = Field(default=None, validation_alias="SLACK_CHANNEL")
    slack_bot_token: SecretStr | None = Field(default=None, validation_alias="SLACK_BOT_TOKEN")
    slack_webhook_url: SecretHttpUrl | None = Field(default=None, validation_alias="SLACK_WEBHOOK_URL")
    slack_api_url: HttpUrl = Field(default="https://slack.com/api/", validation_alias="SLACK_API_URL")
    notify_urls: Annotated[tuple[SecretStr, ...], BeforeValidator(values.notify_urls)] = Field(
        default=(), validation_alias="NBA_MONITORING_NOTIFY_URLS"
    )
    environment: Annotated[str, AfterValidator(values.environment)] | None = Field(
        default=None, validation_alias="NBA_MONITORING_ENVIRONMENT"
    )
    heartbeat_url: SecretHttpUrl | None = Field(default=None, validation_alias="NBA_MONITORING_HEARTBEAT_URL")
    espn_url: HttpUrl = Field(default="https://site.api.espn.com", validation_alias="NBA_MONITORING_ESPN_URL")
    bdl_url: HttpUrl = Field(default="https://api.balldontlie.io", validation_alias="NBA_MONITORING_BDL_URL")
    bdl_key: SecretStr | None = Field(default=None, validation_alias="BALLDONTLIE_API_KEY")
    ask_schedule_apis: AskSchedules = Field(default=AskSchedules.LIVE, validation_alias="NBA_MONITORING_SCHEDULE_APIS")
    stages_file: Path | None = Field(default=None, validation_alias="NBA_MONITORING_STAGES")
    services_file: Path | None = Field(default=None, validation_alias="NBA_MONITORING_SERVICES")
    run_url: HttpUrl = Field(default="https://run.googleapis.com", validation_alias="NBA_MONITORING_RUN_API")
    min_rows_per_game: int | None = Field(
        default=None, ge=1, le=1000, validation_alias="NBA_MONITORING_MIN_ROWS_PER_GAME"
    )
    bootstrap_days: int | None = Field(default=None, ge=0, le=60, validation_alias="NBA_MONITORING_BOOTSTRAP_DAYS")
    scheduler_project: Annotated[str, AfterValidator(values.google_project)] | None = Field(
        default=None, validation_alias="NBA_MONITORING_SCHEDULER_PROJECT"
    )
    scheduler_url: HttpUrl = Field(
        default="https://cloudscheduler.googleapis.com", validation_alias="NBA_MONITORING_SCHEDULER_URL"
    )
    allow_fix: bool = Field(default=False, validation_alias="NBA_MONITORING_ALLOW_FIX")
    dagster_url: HttpUrl | None = Field(default=None, validation_alias="NBA_MONITORING_DAGSTER_URL")
    runbook_url: Annotated[str, AfterValidator(values.runbook_url)] | None = Field(
        default=None, validation_alias="NBA_MONITORING_RUNBOOK_URL"
    )
    report_to: Annotated[str, AfterValidator(values.report_to)] | None = Field(
        default=None, validation_alias="NBA_MONITORING_REPORT_TO"
    )
    report_url: HttpUrl | None = Field(default=None, validation_alias="NBA_MONITORING_REPORT_URL")
    fix_command: CommandTemplate | None = Field(default=None, validation_alias="NBA_MONITORING_MEND_COMMAND")
    counted_season_types: Annotated[frozenset[SeasonType], BeforeValidator(values.season_types)] = Field(
        default=COUNTED_SEASON_TYPES, validation_alias="NBA_MONITORING_GAME_STAGES"
    )

    @classmethod
    def load(cls) -> Settings:
        """Read the environment. Raises SettingsError, which names every bad variable, and every unknown one."""
        known = {str(field.validation_alias) for field in cls.model_fields.values()}
        known |= {name + SUFFIX for name in _SECRETS}
        lines = [f"{name}: unknown variable; did you mean {nearest}?" for name, nearest in unknown_variables(known)]
        try:
            settings = cls.model_validate({name.upper(): value for name, value in os.environ.items()})
        except ValidationError as error:
            found = ((place["loc"][0], place["msg"].removeprefix("Value error, ")) for place in error.errors())
            lines += [f"{variable}: {message.replace('Input should', 'must')}" for variable, message in found]
        else:
            if settings.is_sample and settings._of_production:
                lines.append(
                    f"NBA_MONITORING_WAREHOUSE: required where {settings._of_production[0]} is set; without it, the "
                    "made-up data of the sample would be watched"
                )
            if not lines:
                return settings
        raise SettingsError("\n".join(lines))

    @model_validator(mode="before")
    @classmethod
    def _without_blanks(cls, values: dict[str, object]) -> dict[str, object]:
        # Secrets often end with a newline, and a blank webhook is none.
        stripped = {name: value.strip() if isinstance(value, str) else value for name, value in values.items()}
        given = {name: value for name, value in stripped.items() if value != ""}
        return given | secret_files(_SECRETS, given)

    @field_validator("slack_bot_token", "slack_webhook_url", "notify_urls", "heartbeat_url", "bdl_key", mode="before")
    @classmethod
    def _from_its_file(cls, value: object) -> object:
        return value.read() if isinstance(value, SecretFile) else value

    @field_validator("slack_bot_token")
    @classmethod
    def _has_a_channel(cls, token: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        if token is not None and info.data.get("slack_channel") is None:
            raise ValueError("requires SLACK_CHANNEL")
        return token

    @field_validator("allow_fix")
    @classmethod
    def _has_a_scheduler(cls, is_allowed: bool, info: ValidationInfo) -> bool:
        if is_allowed and info.data.get("scheduler_project") is None:
            raise ValueError("requires NBA_MONITORING_SCHEDULER_PROJECT")
        return is_allowed

    @property
    def can_alert(self) -> bool:
        """Whether any channel is configured besides the log."""
        return self.slack_bot_token is not None or self.slack_webhook_url is not None or bool(self.notify_urls)

    @property
    def is_sample(self) -> bool:
        """Whether no warehouse is set, so that the sample is watched."""
        return self.warehouse_url is None

    @property
    def _of_production(self) -> list[str]:
        """The variables that are set and that nobody sets for the sample."""
        given = {
            "SLACK_BOT_TOKEN": self.slack_bot_token,
            "SLACK_CHANNEL": self.slack_channel,
            "SLACK_WEBHOOK_URL": self.slack_webhook_url,
            "NBA_MONITORING_NOTIFY_URLS": self.notify_urls,
            "NBA_MONITORING_HEARTBEAT_URL": self.heartbeat_url,
            "NBA_MONITORING_ENVIRONMENT": self.environment,
            "NBA_MONITORING_SCHEDULER_PROJECT": self.scheduler_project,
        }
        return [name for name, value in given.items() if value]

    @property
    def environment_label(self) -> str:
        """The name in every message, so that a laptop with production's token is not mistaken for production."""
        return self.environment or ("sample" if self.is_sample else "unnamed environment")

    @property
    def warehouse(self) -> DuckDBWarehouse | BigQueryWarehouse:
        """Where to read and write; the sample warehouse if none is set."""
        if self.warehouse_url is None:
            return sample_warehouse()
        parts = urlsplit(self.warehouse_url)
        if parts.scheme == "duckdb":
            return DuckDBWarehouse(path=Path(unquote(parts.path)), environment=self.environment)
        return BigQueryWarehouse(
            project=parts.netloc,
            location=parse_qs(parts.query).get("location", [None])[0],
            emulator_host=self.emulator_host,
            max_bytes_billed=self.max_bytes_billed,
            environment=self.environment,
        )

    @cached_property
    def stages(self) -> StageTable:
        """The watched stages, with Phase 4's overrides from the environment. Raises StagesError."""
        from nba_monitoring.stages_file import load_stages

        table = load_stages(self.stages_file)
        phase4 = table.phase4
        if self.min_rows_per_game is not None:
            phase4 = phase4.model_copy(update={"least": Least(per_unit=self.min_rows_per_game)})
        if self.bootstrap_days is not None:
            phase4 = phase4.model_copy(update={"bootstrap_days": self.bootstrap_days})
        if self.fix_command is not None:
            phase4 = phase4.model_copy(update={"fix": self.fix_command})
        return table.with_stage(phase4)

    @cached_property
    def services(self) -> Services | None:
        """The watched services; None if no file is set. Raises ServicesError, and StagesError for the stages."""
        if self.services_file is None:
            return None
        from nba_monitoring.services_file import load_services

        return load_services(self.services_file, [stage.name for stage in self.stages])

    def runbook(self, page: str | None, status: str) -> str | None:
        """The address of a page of the runbook: of a stage, or of a kind of monitor alert. None if there is none."""
        if self.runbook_url is None or (page is None and "stage" in placeholders_in(self.runbook_url)):
            return None
        return bound(self.runbook_url, stage=page, status=status)

    def require_alerting(self) -> None:
        """Refuse BigQuery without a channel: an empty webhook once dropped alerts for weeks.

        Raises SettingsError.
        """
        if isinstance(self.warehouse, BigQueryWarehouse) and not self.can_alert:
            raise SettingsError(
                "SLACK_BOT_TOKEN with SLACK_CHANNEL, SLACK_WEBHOOK_URL, or NBA_MONITORING_NOTIFY_URLS: a BigQuery "
                "warehouse requires one of them, not empty; a monitor that can't alert is worse than none"
            )


def sample_warehouse() -> DuckDBWarehouse:
    """The sample that is used if no warehouse is set."""
    return DuckDBWarehouse(path=local_folder() / "sample.duckdb", is_sample=True)


def local_folder() -> Path:
    """`.local/` in the checkout, or in the current folder if the package is installed."""
    checkout = Path(__file__).parents[1]
    return (checkout if (checkout / "workspace.yaml").exists() else Path.cwd()) / ".local"
