"""The settings, read once from the environment. A bad value is one clear error that names its variable."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated
from urllib.parse import parse_qs, unquote, urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    model_validator,
)
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from nba_monitoring.core.games import COUNTED_STAGES, Stage
from nba_monitoring.core.phases import PHASE4
from nba_monitoring.core.verdict import Thresholds
from nba_monitoring.errors import MonitoringError


class SettingsError(MonitoringError):
    """One or more settings are wrong; the message has a line for each variable."""


class DuckDBWarehouse(BaseModel):
    """An embedded warehouse file. `is_sample` when no warehouse was set."""

    model_config = ConfigDict(frozen=True)
    path: Path
    is_sample: bool = False


class BigQueryWarehouse(BaseModel):
    """A BigQuery project, the location of its data, and the emulator's address if there is one."""

    model_config = ConfigDict(frozen=True)
    project: str
    location: str | None = None
    emulator_host: str | None = None


def _warehouse_url(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme == "duckdb" and not parts.netloc and len(parts.path) > 1:
        return value
    if parts.scheme == "bigquery" and parts.netloc and parts.path in ("", "/"):
        unknown = sorted(set(parse_qs(parts.query, keep_blank_values=True)) - {"location"})
        if not unknown:
            return value
        raise ValueError(f"unknown option {', '.join(unknown)}; only location is known")
    raise ValueError(
        f"{value!r} is neither duckdb:///path/to/file.duckdb (three slashes) nor bigquery://PROJECT?location=us-west2"
    )


def _http_url(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise ValueError("not an http:// or https:// address")
    return value


def _secret_http_url(value: SecretStr) -> SecretStr:
    _http_url(value.get_secret_value())
    return value


HttpUrl = Annotated[str, AfterValidator(_http_url)]
SecretHttpUrl = Annotated[SecretStr, AfterValidator(_secret_http_url)]


def _emulator_host(value: str) -> str:
    return _http_url(value if "://" in value else f"http://{value}")


class AskSchedules(StrEnum):
    """When to ask ESPN and balldontlie over the network: for dates around today, for any date, or not at all."""

    LIVE = "live"
    ALWAYS = "always"
    NEVER = "never"


def _stages(value: object) -> object:
    return [part.strip() for part in value.split(",")] if isinstance(value, str) else value


class Settings(BaseSettings):
    """All settings of the environment. An empty variable counts as unset."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", env_ignore_empty=True, hide_input_in_errors=True)

    warehouse_url: Annotated[str, AfterValidator(_warehouse_url)] | None = Field(
        default=None, validation_alias="NBA_MONITORING_WAREHOUSE"
    )
    emulator_host: Annotated[str, AfterValidator(_emulator_host)] | None = Field(
        default=None, validation_alias="BIGQUERY_EMULATOR_HOST"
    )
    slack_bot_token: SecretStr | None = Field(default=None, validation_alias="SLACK_BOT_TOKEN")
    slack_channel: str | None = Field(default=None, validation_alias="SLACK_CHANNEL")
    slack_webhook_url: SecretHttpUrl | None = Field(default=None, validation_alias="SLACK_WEBHOOK_URL")
    slack_api_url: HttpUrl = Field(default="https://slack.com/api/", validation_alias="SLACK_API_URL")
    heartbeat_url: SecretHttpUrl | None = Field(default=None, validation_alias="NBA_MONITORING_HEARTBEAT_URL")
    espn_url: HttpUrl = Field(default="https://site.api.espn.com", validation_alias="NBA_MONITORING_ESPN_URL")
    bdl_url: HttpUrl = Field(default="https://api.balldontlie.io", validation_alias="NBA_MONITORING_BDL_URL")
    bdl_key: SecretStr | None = Field(default=None, validation_alias="BALLDONTLIE_API_KEY")
    ask_schedule_apis: AskSchedules = Field(default=AskSchedules.LIVE, validation_alias="NBA_MONITORING_SCHEDULE_APIS")
    min_rows_per_game: int = Field(
        default=PHASE4.min_rows_per_game, ge=1, le=1000, validation_alias="NBA_MONITORING_MIN_ROWS_PER_GAME"
    )
    bootstrap_days: int = Field(default=14, ge=0, le=60, validation_alias="NBA_MONITORING_BOOTSTRAP_DAYS")
    dagster_url: HttpUrl | None = Field(default=None, validation_alias="NBA_MONITORING_DAGSTER_URL")
    runbook_url: HttpUrl | None = Field(default=None, validation_alias="NBA_MONITORING_RUNBOOK_URL")
    mend_command: str = Field(default=PHASE4.mend_command, validation_alias="NBA_MONITORING_MEND_COMMAND")
    counted_stages: Annotated[frozenset[Stage], NoDecode, BeforeValidator(_stages)] = Field(
        default=COUNTED_STAGES, validation_alias="NBA_MONITORING_GAME_STAGES"
    )

    @classmethod
    def load(cls) -> Settings:
        """Read the environment. Raises SettingsError naming every variable that is wrong."""
        try:
            return cls()
        except ValidationError as error:
            lines = [
                ": ".join(filter(None, (_variable(place["loc"]), place["msg"].removeprefix("Value error, "))))
                for place in error.errors()
            ]
            raise SettingsError("\n".join(lines)) from None

    @model_validator(mode="after")
    def _slack_is_whole(self) -> Settings:
        if self.slack_bot_token and not self.slack_channel:
            raise PydanticCustomError(
                "slack", "SLACK_CHANNEL: SLACK_BOT_TOKEN is set, so the channel to post to is needed"
            )
        return self

    @property
    def can_alert(self) -> bool:
        """Whether there is a way to Slack."""
        return self.slack_bot_token is not None or self.slack_webhook_url is not None

    @property
    def warehouse(self) -> DuckDBWarehouse | BigQueryWarehouse:
        """Where to read and write; the embedded sample warehouse when none is set."""
        if self.warehouse_url is None:
            return DuckDBWarehouse(path=local_folder() / "sample.duckdb", is_sample=True)
        parts = urlsplit(self.warehouse_url)
        if parts.scheme == "duckdb":
            return DuckDBWarehouse(path=Path(unquote(parts.path)))
        return BigQueryWarehouse(
            project=parts.netloc,
            location=parse_qs(parts.query).get("location", [None])[0],
            emulator_host=self.emulator_host,
        )

    @property
    def thresholds(self) -> Thresholds:
        """What the verdict measures by."""
        return Thresholds(min_rows_per_game=self.min_rows_per_game, bootstrap_days=self.bootstrap_days)

    def require_alerting(self) -> None:
        """Refuse a production warehouse without a way to alert: alerts were once dropped for weeks by an empty webhook.

        Raises SettingsError.
        """
        if isinstance(self.warehouse, BigQueryWarehouse) and not self.can_alert:
            raise SettingsError(
                "SLACK_BOT_TOKEN with SLACK_CHANNEL, or SLACK_WEBHOOK_URL: one must be set, and not be empty, with a "
                "BigQuery warehouse; a monitor that can't alert is worse than none"
            )


def local_folder() -> Path:
    """`.local/` of the project's checkout, or of the current folder for an installed package."""
    checkout = Path(__file__).parents[1]
    return (checkout if (checkout / "workspace.yaml").exists() else Path.cwd()) / ".local"


def _variable(location: tuple[int | str, ...]) -> str:
    return str(location[0]) if location else ""
