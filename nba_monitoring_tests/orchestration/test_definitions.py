"""The parts that Dagster serves, and when it refuses to serve them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from nba_monitoring.core.chain import SENSOR
from nba_monitoring.core.words import SAMPLE_DATA
from nba_monitoring.definitions import definitions
from nba_monitoring.orchestration.instance import EACH_MORNING, SCHEDULES
from nba_monitoring.settings import Settings, SettingsError
from nba_monitoring_tests.alerts.test_messages import REWRITE, same_as_kept
from nba_monitoring_tests.morning import settings_for

SNAPSHOT = Path(__file__).parent / "snapshots" / "definitions.txt"
PROJECT = Path(__file__).parents[2]
BIGQUERY = {"NBA_MONITORING_WAREHOUSE": "bigquery://nba-props?location=us-west2"}
HOW_TO_ALERT = ("SLACK_BOT_TOKEN with SLACK_CHANNEL", "SLACK_WEBHOOK_URL", "BigQuery", "not empty")


def test_the_definitions_are_as_they_were(tmp_path: Path) -> None:
    found = "\n".join(described(definitions(settings_for(tmp_path / "warehouse.duckdb")))) + "\n"
    assert same_as_kept(SNAPSHOT, found), f"changed; if it should have, run with {REWRITE}=1"


def test_the_chain_knows_every_schedule_the_sensor_and_what_runs_each_morning(tmp_path: Path) -> None:
    repository = definitions(settings_for(tmp_path / "warehouse.duckdb")).get_repository_def()
    assert sorted(schedule.name for schedule in repository.schedule_defs) == sorted(SCHEDULES)
    assert [sensor.name for sensor in repository.sensor_defs] == [SENSOR]
    assert {f"{name}_job" for name in EACH_MORNING} == {schedule.job_name for schedule in repository.schedule_defs} - {
        "morning_check"
    }


def described(served: dg.Definitions) -> Iterator[str]:
    """A line for each part, with what others rely on."""
    repository = served.get_repository_def()
    for spec in sorted(served.resolve_all_asset_specs(), key=lambda spec: spec.key):
        deps = ", ".join(sorted(dep.asset_key.to_user_string() for dep in spec.deps))
        yield f"asset {spec.key.to_user_string()}: group {spec.group_name}, kinds {', '.join(sorted(spec.kinds))}"
        yield f"  from {deps or 'outside'}; owners {', '.join(spec.owners) or 'others'}"
        yield f"  {', '.join(f'{name} {value}' for name, value in sorted(spec.tags.items()) if 'kind' not in name)}"
        yield f"  {', '.join(f'{name} {shown_in(spec, name)}' for name in ('table', 'docs') if name in spec.metadata)}"
        yield f"  {partitions(spec.partitions_def)}"
        yield f"  {spec.description}"
    graph = repository.asset_graph
    for key in sorted(graph.asset_check_keys, key=lambda key: key.name):
        check = graph.get_check_spec(key)
        yield f"check {key.name} of {key.asset_key.to_user_string()}: {partitions(check.partitions_def)}"
        yield f"  {'blocking' if check.blocking else 'not blocking'}; {check.description}"
    job = repository.get_job("morning_check")
    selected = ", ".join(sorted(key.to_user_string() for key in job.asset_layer.executable_asset_keys))
    yield f"job {job.name}: {selected}; executor {job.executor_def.name}; {job.backfill_policy}"
    for schedule in sorted(repository.schedule_defs, key=lambda schedule: schedule.name):
        cron = schedule.cron_schedule
        when = cron if isinstance(cron, str) else " and ".join(cron)
        yield f"schedule {schedule.name}: {schedule.job_name} at {when} {schedule.execution_timezone}"
        yield f"  {schedule.default_status.value}; {schedule.description}"
    for sensor in repository.sensor_defs:
        yield f"sensor {sensor.name}: every {sensor.minimum_interval_seconds} s, {sensor.default_status.value}"
        yield f"  {sensor.description}"
    yield f"resources {', '.join(sorted(served.resources or {}))}"


def shown_in(spec: dg.AssetSpec, name: str) -> str:
    return str(spec.metadata[name].value).partition(" in ")[0]


def test_each_part_says_what_it_is_for(tmp_path: Path) -> None:
    served = definitions(settings_for(tmp_path / "warehouse.duckdb"))
    repository = served.get_repository_def()
    graph = repository.asset_graph
    described = {
        **{job.name: job.description for job in repository.get_all_jobs() if not job.name.startswith("__")},
        **{schedule.name: schedule.description for schedule in repository.schedule_defs},
        **{sensor.name: sensor.description for sensor in repository.sensor_defs},
        **{key.name: graph.get_check_spec(key).description for key in graph.asset_check_keys},
    }
    assert [name for name, description in described.items() if len(description or "") < 40] == []
    specs = list(served.resolve_all_asset_specs())
    assert [spec.key for spec in specs if not (spec.description and spec.kinds and spec.owners and spec.tags)] == []
    assert [spec.key for spec in specs if not {"runbook", "docs"} <= spec.metadata.keys()] == []
    assert [page for page in {shown_in(spec, "docs") for spec in specs} if not (PROJECT / page).is_file()] == []


@pytest.mark.parametrize(
    ("owner", "shown"),
    [("U024BE7LH", "team:U024BE7LH"), ("Ann Lee", "team:Ann Lee"), ("ann@example.com", "ann@example.com")],
)
def test_the_owner_of_a_stage_is_the_owner_of_its_asset(owner: str, shown: str, tmp_path: Path) -> None:
    file = tmp_path / "stages.yaml"
    file.write_text(f"extend: default\nstages: {{phase4: {{owner: {owner}}}}}")
    specs = definitions(Settings.model_validate({"NBA_MONITORING_STAGES": file})).resolve_all_asset_specs()
    owners = {spec.key.path[-1]: list(spec.owners) for spec in specs}
    assert (owners["phase4_coverage"], owners["predictions_coverage"]) == ([shown], ["team:data-platform"])


def test_the_page_of_an_asset_leads_to_its_table_in_bigquery_and_to_the_runbook() -> None:
    runbook = {"NBA_MONITORING_RUNBOOK_URL": "https://wiki.example.com/{stage}"}
    webhook = {"SLACK_WEBHOOK_URL": "https://hooks.slack.com/services/T0/B0/x"}
    specs = definitions(Settings.model_validate({**BIGQUERY, **webhook, **runbook})).resolve_all_asset_specs()
    (phase4,) = [spec for spec in specs if spec.key == dg.AssetKey("phase4_coverage")]
    assert phase4.kinds == {"python", "bigquery"}
    assert phase4.tags.items() >= {("role", "coverage"), ("stage", "phase4"), ("due", "before_tip")}
    assert phase4.metadata["runbook"] == dg.MetadataValue.url("https://wiki.example.com/phase4")
    console = "https://console.cloud.google.com/bigquery?project=nba-props&ws=!1m5!1m4!4m3!1snba-props"
    assert phase4.metadata["table"].value == f"{console}!2snba_precompute!3splayer_composite_factors"
    assert phase4.metadata["written_to"].value == f"{console}!2snba_monitoring!3sphase4_coverage"
    assert "fatigue" in (phase4.description or "")


def partitions(found: dg.PartitionsDefinition[str] | None) -> str:
    return "no partitions" if found is None else str(found)


@pytest.mark.parametrize(
    "slack",
    [
        {},
        {"SLACK_WEBHOOK_URL": ""},
        {"SLACK_WEBHOOK_URL": "  "},
        {"SLACK_BOT_TOKEN": "", "SLACK_CHANNEL": "#nba-alerts"},
        {"SLACK_CHANNEL": "#nba-alerts"},
    ],
    ids=str,
)
def test_a_bigquery_warehouse_without_an_alert_channel_is_not_served(slack: dict[str, str]) -> None:
    with pytest.raises(SettingsError) as refused:
        definitions(Settings.model_validate({**BIGQUERY, **slack}))
    assert all(part in str(refused.value) for part in HOW_TO_ALERT)


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {**BIGQUERY, "SLACK_WEBHOOK_URL": "https://hooks.slack.com/services/T0/B0/x"},
        {**BIGQUERY, "SLACK_BOT_TOKEN": "xoxb-1", "SLACK_CHANNEL": "#nba-alerts"},
    ],
    ids=["embedded", "webhook", "token"],
)
def test_it_is_served_with_the_embedded_warehouse_or_an_alert_channel(settings: dict[str, str]) -> None:
    served = definitions(Settings.model_validate(settings))
    assert served.get_repository_def().get_job("morning_check")


@pytest.mark.slow
def test_with_a_file_as_warehouse_loading_costs_neither_googles_client_nor_pandas() -> None:
    script = "import sys; from nba_monitoring.definitions import defs; print(len(defs().assets), *sys.modules)"
    assets, *modules = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", script],
        env=environment({"NBA_MONITORING_WAREHOUSE": "duckdb:///warehouse.duckdb"}),
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    assert int(assets) > 0
    assert not {"google.cloud.bigquery", "google.api_core", "dagster_gcp", "pandas"} & set(modules)


@pytest.mark.slow
def test_dagsters_own_validation_passes(tmp_path: Path) -> None:
    result = validate({"DAGSTER_HOME": str(tmp_path)})
    assert result.returncode == 0, result.stdout
    assert "Validation successful for code location nba_monitoring.definitions" in result.stdout
    assert SAMPLE_DATA in result.stdout


@pytest.mark.slow
def test_dagsters_own_validation_names_the_setting_that_is_wrong(tmp_path: Path) -> None:
    result = validate({"DAGSTER_HOME": str(tmp_path), **BIGQUERY})
    assert result.returncode != 0
    (error,) = [line for line in result.stdout.splitlines() if "SettingsError: " in line]
    assert all(part in error for part in HOW_TO_ALERT)


def validate(settings: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [Path(sys.executable).with_name("dagster"), "definitions", "validate"],
        cwd=PROJECT,
        env=environment(settings),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


def environment(settings: dict[str, str]) -> dict[str, str]:
    others = {name: value for name, value in os.environ.items() if not name.startswith(("NBA_", "SLACK_", "BIGQUERY_"))}
    return {**others, **settings}
