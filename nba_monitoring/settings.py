"""The settings, read once from the environment. A bad value is one clear error that names its variable."""

from __future__ import annotations

import re
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Annotated
from urllib.parse import parse_qs, unquote, urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ByteSize,
    ConfigDict,
    Field,
    SecretStr,
    TypeAdapter,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from nba_monitoring.apprise_addresses import service_at
from nba_monitoring.core.games import COUNTED_SEASON_TYPES, SeasonType
from nba_monitoring.core.least import Least
from nba_monitoring.core.stages import StageTable
from nba_monitoring.errors import MonitoringError
from nba_monitoring.secret_files import SecretFile, secret_files


class SettingsError(MonitoringError):
    """One or more settings are wrong; the message has a line for each variable."""


class DuckDBWarehouse(BaseModel):
    """An embedded warehouse file. `is_sample` when no warehouse was set."""

    model_config = ConfigDict(frozen=True)
    path: Path
    is_sample: bool = False


# BigQuery bills 10 MB a table and query at least, in units of 2 to the power of 10.
LEAST_BYTES_BILLED = 10 * 2**20
DEFAULT_MAX_BYTES_BILLED = 10 * 2**30


class BigQueryWarehouse(BaseModel):
    """A BigQuery project."""

    model_config = ConfigDict(frozen=True)
    project: str
    location: str | None = None  # of its data; None: that of the platform's own datasets
    emulator_host: str | None = None  # the emulator's address, if there is one
    max_bytes_billed: int = DEFAULT_MAX_BYTES_BILLED  # by one query


_USER_INFO = re.compile(r"(\w[\w+.-]*://)?.*@", re.DOTALL)
_PUBLIC_OPTIONS = re.compile(r"location=[\w-]*")


def _without_secrets(address: str) -> str:
    """An address to be shown in an error, where it may have a password before an @ or in its options."""
    place, mark, options = _USER_INFO.sub(r"\1***@", address).partition("?")
    return place + mark + (options if not options or _PUBLIC_OPTIONS.fullmatch(options) else "***")


def _warehouse_url(value: str) -> str:
    try:
        parts = urlsplit(value)
    except ValueError:
        # urlsplit's own errors quote parts of it.
        raise ValueError("not an address; set duckdb:///path/to/file.duckdb or bigquery://PROJECT") from None
    shown = repr(_without_secrets(value))
    if parts.scheme == "duckdb":
        if parts.netloc or len(parts.path) < 2:
            raise ValueError(f"{shown} needs three slashes and a path: duckdb:///path/to/file.duckdb")
    elif parts.scheme == "bigquery":
        if not parts.netloc or "@" in parts.netloc or parts.path not in ("", "/"):
            raise ValueError(f"{shown} needs a project and nothing after it: bigquery://PROJECT?location=us-west2")
    else:
        raise ValueError(f"{shown} is neither duckdb:///path/to/file.duckdb nor bigquery://PROJECT?location=us-west2")
    known = {"location"} if parts.scheme == "bigquery" else set()
    # A word without a value may be a password whose question mark was not escaped.
    options = [option.partition("=") for option in parts.query.split("&") if option]
    unknown = sorted({name if equals else "***" for name, equals, _ in options} - known)
    if unknown:
        raise ValueError(
            f"unknown option {', '.join(unknown)}; {parts.scheme}:// knows {', '.join(known) or 'no options'}"
        )
    return value


def _http_url(value: str) -> str:
    # The address may be a secret, and urlsplit's own errors quote parts of it.
    try:
        parts = urlsplit(value)
        is_http = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_http = False
    if not is_http or any(letter.isspace() for letter in value):
        raise ValueError("not an http:// or https:// address")
    return value


def _secret_http_url(value: SecretStr) -> SecretStr:
    _http_url(value.get_secret_value())
    return value


