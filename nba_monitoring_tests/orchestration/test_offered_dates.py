"""Which game dates the web interface offers: those that the warehouse's schedule can judge."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
import time_machine

from nba_monitoring.definitions import definitions
from nba_monitoring.settings import Settings
from nba_monitoring_tests.days import at
from nba_monitoring_tests.morning import NBAC, Platform, settings_for
from nba_monitoring_tests.platform_tables import nbac_row

FIRST_KNOWN = {"2021-10-19"}


def first_dates(settings: Settings) -> set[str]:
    """The first date of each asset and check that has dates, and of the job."""
    served = definitions(settings)
    repository = served.get_repository_def()
    graph = repository.asset_graph
    checks = [graph.get_check_spec(key).partitions_def for key in graph.asset_check_keys]
    assets = [spec.partitions_def for spec in served.resolve_all_asset_specs() if spec.partitions_def]
    job = repository.get_job("morning_check").partitions_def
    return {str(found.get_first_partition_key()) for found in (*checks, *assets, job) if found is not None}


def test_the_sample_offers_its_season(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NBA_MONITORING_WAREHOUSE", "NBA_MONITORING_ENVIRONMENT"):
        monkeypatch.delenv(name)
    assert first_dates(Settings.model_validate({})) == {"2025-10-21"}


@pytest.mark.parametrize(
    ("listed", "offered"),
    [(date(2024, 11, 2), "2024-10-22"), (date(2022, 10, 18), "2022-10-18"), (date(2021, 10, 3), "2021-10-19")],
)
def test_a_file_offers_the_season_in_which_its_schedule_begins(platform: Platform, listed: date, offered: str) -> None:
    platform.add(NBAC, [nbac_row(day, "ORL", "MEM") for day in (listed, date(2026, 1, 20))])
    assert first_dates(platform.settings) == {offered}


def test_before_its_first_season_a_file_offers_yesterday_whose_results_are_checked(tmp_path: Path) -> None:
    new = Platform(tmp_path / "new.duckdb")
    new.add(NBAC, [nbac_row(date(2026, 10, 21), "ORL", "MEM")])
    with time_machine.travel(at(8).replace(month=10, day=10), tick=False):
        assert first_dates(new.settings) == {"2026-10-09"}


def test_a_file_without_a_schedule_or_that_is_not_there_offers_all_known_seasons(
    platform: Platform, tmp_path: Path
) -> None:
    platform.rows(f"DROP TABLE {NBAC}")
    assert first_dates(platform.settings) == FIRST_KNOWN
    assert first_dates(settings_for(tmp_path / "elsewhere.duckdb")) == FIRST_KNOWN


def test_bigquery_is_not_asked_at_load() -> None:
    nowhere = {"NBA_MONITORING_WAREHOUSE": "bigquery://nba-props", "BIGQUERY_EMULATOR_HOST": "http://127.0.0.1:9"}
    webhook = {"SLACK_WEBHOOK_URL": "https://hooks.slack.com/services/T0/B0/x"}
    assert first_dates(Settings.model_validate({**nowhere, **webhook})) == FIRST_KNOWN
