"""What the project takes from Dagster's private and preview parts, so that an upgrade that changes them is noticed."""

from __future__ import annotations

from datetime import timedelta

import dagster as dg
import pytest

from nba_monitoring.orchestration.checks import CHECK_KEY, record_of
from nba_monitoring.orchestration.internals import keep_value, kept_value, latest_evaluation, latest_materializations
from nba_monitoring_tests.days import DAY
from nba_monitoring_tests.morning import Platform, evaluations, run_check

DATES = [DAY + timedelta(days=step) for step in (-1, 0, 1)]
KEYS = [day.isoformat() for day in DATES]
WHAT_TO_DO = (
    "Dagster changed what nba_monitoring/orchestration/internals.py depends on. Stay at the pinned version, or read "
    "Dagster's changelog on partitioned asset checks: once an AssetCheckResult can name its partition, return that and "
    "delete the module; if AssetCheckEvaluation took another shape, change it there and in checks.py beside it."
)


@pytest.mark.slow
def test_each_date_of_a_range_run_has_its_own_evaluation_and_the_latest_one_counts(
    platform: Platform, instance: dg.DagsterInstance
) -> None:
    assert latest_evaluation(instance, CHECK_KEY, str(DAY)) is None
    assert latest_materializations(instance, CHECK_KEY.asset_key, KEYS) == {}
    assert list(evaluations(run_check(platform.settings, instance, DATES[0], DATES[-1]))) == DATES, WHAT_TO_DO
    again = run_check(platform.settings, instance, DAY)
    # The web interface colors each date of the check by this.
    infos = instance.event_log_storage.get_asset_check_partition_info([CHECK_KEY], partition_keys=KEYS)
    assert sorted(str(info.partition_key) for info in infos) == KEYS, WHAT_TO_DO
    assert all(info.is_current for info in infos), WHAT_TO_DO
    newest = latest_materializations(instance, CHECK_KEY.asset_key, KEYS)
    assert newest.keys() == set(KEYS), WHAT_TO_DO
    evaluation = latest_evaluation(instance, CHECK_KEY, str(DAY))
    assert evaluation is not None, WHAT_TO_DO
    assert evaluation.target_materialization_data == newest[str(DAY)], WHAT_TO_DO
    record = record_of(evaluation)
    assert record is not None, WHAT_TO_DO
    assert (record.check_date, record.run_id) == (DAY, again.run_id), WHAT_TO_DO


def test_a_value_is_kept_at_once_and_beside_others(instance: dg.DagsterInstance) -> None:
    assert kept_value(instance, "one") is None, WHAT_TO_DO
    for key, value in (("one", "1"), ("two", "2"), ("one", "3")):
        keep_value(instance, key, value)
    assert (kept_value(instance, "one"), kept_value(instance, "two")) == ("3", "2"), WHAT_TO_DO
