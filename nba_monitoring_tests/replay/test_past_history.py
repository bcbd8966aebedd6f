"""The sample's past: recorded as if the monitor had watched it, with incidents that were told and acknowledged."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from nba_monitoring.core.incidents import EndedAs
from nba_monitoring.replay.past_history import ensure_past_history
from nba_monitoring.sample import opener_before, write_sample
from nba_monitoring.settings import DuckDBWarehouse, Settings
from nba_monitoring.warehouse import Warehouse, open_warehouse

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("past history")]

NOW = datetime(2026, 11, 30, 17, tzinfo=UTC)  # noon Eastern
TODAY = date(2026, 11, 30)
SEASON = (opener_before(TODAY), TODAY)


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    path: Path = tmp_path_factory.mktemp("past") / "sample.duckdb"
    # Half an hour ago, so that the late stage has not arrived.
    write_sample(path, NOW - timedelta(minutes=30))
    with open_warehouse(DuckDBWarehouse(path=path)) as opened:
        ensure_past_history(opened, Settings.load(), NOW)
        yield opened


def test_every_date_from_the_opener_to_today_was_checked_on_schedule(warehouse: Warehouse) -> None:
    records = warehouse.history(*SEASON).records
    days = {record.check_date for record in records}
    assert days == {SEASON[0] + timedelta(days=n) for n in range((TODAY - SEASON[0]).days + 1)}
    assert max(record.check_time for record in records) <= NOW
    assert {str(record.trigger) for record in records} == {"scheduled", "recheck"}
    assert len({record.check_id for record in records}) == len(records)


def test_incidents_were_told_acknowledged_and_recovered(warehouse: Warehouse) -> None:
    incidents = warehouse.incidents(*SEASON).records
    assert len({incident.stage for incident in incidents}) >= 4
    assert all(incident.told_at for incident in incidents)
    recovered = [incident for incident in incidents if incident.ended_as is EndedAs.RECOVERED]
    assert any(incident.acknowledged_by for incident in recovered)
    assert any(incident.acknowledged_by is None for incident in recovered)
    for incident in incidents:
        if incident.acknowledged_at is not None:
            assert incident.told_at is not None
            assert incident.told_at < incident.acknowledged_at < (incident.ended_at or NOW)


def test_the_one_of_today_is_open(warehouse: Warehouse) -> None:
    (opened,) = warehouse.incidents(*SEASON, open_only=True).records
    assert (opened.check_date, opened.stage) == (TODAY, "phase4")


def test_every_incident_has_its_alerts_in_the_ledger(warehouse: Warehouse) -> None:
    sent = warehouse.notifications(*SEASON).records
    reasons = {message.incident_id: set[str]() for message in sent}
    for message in sent:
        assert message.incident_id is not None
        reasons[message.incident_id].add(message.reason)
        assert message.text
    assert {incident.incident_id for incident in warehouse.incidents(*SEASON).records} == set(reasons)
    assert all("first finding" in found for found in reasons.values())


def test_a_sample_that_was_watched_keeps_its_history(warehouse: Warehouse) -> None:
    before = warehouse.history(*SEASON).records
    ensure_past_history(warehouse, Settings.load(), NOW + timedelta(hours=1))
    assert warehouse.history(*SEASON).records == before
