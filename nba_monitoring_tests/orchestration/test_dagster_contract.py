"""What the project takes from Dagster's private and preview parts, so that an upgrade that changes them is noticed."""

from __future__ import annotations

from datetime import date, timedelta

import dagster as dg
import pytest

from nba_monitoring.orchestration.checks import CHECK_KEY, record_of
from nba_monitoring.orchestration.internals import latest_evaluation, latest_materializations
from nba_monitoring_tests.morning import Platform, evaluations, run_check
from nba_monitoring_tests.orchestration.conftest import DAY

DATES = [DAY + timedelta(days=step) for step in (-1, 0, 1)]
KEYS = [day.isoformat() for day in DATES]
WHAT_TO_DO = (
    "Dagster changed what nba_monitoring/orchestration/internals.py rests on. Stay at the pinned version, or read "
    "Dagster's changelog on partitioned asset checks: once an AssetCheckResult can name its partition, return that and "
    "delete the module; if AssetCheckEvaluation took another shape, follow it there and in evaluations.py beside it."
)


@pytest.mark.slow
def test_a_range_run_gives_each_date_its_own_evaluation_current_for_its_partition(
    platform: Platform, instance: dg.DagsterInstance
) -> None:
    found = evaluations(run_check(platform.settings, instance, DATES[0], DATES[-1]))
    assert list(found) == DATES, WHAT_TO_DO
    # The web interface colors each date of the check by this.
    infos = instance.event_log_storage.get_asset_check_partition_info([CHECK_KEY], partition_keys=KEYS)
    assert sorted(str(info.partition_key) for info in infos) == KEYS, WHAT_TO_DO
    assert all(info.is_current for info in infos), WHAT_TO_DO


@pytest.mark.slow
def test_an_evaluation_is_of_the_dates_newest_materialization(platform: Platform, instance: dg.DagsterInstance) -> None:
    run_check(platform.settings, instance, DATES[0], DATES[-1])
    again = run_check(platform.settings, instance, DAY)
    evaluation = evaluations(again)[DAY]
    newest = latest_materializations(instance, CHECK_KEY.asset_key, KEYS)
    assert newest.keys() == set(KEYS), WHAT_TO_DO
    assert evaluation.target_materialization_data == newest[str(DAY)], WHAT_TO_DO
    assert newest[str(DAY)].run_id == again.run_id, WHAT_TO_DO


@pytest.mark.slow
def test_the_newest_evaluation_of_a_date_is_found(platform: Platform, instance: dg.DagsterInstance) -> None:
    assert latest_evaluation(instance, CHECK_KEY, str(DAY)) is None
    run_check(platform.settings, instance, DAY)
    again = run_check(platform.settings, instance, DAY)
    evaluation = latest_evaluation(instance, CHECK_KEY, str(DAY))
    assert evaluation is not None, WHAT_TO_DO
    record = record_of(evaluation)
    assert record is not None, WHAT_TO_DO
    assert (record.check_date, record.run_id) == (DAY, again.run_id), WHAT_TO_DO


@pytest.mark.slow
def test_a_date_that_was_never_materialized_has_none(instance: dg.DagsterInstance) -> None:
    assert latest_materializations(instance, CHECK_KEY.asset_key, [str(date(2025, 1, 1))]) == {}
