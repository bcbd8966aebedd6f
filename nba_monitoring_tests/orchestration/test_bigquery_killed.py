"""A BigQuery that is killed while a query is under way, and is back some seconds later with the same data."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from threading import Thread, Timer

import pytest
import time_machine

from nba_monitoring.core.status import Status
from nba_monitoring_tests.days import at
from nba_monitoring_tests.loopback import Answer, Request
from nba_monitoring_tests.morning import FACTORS
from nba_monitoring_tests.orchestration.sensor import Sensor
from nba_monitoring_tests.orchestration.slack import Slack
from nba_monitoring_tests.orchestration.test_bigquery_faults import (
    THE_VERDICT,
    assert_nothing_is_doubled,
    look,
    one_game_at,
    phase4_alone,
    verdicts,
)
from nba_monitoring_tests.warehouse.bigquery_emulator import Emulator
from nba_monitoring_tests.warehouse.faulty_bigquery import GONE, FaultyBigQuery, sql_of

pytestmark = [pytest.mark.emulator, pytest.mark.slow]

__all__ = ["phase4_alone"]

SECONDS_AWAY = 2.0


@pytest.fixture
def emulator(tmp_path: Path) -> Iterator[Emulator]:
    made = Emulator(tmp_path, keeps_data=True)
    yield made
    made.kill()


@pytest.fixture
def bigquery(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> Iterator[FaultyBigQuery]:
    with one_game_at(emulator.url, monkeypatch) as found:
        yield found


@pytest.mark.usefixtures("phase4_alone")
@pytest.mark.parametrize("statement", [f"FROM {FACTORS}", THE_VERDICT], ids=["reading", "keeping the verdict"])
def test_a_bigquery_killed_in_a_query_and_back_some_seconds_later_costs_no_verdict_and_no_message(
    emulator: Emulator, bigquery: FaultyBigQuery, watching: Sensor, webhook: Slack, statement: str
) -> None:
    with ExitStack() as ending:

        def fault(request: Request) -> Answer | None:
            if statement not in sql_of(request):
                return None
            bigquery.is_well()
            under_way = Thread(target=bigquery.passed_on, args=[request], daemon=True)
            under_way.start()
            under_way.join(0.005)
            emulator.kill()
            back = Timer(SECONDS_AWAY, emulator.start)
            back.start()
            ending.callback(back.join)
            return GONE

        bigquery.fault = fault
        assert look(watching, at(8))
    with time_machine.travel(at(8, 5)):
        watching.tick()
    assert [status for _, status in verdicts()] == [Status.MISSING_DATA]
    assert ["Phase 4 missing for " in text for text in webhook.texts] == [True]
    assert_nothing_is_doubled()
