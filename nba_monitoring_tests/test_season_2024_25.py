"""The real season 2024-25, judged as a whole: the league's schedule against the rows that Phase 4 really held."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import duckdb
import pytest

from nba_monitoring.core.verdict import Status, Verdict
from nba_monitoring.monitor import Monitor
from nba_monitoring.settings import Settings
from nba_monitoring.warehouse import DuckDBEngine, Warehouse
from nba_monitoring_tests.evidence import DATES_WITH_GAMES, EXPECTED_GAMES, FIRST_DATE, LAST_DATE, fill_from_evidence

AFTER_THE_SEASON = datetime(2025, 7, 1, 15, tzinfo=UTC)
BOOTSTRAP_DATES = {FIRST_DATE + timedelta(days=n) for n in range(14)}
THIN_DATES = {date(2025, 2, 20), date(2025, 2, 21)}


@pytest.fixture(scope="module")
def verdicts() -> Iterator[list[Verdict]]:
    with duckdb.connect() as connection:
        fill_from_evidence(connection)
        monitor = Monitor(
            Warehouse(DuckDBEngine(connection)), Settings.load(), FIRST_DATE, LAST_DATE, now=AFTER_THE_SEASON
        )
        yield [monitor.verdict(day) for day in monitor.dates]


def test_exactly_the_games_of_the_season_are_expected(verdicts):
    with_games = [verdict for verdict in verdicts if verdict.games]
    assert len(with_games) == DATES_WITH_GAMES
    assert sum(len(verdict.games) for verdict in with_games) == EXPECTED_GAMES


def test_every_date_is_judged_as_it_was(verdicts):
    statuses = {verdict.date: verdict.status for verdict in verdicts}
    with_games = {verdict.date for verdict in verdicts if verdict.games}
    assert {day for day, status in statuses.items() if status is Status.BOOTSTRAP} == BOOTSTRAP_DATES
    assert {day for day, status in statuses.items() if status is Status.PARTIAL_DATA} == THIN_DATES
    assert {day for day, status in statuses.items() if status is Status.NO_GAMES} == statuses.keys() - with_games
    assert {day for day, status in statuses.items() if status is Status.AVAILABLE} == (
        with_games - BOOTSTRAP_DATES - THIN_DATES
    )


def test_every_day_off_rests_on_evidence(verdicts):
    assert all(verdict.slate.off_day_proof for verdict in verdicts if verdict.status is Status.NO_GAMES)


def test_the_cup_final_and_the_all_star_games_are_excluded_with_their_reason(verdicts):
    reasons = {str(entry.reason) for verdict in verdicts for entry in verdict.slate.excluded}
    assert reasons == {"Cup final", "All-Star"}
