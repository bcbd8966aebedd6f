"""The metrics: read by Prometheus' own parsers, about today, and replaced whole."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine

from nba_monitoring.warehouse import open_warehouse
from nba_monitoring_tests.cli.conftest import Command
from nba_monitoring_tests.cli.stages import make_stage_tables
from nba_monitoring_tests.cli.test_incidents import FOUND
from nba_monitoring_tests.days import DAY
from nba_monitoring_tests.morning import FACTORS, NBAC, Platform
from nba_monitoring_tests.platform_tables import factor_rows, nbac_row

openmetrics = pytest.importorskip("prometheus_client.openmetrics.parser")
prometheus = pytest.importorskip("prometheus_client.parser")

pytestmark = pytest.mark.slow

NOON = datetime(2026, 1, 18, 17, tzinfo=UTC)


@pytest.fixture
def checked(platform: Platform, command: Command) -> Platform:
    """A game with Phase 4 and one without it, checked at noon Eastern; no results of the day before."""
    platform.play_around(DAY)
    platform.add(NBAC, [nbac_row(DAY, "ORL", "MEM"), nbac_row(DAY, "BKN", "CHI")])
    platform.add(FACTORS, factor_rows(DAY, "20260118_ORL_MEM", 20, processed_at=datetime(2026, 1, 18, 11, tzinfo=UTC)))
    make_stage_tables(platform)
    with open_warehouse(platform.settings.warehouse) as warehouse:
        warehouse.put_incidents([FOUND])
    with time_machine.travel(NOON, tick=False):
        command("check", "--from", "yesterday", "--to", "today")
    return platform


def values(text: str) -> dict[str, dict[tuple[str, ...], float]]:
    """Values by family and by the values of their labels."""
    found: dict[str, dict[tuple[str, ...], float]] = {}
    for family in openmetrics.text_string_to_metric_families(text):
        assert family.type == "gauge"
        found[family.name] = {tuple(sample.labels.values()): sample.value for sample in family.samples}
    return found


def test_each_stage_has_its_status_and_counts(checked: Platform, command: Command) -> None:
    with time_machine.travel(NOON + timedelta(minutes=5)):
        done = command("metrics")
    assert (done.status, done.err) == (0, "")
    found = values(done.out)
    statuses = found["nba_monitoring_stage_status"]
    assert {status for (stage, status), value in statuses.items() if stage == "phase4" and value} == {"MISSING_DATA"}
    assert (found["nba_monitoring_stage_ready"]["phase4",], found["nba_monitoring_stage_expected"]["phase4",]) == (1, 2)
    assert found["nba_monitoring_stage_passes"]["phase4",] == 0
    assert found["nba_monitoring_stage_first_broken"]["player_context",] == 1
    # Yesterday's results were due this morning; tonight's are not due yet.
    assert statuses["player_summary", "MISSING_DATA"] == 1
    assert set(found["nba_monitoring_stage_checked_timestamp_seconds"].values()) == {NOON.timestamp()}
    assert found["nba_monitoring_games_expected"] == {(): 2}
    assert found["nba_monitoring_incidents_open"] == found["nba_monitoring_incidents_unacknowledged"] == {(): 1}


def test_prometheus_older_format_reads_the_same(checked: Platform, command: Command, monkeypatch: Any) -> None:
    monkeypatch.setenv("NBA_MONITORING_ENVIRONMENT", 'the "new" one')
    with time_machine.travel(NOON):
        text = command("metrics").out
    families = list(prometheus.text_string_to_metric_families(text))
    assert {family.name for family in families} == set(values(text))
    assert {sample.labels["environment"] for family in families for sample in family.samples} == {'the "new" one'}


def test_no_label_is_a_date(checked: Platform, command: Command) -> None:
    with time_machine.travel(NOON):
        assert "2026-01" not in command("metrics").out


def test_a_file_is_replaced_whole_and_kept_if_the_history_can_t_be_read(
    checked: Platform, command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "nba.prom"
    with time_machine.travel(NOON):
        assert command("metrics", "--out", path).out == ""
        written = path.read_text()
        assert written == command("metrics").out
        monkeypatch.setenv("NBA_MONITORING_WAREHOUSE", f"duckdb://{tmp_path}/gone.duckdb")
        assert command("metrics", "--out", path).status == 2
    assert path.read_text() == written
    assert [file.name for file in tmp_path.glob("*nba.prom*")] == ["nba.prom"]


def test_a_folder_that_does_not_exist_is_named(checked: Platform, command: Command, tmp_path: Path) -> None:
    done = command("metrics", "--out", tmp_path / "gone" / "nba.prom")
    assert done.status == 2
    assert "choose a file in an existing folder" in done.err