def _notify_urls(value: object) -> object:
    """Each address checked by Apprise. A wrong one is named by its position, since it may hold a password."""
    if not isinstance(value, str):
        return value
    addresses = [address for address in map(str.strip, value.split(",")) if address]
    for position, address in enumerate(addresses, start=1):
        if "://" not in address or service_at(address) is None:
            raise ValueError(
                f"address {position} of {len(addresses)} is none that Apprise knows (mailto://..., pagerduty://...; "
                "see appriseit.com); a comma inside an address is written %2C"
            )
    return addresses


HttpUrl = Annotated[str, AfterValidator(_http_url)]
SecretHttpUrl = Annotated[SecretStr, AfterValidator(_secret_http_url)]


def _emulator_host(value: str) -> str:
    return _http_url(value if "://" in value else f"http://{value}")


class AskSchedules(StrEnum):
    """When to ask ESPN and balldontlie over the network: for dates around today, for any date, or not at all."""

    LIVE = "live"
    ALWAYS = "always"
    NEVER = "never"


def _environment(value: str) -> str:
    # It stands before the title of each message, of which a phone shows some 40 characters.
    if len(value) > 30 or not value.isprintable():
        raise ValueError("not a name of at most 30 characters in one line")
    return value


def _season_types(value: object) -> object:
    if not isinstance(value, str):
        return value
    named = [part.strip() for part in value.split(",")]
    unknown = [part for part in named if part not in set(SeasonType)]
    if unknown:
        raise ValueError(f"{', '.join(map(repr, unknown))}: no part of a season; known are {', '.join(SeasonType)}")
    return named


def _max_bytes_billed(value: object) -> int:
    try:
        size = TypeAdapter(ByteSize).validate_python(value)
    except ValidationError:
        raise ValueError(f"{value!r} is no number of bytes; write it as 10737418240 or 10 GiB") from None
    if size < LEAST_BYTES_BILLED:
        raise ValueError(f"{value!r} is under 10 MiB, which BigQuery bills for any query, so it would refuse every one")
    return size


_SECRETS = (
    "SLACK_BOT_TOKEN",
    "SLACK_WEBHOOK_URL",
    "NBA_MONITORING_NOTIFY_URLS",
    "NBA_MONITORING_HEARTBEAT_URL",
    "BALLDONTLIE_API_KEY",
)


