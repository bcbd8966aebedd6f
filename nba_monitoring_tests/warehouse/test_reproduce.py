"""The query that a person pastes: both engines take it, and it shows what the check counted."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import duckdb
import pytest

from nba_monitoring.core.eastern import morning_of
from nba_monitoring.core.stages import Stage
from nba_monitoring.monitor import Monitor
from nba_monitoring.sample import write_sample
from nba_monitoring.sample.platform_tables import ALL_TABLES
from nba_monitoring.stages_file import load_stages
from nba_monitoring.warehouse import open_warehouse
from nba_monitoring.warehouse.reproduce import reproducing_sql
from nba_monitoring_tests.days import DAY
from nba_monitoring_tests.morning import settings_for
from nba_monitoring_tests.warehouse.google_analyzer import GoogleAnalyzer

STAGES = load_stages()
# The values of the day before were copied forward.
COPIED = date(2026, 2, 5)


def rules_of(stage: Stage) -> list[str]:
    return [rule.rule for rule in stage.rules]


@pytest.mark.thorough
@pytest.mark.xdist_group("google_analyzer")
@pytest.mark.parametrize("stage", STAGES, ids=[stage.name for stage in STAGES])
def test_google_takes_the_query_of_every_stage_with_all_its_rules(stage: Stage) -> None:
    GoogleAnalyzer(ALL_TABLES).analyze(reproducing_sql(stage, DAY, rules_of(stage)), {})


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sample") / "sample.duckdb"
    write_sample(path, morning_of(COPIED))
    return path


def counted(path: Path, stage: Stage, day: date) -> Mapping[object, tuple[object, ...]]:
    """What the query shows of a date, by game or team."""
    with duckdb.connect(path, read_only=True) as connection:
        rows = connection.execute(reproducing_sql(stage, day, rules_of(stage))).fetchall()
    width = 1 if stage.grouping is None else 2
    return {row[width - 1] if width == 2 else None: row[width:] for row in rows if row[0] == day}


@pytest.mark.slow
def test_it_shows_the_rows_and_the_usable_keys_that_the_check_counted(sample: Path) -> None:
    settings = settings_for(sample)
    with open_warehouse(settings.warehouse) as warehouse:
        monitor = Monitor(warehouse, settings, DAY, DAY, morning_of(COPIED))
        coverages = {name: by_day[DAY] for name, by_day in monitor.coverages.items()}
    for stage in STAGES:
        shown = counted(sample, stage, DAY)
        assert sum(row[0] for row in shown.values()) == coverages[stage.name].total_rows  # type: ignore[misc]  # counts
        usable = sorted(row[1] for row in shown.values())  # type: ignore[type-var]  # counts
        assert usable == sorted(rows.usable_keys for rows in coverages[stage.name].units.values())


@pytest.mark.slow
def test_it_shows_the_day_before_where_a_rule_compares_with_it(sample: Path) -> None:
    stage = STAGES["team_defense"]
    with duckdb.connect(sample, read_only=True) as connection:
        rows = connection.execute(reproducing_sql(stage, COPIED, ["unchanged"])).fetchall()
    values = {(day, team): measures for day, team, _, _, *measures in rows}
    teams = {team for _, team in values}
    assert len(teams) == 30
    assert {day for day, _ in values} == {date(2026, 2, 4), COPIED}
    assert all(values[COPIED, team] == values[date(2026, 2, 4), team] for team in teams)
    assert all(len(measures) == 3 for measures in values.values())
