"""The job on a BigQuery warehouse: Dagster's own resource, against an emulator."""

from __future__ import annotations

import uuid

import dagster as dg
import pytest

from nba_monitoring.core.record import CheckRecord
from nba_monitoring.settings import Settings
from nba_monitoring.warehouse import open_warehouse
from nba_monitoring_tests.days import DAY
from nba_monitoring_tests.games import ids
from nba_monitoring_tests.morning import FACTORS, NBAC, evaluations, record_on, run_check
from nba_monitoring_tests.platform_tables import create_platform_tables, factor_rows, insert, nbac_row


@pytest.mark.emulator
def test_the_morning_check_on_bigquery(bigquery_emulator: str, quick_instance: dg.DagsterInstance) -> None:
    settings = Settings.model_validate(
        {
            "NBA_MONITORING_WAREHOUSE": f"bigquery://project-{uuid.uuid4().hex[:12]}?location=us-west2",
            "BIGQUERY_EMULATOR_HOST": bigquery_emulator,
            "NBA_MONITORING_SCHEDULE_APIS": "never",
            "SLACK_WEBHOOK_URL": "https://hooks.slack.com/services/T0/B0/x",
        }
    )
    with open_warehouse(settings.warehouse) as warehouse:
        create_platform_tables(warehouse._engine)
        insert(warehouse._engine, NBAC, [nbac_row(DAY, "ORL", "MEM"), nbac_row(DAY, "BKN", "CHI")])
        insert(warehouse._engine, FACTORS, factor_rows(DAY, "20260118_ORL_MEM", 30))
    result = run_check(settings, quick_instance, DAY)
    assert result.success
    evaluation = evaluations(result)[DAY]
    record = CheckRecord.from_values(record_on(evaluation))
    assert (evaluation.passed, ids(record.missing_games)) == (False, ("20260118_BKN_CHI",))
    stages = {found.check_name: found for found in result.get_asset_check_evaluations()}
    # In production a table that is gone is a finding, and costs no other stage its own.
    assert not stages["shot_zones_is_complete"].passed
    assert "player_shot_zone_analysis" in (stages["shot_zones_is_complete"].description or "")
    with open_warehouse(settings.warehouse) as warehouse:
        assert warehouse.history(DAY, DAY).records == (record,)
