"""The settings, through the environment."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pytest

from nba_monitoring.core.games import COUNTED_SEASON_TYPES, SeasonType
from nba_monitoring.settings import BigQueryWarehouse, DuckDBWarehouse, Settings, SettingsError
from nba_monitoring.stages_file import StagesError, load_stages

Load = Callable[..., Settings]

WAREHOUSE = "duckdb:///data/nba.duckdb"
SLACK = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_CHANNEL": "#alerts"}

PREFIXES = ("NBA_MONITORING_", "SLACK_", "BIGQUERY_", "BALLDONTLIE_")


@pytest.fixture(autouse=True)
def _empty_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith(PREFIXES)]:
        monkeypatch.delenv(name)


@pytest.fixture
def load(monkeypatch: pytest.MonkeyPatch) -> Load:
    def load(**environment: str) -> Settings:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        return Settings.load()

    return load


def refusal(load: Load, **environment: str) -> str:
    with pytest.raises(SettingsError) as caught:
        load(**environment).require_alerting()
    return str(caught.value)


def test_without_any_variable_the_sample_warehouse_is_watched(load: Load) -> None:
    settings = load()
    assert isinstance(settings.warehouse, DuckDBWarehouse)
    assert settings.warehouse.is_sample
    assert settings.warehouse.path.parent.name == ".local"
    assert settings.stages == load_stages()
    assert (settings.stages.phase4.least.per_unit, settings.stages.phase4.bootstrap_days) == (12, 14)
    assert settings.counted_season_types == COUNTED_SEASON_TYPES
    assert not settings.can_alert
    settings.require_alerting()


def test_a_duckdb_file_is_named_by_its_absolute_path(load: Load) -> None:
    warehouse = load(NBA_MONITORING_WAREHOUSE="duckdb:///data/of%20nba/file.duckdb").warehouse
    assert warehouse == DuckDBWarehouse(path=Path("/data/of nba/file.duckdb"))


def test_a_bigquery_project_has_a_location_or_not(load: Load) -> None:
    assert load(NBA_MONITORING_WAREHOUSE="bigquery://nba-props").warehouse == BigQueryWarehouse(project="nba-props")
    located = load(NBA_MONITORING_WAREHOUSE="bigquery://nba-props?location=us-west2").warehouse
    assert located == BigQueryWarehouse(project="nba-props", location="us-west2")


@pytest.mark.parametrize(
    ("written", "size"), [("20 GiB", 20 * 2**30), ("5GB", 5 * 10**9), ("10485760", 10 * 2**20), ("", 10 * 2**30)]
)
def test_what_a_query_may_cost_is_a_number_of_bytes(load: Load, written: str, size: int) -> None:
    settings = load(NBA_MONITORING_WAREHOUSE="bigquery://nba-props", NBA_MONITORING_MAX_BYTES_BILLED=written)
    assert isinstance(settings.warehouse, BigQueryWarehouse)
    assert settings.warehouse.max_bytes_billed == size


@pytest.mark.parametrize("host", ["localhost:9050", "http://localhost:9050"])
def test_the_emulators_host_may_come_with_its_scheme_or_without(load: Load, host: str) -> None:
    settings = load(NBA_MONITORING_WAREHOUSE="bigquery://nba-props", BIGQUERY_EMULATOR_HOST=host)
    assert isinstance(settings.warehouse, BigQueryWarehouse)
    assert settings.warehouse.emulator_host == "http://localhost:9050"


def test_blanks_and_newlines_around_a_value_are_dropped(load: Load) -> None:
    settings = load(
        NBA_MONITORING_WAREHOUSE=f" {WAREHOUSE}\n",
        SLACK_WEBHOOK_URL=" https://hooks.slack.com/services/T/B/x\n",
        NBA_MONITORING_MIN_ROWS_PER_GAME="8 ",
    )
    assert settings.slack_webhook_url is not None
    assert settings.slack_webhook_url.get_secret_value() == "https://hooks.slack.com/services/T/B/x"
    assert settings.stages.phase4.least.per_unit == 8


@pytest.mark.parametrize("project", ["nba-props-platform", "example.com:nba-props"])
def test_cloud_schedulers_project_is_the_id_of_a_project(load: Load, project: str) -> None:
    settings = load(NBA_MONITORING_WAREHOUSE=WAREHOUSE, NBA_MONITORING_SCHEDULER_PROJECT=project)
    assert (settings.scheduler_project, settings.allow_fix) == (project, False)


@pytest.mark.parametrize("project", ["NBA Props", "nba/../other", "nba-props-platform/locations/x", "nba?x=1"])
def test_cloud_schedulers_project_can_not_lead_to_another_address(load: Load, project: str) -> None:
    with pytest.raises(SettingsError, match=r"NBA_MONITORING_SCHEDULER_PROJECT: .* is not the id of a Google Cloud"):
        load(NBA_MONITORING_WAREHOUSE=WAREHOUSE, NBA_MONITORING_SCHEDULER_PROJECT=project)


def test_a_fix_is_off_without_cloud_schedulers_project(load: Load) -> None:
    with pytest.raises(SettingsError, match="NBA_MONITORING_ALLOW_FIX: requires NBA_MONITORING_SCHEDULER_PROJECT"):
        load(NBA_MONITORING_WAREHOUSE=WAREHOUSE, NBA_MONITORING_ALLOW_FIX="true")


def test_the_sample_asks_no_cloud_scheduler(load: Load) -> None:
    with pytest.raises(SettingsError, match="required where NBA_MONITORING_SCHEDULER_PROJECT is set"):
        load(NBA_MONITORING_SCHEDULER_PROJECT="nba-props-platform")


@pytest.mark.parametrize("place", ["/srv/pages", "gs://nba-pages", "gs://nba-pages/morning/today/"])
def test_the_page_goes_to_a_folder_or_a_bucket(load: Load, place: str) -> None:
    settings = load(NBA_MONITORING_REPORT_TO=f" {place}\n", NBA_MONITORING_REPORT_URL="https://pages.example.com")
    assert (settings.report_to, settings.report_url) == (place, "https://pages.example.com")


@pytest.mark.parametrize(
    ("place", "complaint"),
    [
        ("pages", "'pages' is neither the absolute path of a folder nor gs://bucket/path"),
        ("s3://nba-pages", "'s3://nba-pages' is neither the absolute path of a folder nor gs://bucket/path"),
        ("gs://", "'gs://' is not an address in Cloud Storage, such as gs://bucket/path"),
        ("gs://NBA pages", "'gs://NBA pages' is not an address in Cloud Storage, such as gs://bucket/path"),
        ("gs://nba-pages/x?y=1", "'gs://nba-pages/x?y=1' is not an address in Cloud Storage"),
    ],
)
def test_the_page_goes_nowhere_else(load: Load, place: str, complaint: str) -> None:
    with pytest.raises(SettingsError, match=re.escape(f"NBA_MONITORING_REPORT_TO: {complaint}")):
        load(NBA_MONITORING_REPORT_TO=place)


def test_a_file_of_stages_is_read_from_the_path_in_the_settings(load: Load, tmp_path: Path) -> None:
    file = tmp_path / "stages.yaml"
    file.write_text("extend: default\ndrop: [grading]\nstages: {phase4: {title: Factors, bootstrap_days: 7}}")
    stages = load(NBA_MONITORING_STAGES=f" {file}\n").stages
    assert "grading" not in stages
    assert (stages.phase4.title, stages.phase4.bootstrap_days) == ("Factors", 7)


def test_variables_override_phase4_of_whichever_table(load: Load, tmp_path: Path) -> None:
    file = tmp_path / "stages.yaml"
    file.write_text("extend: default\nstages: {phase4: {least: {per_unit: 9}, bootstrap_days: 7, fix: nothing}}")
    shipped = load_stages()
    for table in ("", str(file)):
        stages = load(
            NBA_MONITORING_STAGES=table,
            NBA_MONITORING_MIN_ROWS_PER_GAME="8",
            NBA_MONITORING_BOOTSTRAP_DAYS="0",
            NBA_MONITORING_MEND_COMMAND="run it",
        ).stages
        phase4 = stages.phase4
        assert (phase4.least.per_unit, phase4.bootstrap_days, phase4.fix) == (8, 0, "run it")
        others = [stage for stage in stages if not stage.is_phase4]
        assert others == [stage for stage in shipped if not stage.is_phase4]


def test_a_wrong_file_of_stages_is_refused_once_the_stages_are_needed(load: Load, tmp_path: Path) -> None:
    settings = load(NBA_MONITORING_STAGES=str(tmp_path / "none.yaml"))
    with pytest.raises(StagesError, match=r"none\.yaml: does not exist; check NBA_MONITORING_STAGES$"):
        _ = settings.stages


def test_the_stages_that_count_are_named_with_commas(load: Load) -> None:
    settings = load(NBA_MONITORING_GAME_STAGES="regular_season, cup_final")
    assert settings.counted_season_types == {SeasonType.REGULAR_SEASON, SeasonType.CUP_FINAL}


def test_no_secret_shows_when_settings_are_printed(load: Load) -> None:
    settings = load(
        NBA_MONITORING_WAREHOUSE=WAREHOUSE,
        SLACK_BOT_TOKEN="xoxb-secret",
        SLACK_CHANNEL="#alerts",
        SLACK_WEBHOOK_URL="https://hooks.slack.com/services/secret",
        NBA_MONITORING_HEARTBEAT_URL="https://hc-ping.com/secret",
        BALLDONTLIE_API_KEY="bdl-secret",
        NBA_MONITORING_NOTIFY_URLS="json://hooks.example.com/secret",
    )
    assert "secret" not in f"{settings!r} {settings}"


WRONG = {
    "wrong scheme": (
        {"NBA_MONITORING_WAREHOUSE": "postgres://host/db"},
        "NBA_MONITORING_WAREHOUSE: 'postgres://host/db' is neither duckdb:///path/to/file.duckdb nor "
        "bigquery://PROJECT?location=us-west2",
    ),
    "a bare path": (
        {"NBA_MONITORING_WAREHOUSE": "/data/file.duckdb"},
        "NBA_MONITORING_WAREHOUSE: '/data/file.duckdb' is neither duckdb:///path/to/file.duckdb nor "
        "bigquery://PROJECT?location=us-west2",
    ),
    "duckdb with two slashes": (
        {"NBA_MONITORING_WAREHOUSE": "duckdb://data/file.duckdb"},
        "NBA_MONITORING_WAREHOUSE: 'duckdb://data/file.duckdb' needs three slashes and a path, as in "
        "duckdb:///path/to/file.duckdb",
    ),
    "duckdb without a path": (
        {"NBA_MONITORING_WAREHOUSE": "duckdb:///"},
        "NBA_MONITORING_WAREHOUSE: 'duckdb:///' needs three slashes and a path, as in duckdb:///path/to/file.duckdb",
    ),
    "duckdb with an option": (
        {"NBA_MONITORING_WAREHOUSE": "duckdb:///f.duckdb?read_only=1"},
        "NBA_MONITORING_WAREHOUSE: unknown option read_only; duckdb:// takes no options",
    ),
    "bigquery without a project": (
        {"NBA_MONITORING_WAREHOUSE": "bigquery://?location=us-west2"},
        "NBA_MONITORING_WAREHOUSE: 'bigquery://?location=us-west2' needs a project and nothing after it, as in "
        "bigquery://PROJECT?location=us-west2",
    ),
    "bigquery with a dataset": (
        {"NBA_MONITORING_WAREHOUSE": "bigquery://nba-props/nba_raw"},
        "NBA_MONITORING_WAREHOUSE: 'bigquery://nba-props/nba_raw' needs a project and nothing after it, as in "
        "bigquery://PROJECT?location=us-west2",
    ),
    "an unknown option": (
        {"NBA_MONITORING_WAREHOUSE": "bigquery://nba-props?region=us&location=us"},
        "NBA_MONITORING_WAREHOUSE: unknown option region; bigquery:// takes location",
    ),
    "min rows not a number": (
        {"NBA_MONITORING_MIN_ROWS_PER_GAME": "twelve"},
        "NBA_MONITORING_MIN_ROWS_PER_GAME: must be a valid integer, unable to parse string as an integer",
    ),
    "min rows 0": (
        {"NBA_MONITORING_MIN_ROWS_PER_GAME": "0"},
        "NBA_MONITORING_MIN_ROWS_PER_GAME: must be greater than or equal to 1",
    ),
    "bootstrap negative": (
        {"NBA_MONITORING_BOOTSTRAP_DAYS": "-1"},
        "NBA_MONITORING_BOOTSTRAP_DAYS: must be greater than or equal to 0",
    ),
    "bootstrap of a whole season": (
        {"NBA_MONITORING_BOOTSTRAP_DAYS": "365"},
        "NBA_MONITORING_BOOTSTRAP_DAYS: must be less than or equal to 60",
    ),
    "an API address without a scheme": (
        {"NBA_MONITORING_ESPN_URL": "site.api.espn.com"},
        "NBA_MONITORING_ESPN_URL: must be an http:// or https:// address",
    ),
    "a runbook with an unknown placeholder": (
        {"NBA_MONITORING_RUNBOOK_URL": "https://wiki.example.com/{stages}"},
        "NBA_MONITORING_RUNBOOK_URL: unknown placeholder {stages}; use {stage} and {status}",
    ),
    "a command with an unknown placeholder": (
        {"NBA_MONITORING_MEND_COMMAND": "fill.sh {day}"},
        "NBA_MONITORING_MEND_COMMAND: unknown placeholder {day}; use {date}, {first}, {last}, or ${day} for a variable "
        "of the shell",
    ),
    "an emulator of another scheme": (
        {"BIGQUERY_EMULATOR_HOST": "grpc://localhost:9060"},
        "BIGQUERY_EMULATOR_HOST: must be an http:// or https:// address",
    ),
    "a token without a channel": (
        {"SLACK_BOT_TOKEN": "xoxb-1"},
        "SLACK_BOT_TOKEN: requires SLACK_CHANNEL",
    ),
    "a token with an empty channel": (
        {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_CHANNEL": ""},
        "SLACK_BOT_TOKEN: requires SLACK_CHANNEL",
    ),
    "an environment of two lines": (
        {"NBA_MONITORING_ENVIRONMENT": "staging\nnba"},
        "NBA_MONITORING_ENVIRONMENT: must be one line of at most 30 characters",
    ),
    "an environment that fills a phone": (
        {"NBA_MONITORING_ENVIRONMENT": "x" * 31},
        "NBA_MONITORING_ENVIRONMENT: must be one line of at most 30 characters",
    ),
    "a cost without a unit that exists": (
        {"NBA_MONITORING_MAX_BYTES_BILLED": "10 heaps"},
        "NBA_MONITORING_MAX_BYTES_BILLED: '10 heaps' is not a size; write 10737418240 or 10 GiB",
    ),
    "a cost that no query keeps to": (
        {"NBA_MONITORING_MAX_BYTES_BILLED": "10 MB"},
        "NBA_MONITORING_MAX_BYTES_BILLED: '10 MB' is below 10 MiB, BigQuery's minimum per query; every query "
        "would be refused",
    ),
    "an unknown stage": (
        {"NBA_MONITORING_GAME_STAGES": "regular_season,finals"},
        "NBA_MONITORING_GAME_STAGES: 'finals': not a part of the season; use preseason, regular_season, all_star, "
        "playoffs, play_in, cup_final",
    ),
}


@pytest.mark.parametrize(("environment", "message"), WRONG.values(), ids=WRONG.keys())
def test_a_wrong_value_is_one_line_that_names_its_variable(
    load: Load, environment: dict[str, str], message: str
) -> None:
    assert refusal(load, **environment) == message


@pytest.mark.parametrize("variable", ["NBA_MONITORING_HEARTBEAT_URL", "SLACK_WEBHOOK_URL"])
@pytest.mark.parametrize(
    "address",
    [
        "hooks.slack.com/s3cret",
        "ftp://s3cret",
        "https://",
        "https://[s3cret",
        "https://s3cret:port/",
        "https://a b/s3cret",
    ],
)
def test_a_wrong_secret_address_is_refused_and_never_shown(load: Load, variable: str, address: str) -> None:
    assert refusal(load, **{variable: address}) == f"{variable}: must be an http:// or https:// address"


def test_several_wrong_values_are_reported_together(load: Load) -> None:
    message = refusal(
        load,
        NBA_MONITORING_WAREHOUSE="duckdb://x",
        NBA_MONITORING_MIN_ROWS_PER_GAME="many",
        SLACK_BOT_TOKEN="xoxb-s3cret",
        NBA_MONITORING_HEARTBEAT_URL="s3cret",
    )
    assert {line.partition(":")[0] for line in message.splitlines()} == {
        "NBA_MONITORING_WAREHOUSE",
        "NBA_MONITORING_MIN_ROWS_PER_GAME",
        "SLACK_BOT_TOKEN",
        "NBA_MONITORING_HEARTBEAT_URL",
    }
    assert "s3cret" not in message


@pytest.mark.parametrize(
    "slack", [{}, {"SLACK_WEBHOOK_URL": ""}, {"SLACK_WEBHOOK_URL": "  \n"}, {"SLACK_BOT_TOKEN": " "}]
)
def test_a_bigquery_warehouse_without_an_alert_channel_is_refused(load: Load, slack: dict[str, str]) -> None:
    assert refusal(load, NBA_MONITORING_WAREHOUSE="bigquery://nba-props", **slack) == (
        "SLACK_BOT_TOKEN with SLACK_CHANNEL, SLACK_WEBHOOK_URL, or NBA_MONITORING_NOTIFY_URLS: a BigQuery warehouse "
        "requires one of them, not empty; a monitor that can't alert is worse than none"
    )


@pytest.mark.parametrize(
    "slack",
    [
        {"SLACK_WEBHOOK_URL": "https://hooks.slack.com/services/T/B/x"},
        {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_CHANNEL": "#alerts"},
        {"NBA_MONITORING_NOTIFY_URLS": "json://hooks.example.com/x"},
    ],
)
def test_a_bigquery_warehouse_with_one_is_not(load: Load, slack: dict[str, str]) -> None:
    settings = load(NBA_MONITORING_WAREHOUSE="bigquery://nba-props", **slack)
    settings.require_alerting()
    assert settings.can_alert


@pytest.mark.parametrize(
    "address",
    [
        "postgres://nba:s3cret@host/db",
        "nba:s3cret@host/db",
        "postgres://nba:s3cret?@/@host/db",
        "postgres://host/db?password=s3cret",
        "bigquery://nba:s3cret@nba-props",
        "bigquery://nba-props?s3cret",
        "bigquery://nba-props?token=s3cret",
        "bigquery://nba-props/nba_raw?location=us&token=s3cret",
        "duckdb://nba:s3cret@/file.duckdb",
        "duckdb:///file.duckdb?motherduck_token=s3cret",
        "postgres://[s3cret@host",
    ],
)
def test_a_password_in_a_wrong_warehouse_address_is_not_shown(load: Load, address: str) -> None:
    message = refusal(load, NBA_MONITORING_WAREHOUSE=address)
    assert message.startswith("NBA_MONITORING_WAREHOUSE: ")
    assert "s3cret" not in message


def test_a_wrong_warehouse_address_is_shown_apart_from_its_password(load: Load) -> None:
    message = refusal(load, NBA_MONITORING_WAREHOUSE="postgres://nba:s3cret@host/db?sslmode=on")
    assert "'postgres://***@host/db?***' is neither" in message


def test_addresses_to_notify_are_named_with_commas(load: Load) -> None:
    settings = load(
        NBA_MONITORING_WAREHOUSE=WAREHOUSE,
        NBA_MONITORING_NOTIFY_URLS="json://one.example.com/x , mailto://user:pw@example.com?to=a%2Cb,",
    )
    assert [address.get_secret_value() for address in settings.notify_urls] == [
        "json://one.example.com/x",
        "mailto://user:pw@example.com?to=a%2Cb",
    ]


@pytest.mark.parametrize(
    "address",
    [
        "s3cret",
        "s3cret@example.com",
        "nosuch://s3cret@host",
        "https://hooks.example.com/s3cret",
        "pagerduty://s3cret",
        "mailto://user:s3cret@[bad",
        "mailto://user:s3cret@example.com?to=a@example.com,b@example.com",
    ],
)
def test_a_wrong_address_to_notify_is_named_by_its_position_and_never_shown(
    load: Load, address: str, root_log: StringIO, capfd: pytest.CaptureFixture[str]
) -> None:
    message = refusal(load, NBA_MONITORING_NOTIFY_URLS=f"json://host/path,{address}")
    position = 3 if "," in address else 2
    assert message.startswith(
        f"NBA_MONITORING_NOTIFY_URLS: address {position} of {position} is not one Apprise supports"
    )
    assert "s3cret" not in message + root_log.getvalue() + "".join(capfd.readouterr())


def test_the_environment_has_a_name_is_unnamed_or_is_the_sample(load: Load) -> None:
    assert load().environment_label == "sample"
    assert load(NBA_MONITORING_WAREHOUSE=WAREHOUSE).environment_label == "unnamed environment"
    assert load(NBA_MONITORING_ENVIRONMENT="staging").environment_label == "staging"
    assert load(NBA_MONITORING_ENVIRONMENT=" ").environment_label == "unnamed environment"


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("NBA_MONITORING_WAREHOSE", "NBA_MONITORING_WAREHOUSE"),
        ("NBA_MONITORING_HEARTBEAT", "NBA_MONITORING_HEARTBEAT_URL"),
        ("NBA_MONITORING_DUCKDB_WAREHOUSE", "NBA_MONITORING_WAREHOUSE"),
        ("nba_monitoring_stage", "NBA_MONITORING_STAGES"),
        ("NBA_MONITORING_NOTIFY_URL_FILE", "NBA_MONITORING_NOTIFY_URLS_FILE"),
    ],
)
def test_an_unknown_variable_is_an_error_that_names_the_nearest_known_one(load: Load, name: str, nearest: str) -> None:
    message = refusal(load, NBA_MONITORING_WAREHOUSE=WAREHOUSE, **{name: "s3cret"})
    assert message == f"{name}: unknown variable; did you mean {nearest}?"


def test_an_unknown_variable_is_reported_beside_the_wrong_values(load: Load) -> None:
    message = refusal(load, NBA_MONITORING_WAREHOSE=WAREHOUSE, NBA_MONITORING_MIN_ROWS_PER_GAME="0")
    assert [line.partition(":")[0] for line in message.splitlines()] == [
        "NBA_MONITORING_WAREHOSE",
        "NBA_MONITORING_MIN_ROWS_PER_GAME",
    ]


@pytest.mark.parametrize(
    "name",
    [
        "NBA_MONITORING_SERVICE_HOST",
        "NBA_MONITORING_SERVICE_PORT_GRPC",
        "NBA_MONITORING_PORT",
        "NBA_MONITORING_PORT_3030_TCP_ADDR",
        "NBA_MONITORING_CODE_PORT_3030_TCP",
        "NBA_MONITORING_EVIDENCE",
        "NBA_MONITORINGS",
    ],
)
def test_what_kubernetes_and_the_tests_set_is_not_unknown(load: Load, name: str) -> None:
    assert load(**{name: "tcp://10.0.0.1:3030"}).is_sample


def test_an_unknown_variable_that_is_blank_counts_as_unset(load: Load) -> None:
    assert load(NBA_MONITORING_WAREHOSE=" ").is_sample


OF_PRODUCTION = {
    "a token": (SLACK, "SLACK_BOT_TOKEN"),
    "a channel whose token is missing": ({"SLACK_CHANNEL": "#alerts"}, "SLACK_CHANNEL"),
    "a webhook": ({"SLACK_WEBHOOK_URL": "https://hooks.slack.com/services/s3cret"}, "SLACK_WEBHOOK_URL"),
    "a second channel": ({"NBA_MONITORING_NOTIFY_URLS": "json://host/s3cret"}, "NBA_MONITORING_NOTIFY_URLS"),
    "a heartbeat": ({"NBA_MONITORING_HEARTBEAT_URL": "https://hc-ping.com/s3cret"}, "NBA_MONITORING_HEARTBEAT_URL"),
    "an environment": ({"NBA_MONITORING_ENVIRONMENT": "production"}, "NBA_MONITORING_ENVIRONMENT"),
}


@pytest.mark.parametrize(("given", "named"), OF_PRODUCTION.values(), ids=OF_PRODUCTION.keys())
def test_the_sample_is_never_watched_where_anything_of_production_is_set(
    load: Load, given: dict[str, str], named: str
) -> None:
    assert refusal(load, **given) == (
        f"NBA_MONITORING_WAREHOUSE: required where {named} is set; without it, the made-up data of the sample would be "
        "watched"
    )
    assert not load(NBA_MONITORING_WAREHOUSE=WAREHOUSE, **given).is_sample