class Settings(BaseSettings):
    """All settings of the environment. A variable that is empty or blank counts as unset.

    A secret may also stand in a file, which its variable with `_FILE` behind it names.
    """

    model_config = SettingsConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    warehouse_url: Annotated[str, AfterValidator(_warehouse_url)] | None = Field(
        default=None, validation_alias="NBA_MONITORING_WAREHOUSE"
    )
    emulator_host: Annotated[str, AfterValidator(_emulator_host)] | None = Field(
        default=None, validation_alias="BIGQUERY_EMULATOR_HOST"
    )
    max_bytes_billed: Annotated[int, BeforeValidator(_max_bytes_billed)] = Field(
        default=DEFAULT_MAX_BYTES_BILLED, validation_alias="NBA_MONITORING_MAX_BYTES_BILLED"
    )
    slack_channel: str | None = Field(default=None, validation_alias="SLACK_CHANNEL")
    slack_bot_token: SecretStr | None = Field(default=None, validation_alias="SLACK_BOT_TOKEN")
    slack_webhook_url: SecretHttpUrl | None = Field(default=None, validation_alias="SLACK_WEBHOOK_URL")
    slack_api_url: HttpUrl = Field(default="https://slack.com/api/", validation_alias="SLACK_API_URL")
    notify_urls: Annotated[tuple[SecretStr, ...], NoDecode, BeforeValidator(_notify_urls)] = Field(
        default=(), validation_alias="NBA_MONITORING_NOTIFY_URLS"
    )
    environment: Annotated[str, AfterValidator(_environment)] | None = Field(
        default=None, validation_alias="NBA_MONITORING_ENVIRONMENT"
    )
    heartbeat_url: SecretHttpUrl | None = Field(default=None, validation_alias="NBA_MONITORING_HEARTBEAT_URL")
    espn_url: HttpUrl = Field(default="https://site.api.espn.com", validation_alias="NBA_MONITORING_ESPN_URL")
    bdl_url: HttpUrl = Field(default="https://api.balldontlie.io", validation_alias="NBA_MONITORING_BDL_URL")
    bdl_key: SecretStr | None = Field(default=None, validation_alias="BALLDONTLIE_API_KEY")
    ask_schedule_apis: AskSchedules = Field(default=AskSchedules.LIVE, validation_alias="NBA_MONITORING_SCHEDULE_APIS")
    stages_file: Path | None = Field(default=None, validation_alias="NBA_MONITORING_STAGES")
    min_rows_per_game: int | None = Field(
        default=None, ge=1, le=1000, validation_alias="NBA_MONITORING_MIN_ROWS_PER_GAME"
    )
    bootstrap_days: int | None = Field(default=None, ge=0, le=60, validation_alias="NBA_MONITORING_BOOTSTRAP_DAYS")
    dagster_url: HttpUrl | None = Field(default=None, validation_alias="NBA_MONITORING_DAGSTER_URL")
    runbook_url: HttpUrl | None = Field(default=None, validation_alias="NBA_MONITORING_RUNBOOK_URL")
    fix_command: str | None = Field(default=None, validation_alias="NBA_MONITORING_MEND_COMMAND")
    counted_season_types: Annotated[frozenset[SeasonType], NoDecode, BeforeValidator(_season_types)] = Field(
        default=COUNTED_SEASON_TYPES, validation_alias="NBA_MONITORING_GAME_STAGES"
    )

    @classmethod
    def load(cls) -> Settings:
        """Read the environment. Raises SettingsError naming every variable that is wrong."""
        try:
            return cls()
        except ValidationError as error:
            lines = [f"{place['loc'][0]}: {place['msg'].removeprefix('Value error, ')}" for place in error.errors()]
            raise SettingsError("\n".join(lines)) from None

    @model_validator(mode="before")
    @classmethod
    def _without_blanks(cls, values: dict[str, object]) -> dict[str, object]:
        # Secrets come with a newline at the end often enough, and a webhook of blanks is as good as none.
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
            raise ValueError("set without SLACK_CHANNEL, the channel to post to")
        return token

    @property
    def can_alert(self) -> bool:
        """Whether there is a way to alert besides the log."""
        return self.slack_bot_token is not None or self.slack_webhook_url is not None or bool(self.notify_urls)

    @property
    def environment_label(self) -> str | None:
        """What every message bears: so that a laptop with production's token is not taken for production."""
        if self.environment is None and self.warehouse_url is not None:
            return "unnamed environment"
        return self.environment

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
            max_bytes_billed=self.max_bytes_billed,
        )

    @cached_property
    def stages(self) -> StageTable:
        """The watched stages, with what the environment overrides of Phase 4's entry. Raises StagesError."""
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

    def require_alerting(self) -> None:
        """Refuse a production warehouse without a way to alert: alerts were once dropped for weeks by an empty webhook.

        Raises SettingsError.
        """
        if isinstance(self.warehouse, BigQueryWarehouse) and not self.can_alert:
            raise SettingsError(
                "SLACK_BOT_TOKEN with SLACK_CHANNEL, SLACK_WEBHOOK_URL, or NBA_MONITORING_NOTIFY_URLS: one must be "
                "set, and not be empty, with a BigQuery warehouse; a monitor that can't alert is worse than none"
            )


def local_folder() -> Path:
    """`.local/` of the project's checkout, or of the current folder for an installed package."""
    checkout = Path(__file__).parents[1]
    return (checkout if (checkout / "workspace.yaml").exists() else Path.cwd()) / ".local"
