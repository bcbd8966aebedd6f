"""What the page of an asset shows whatever the date: kinds, owners, tags, and links to its table, runbook and docs."""

from __future__ import annotations

import re
from urllib.parse import quote

import dagster as dg

from nba_monitoring.core.stages import SCHEDULE, Stage
from nba_monitoring.orchestration.assets import BALLDONTLIE_API, ESPN_API, ESPN_TABLE, LEAGUE_TABLE, coverage_key
from nba_monitoring.orchestration.metadata import Entries, filled, text
from nba_monitoring.settings import BigQueryWarehouse, Settings
from nba_monitoring.warehouse.tables import CHECKS, PHASE4_COVERAGE, SCHEDULED_GAMES, STAGE_COVERAGE

_EMAIL = r"[^@\s]+@[^@\s]+\.[^@\s]+"
OWNERS = ["team:data-platform"]
PLATFORM = "platform"  # the group of the platform's tables

# Of the assets that belong to no stage: what part they play, and the page about them.
_ROLES = {"scheduled_games": "slate", "data_availability_checks": "verdict"}
_ROLES_OF_GROUPS = {PLATFORM: "table", "schedule_apis": "service", "services": "service"}
_DOCS = {
    **dict.fromkeys((ESPN_TABLE, LEAGUE_TABLE, ESPN_API, BALLDONTLIE_API), "docs/schedule.md"),
    dg.AssetKey("scheduled_games"): "docs/schedule.md",
    dg.AssetKey("data_availability_checks"): "docs/alerts.md",
    dg.AssetKey("pipeline_status"): "docs/operator.md",
    dg.AssetKey("season_report"): "docs/report.md",
}
_WRITTEN = {"scheduled_games": SCHEDULED_GAMES.name, "data_availability_checks": CHECKS.name}


def with_page(spec: dg.AssetSpec, settings: Settings) -> dg.AssetSpec:
    """An asset with all that its page shows. Kinds and owners that it has already stay."""
    name, group = spec.key.path[-1], spec.group_name or ""
    stage = next((stage for stage in settings.stages if coverage_key(stage.name) == spec.key), None)
    watched = ".".join(spec.key.path) if group == PLATFORM else stage.table if stage else None
    written = _written_by(stage) if stage else _WRITTEN.get(name)
    addresses = {ESPN_API: settings.espn_url, BALLDONTLIE_API: settings.bdl_url}
    runbook = settings.runbook(stage.name if stage else SCHEDULE if name == "scheduled_games" else None, "")
    role = "coverage" if stage else _ROLES.get(name) or _ROLES_OF_GROUPS.get(group, "report")
    entries: Entries = {
        "table": _table(watched, settings) if watched else None,
        "written_to": _table(written, settings) if written else None,
        "address": dg.MetadataValue.url(addresses[spec.key]) if spec.key in addresses else None,
        "runbook": dg.MetadataValue.url(runbook) if runbook else text("docs/runbooks/README.md"),
        "docs": text("docs/services.md" if group == "services" else _DOCS.get(spec.key, "docs/stages.md")),
        "dagster/table_name": text(watched if group == PLATFORM else written),
    }
    engine = {"bigquery" if isinstance(settings.warehouse, BigQueryWarehouse) else "duckdb"}
    kinds = engine if group == PLATFORM else {"python"} | (engine if written else set())
    return spec.merge_attributes(
        metadata=filled(entries),
        kinds=set() if spec.kinds else kinds,
        owners=() if spec.owners else _owners(stage),
        tags={"role": role, **({"stage": stage.name, "due": stage.due_by.value} if stage else {})},
    )


def _owners(stage: Stage | None) -> list[str]:
    """The stage's own owner as Dagster takes it: an email address, or anything else as a team."""
    if stage is None or stage.owner is None:
        return OWNERS
    return [stage.owner if re.fullmatch(_EMAIL, stage.owner) else f"team:{stage.owner}"]


def _written_by(stage: Stage) -> str:
    return (PHASE4_COVERAGE if stage.is_phase4 else STAGE_COVERAGE).name


def _table(name: str, settings: Settings) -> dg.MetadataValue[str | None]:
    """A table in BigQuery's console; by its name, if it is in a file."""
    target = settings.warehouse
    if not isinstance(target, BigQueryWarehouse):
        return dg.MetadataValue.text(f"{name} in {target.path}")
    project, dataset, table = map(quote, (target.project, *name.split(".")))
    place = f"!1m5!1m4!4m3!1s{project}!2s{dataset}!3s{table}"
    return dg.MetadataValue.url(f"https://console.cloud.google.com/bigquery?project={project}&ws={place}")
