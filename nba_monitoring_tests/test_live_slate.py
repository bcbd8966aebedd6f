"""The schedule services as sources beside the tables: over real HTTP, through the whole engine."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from nba_monitoring.core.eastern import PACIFIC
from nba_monitoring.core.record import CheckRecord
from nba_monitoring.core.stage_record import Trigger
from nba_monitoring.core.status import Status
from nba_monitoring.monitor import Monitor
from nba_monitoring.warehouse import open_warehouse
from nba_monitoring_tests.days import DAY
from nba_monitoring_tests.games import game_of, ids
from nba_monitoring_tests.loopback import Answer, LoopbackServer
from nba_monitoring_tests.morning import (
    ESPN,
    FACTORS,
    NBAC,
    Platform,
    run_check,
)
from nba_monitoring_tests.platform_tables import espn_row, factor_rows, nbac_row
from nba_monitoring_tests.schedule_apis.payloads import bdl_game, bdl_page, espn_board, espn_calendar, espn_event

pytestmark = pytest.mark.usefixtures("held_open")

MORNING = datetime.combine(DAY, time(8), PACIFIC).astimezone(UTC)
ESPN_PATH = "/apis/site/v2/sports/basketball/nba/scoreboard"
BDL_PATH = "/v1/games"
GAME = "20260118_ORL_MEM"


class Morning:
    """A platform, and the services on the loopback."""

    def __init__(self, platform: Platform, services: LoopbackServer) -> None:
        self.platform = platform
        self.services = services

    def settings(self, **others: str) -> Any:
        addresses = {"NBA_MONITORING_ESPN_URL": self.services.url, "NBA_MONITORING_BDL_URL": self.services.url}
        return self.platform.settings_with(**{"NBA_MONITORING_SCHEDULE_APIS": "live", **addresses, **others})

    def check(self, day: date = DAY, now: datetime = MORNING, is_clock_real: bool = True, **others: str) -> CheckRecord:
        settings = self.settings(**others)
        with open_warehouse(settings.warehouse) as warehouse:
            monitor = Monitor(warehouse, settings, day, day, now, is_clock_real=is_clock_real)
            return monitor.record(f"run at {now}", Trigger.MANUAL)[0]


@pytest.fixture
def morning(tmp_path: Path) -> Iterator[Morning]:
    with LoopbackServer() as services:
        platform = Platform(tmp_path / "warehouse.duckdb")
        platform.play_around(DAY)
        services.answer(ESPN_PATH, Answer.json(espn_board(espn_event())))
        yield Morning(platform, services)


def list_games(morning: Morning) -> None:
    morning.platform.add(NBAC, [nbac_row(DAY, *teams, tip=time(12)) for teams in (("ORL", "MEM"), ("BKN", "CHI"))])


def test_a_game_that_only_espn_knows_is_expected(morning: Morning) -> None:
    record = morning.check()
    assert ids(record.missing_games) == (GAME,)
    assert record.detail.games[game_of(GAME)].witnesses == ("ESPN API",)
    assert record.detail.sources["nba_raw.nbac_schedule"].freshness == "stale"


def test_a_game_has_all_the_sources_that_list_it(morning: Morning) -> None:
    list_games(morning)
    morning.services.answer(ESPN_PATH, Answer.json(espn_board(espn_event(), espn_event(away="BKN", home="CHI"))))
    morning.services.answer(BDL_PATH, Answer.json(bdl_page(bdl_game(), bdl_game(away="BKN", home="CHI"))))
    record = morning.check(BALLDONTLIE_API_KEY="key")
    assert record.detail.games[game_of(GAME)].witnesses == ("ESPN API", "balldontlie API", "nba_raw.nbac_schedule")


def test_a_postponement_after_the_first_check_changes_the_verdict_at_the_next(morning: Morning) -> None:
    list_games(morning)
    morning.platform.add(FACTORS, factor_rows(DAY, "20260118_BKN_CHI", 30))
    both = [espn_event(), espn_event(away="BKN", home="CHI")]
    morning.services.answer(ESPN_PATH, Answer.json(espn_board(*both)))
    assert ids(morning.check().missing_games) == (GAME,)
    both[0] = espn_event(status="STATUS_POSTPONED")
    morning.services.answer(ESPN_PATH, Answer.json(espn_board(*both)))
    record = morning.check(now=MORNING + timedelta(minutes=30))
    assert record.status is Status.AVAILABLE
    assert ids(record.excluded_games) == (GAME,)
    assert record.detail.excluded[game_of(GAME)].reason == "postponed"
    assert any("ORL@MEM" in line for line in record.detail.disagreements)


def test_espns_calendar_proves_a_day_off_if_no_schedule_is_loaded(tmp_path: Path, morning: Morning) -> None:
    bare = Morning(Platform(tmp_path / "bare.duckdb"), morning.services)
    calendar = espn_calendar("2026-01-17T08:00Z", "2026-01-19T08:00Z")
    morning.services.answer(ESPN_PATH, Answer.json(espn_board(league=calendar)))
    record = bare.check()
    assert record.status is Status.NO_GAMES
    assert (record.detail.off_day_proof or "").startswith("ESPN API")


def test_an_empty_answer_without_a_calendar_proves_nothing(tmp_path: Path, morning: Morning) -> None:
    bare = Morning(Platform(tmp_path / "bare.duckdb"), morning.services)
    morning.services.answer(ESPN_PATH, Answer.json(espn_board()))
    assert bare.check().status is Status.UNKNOWN_SCHEDULE


FAULTS = {
    "429": Answer(status=429, headers={"Retry-After": "0"}),
    "500": Answer(status=500),
    "HTML": Answer(b"<html>Sign in</html>", headers={"Content-Type": "text/html"}),
    "truncated": Answer(b'{"leagues": [], "events": [{"date": "2026-', truncate_at=20),
    "another shape": Answer.json({"events": "none"}),
    "10 MB of junk": Answer(b"x" * 10_000_000),
    "hangs up": Answer(drop=True),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_the_verdict_uses_the_other_sources_and_names_what_failed(morning: Morning, fault: str) -> None:
    list_games(morning)
    morning.services.answer(ESPN_PATH, FAULTS[fault])
    record = morning.check()
    assert (record.status, record.scheduled_games) == (Status.MISSING_DATA, 2)
    espn = record.detail.sources["ESPN API"]
    assert espn.freshness == "failed"
    assert espn.reason


def test_an_unknown_team_and_a_new_status_are_reported(morning: Morning) -> None:
    list_games(morning)
    odd = [espn_event(away="XXX", home="MEM"), espn_event(away="BKN", home="CHI", status="STATUS_ON_THE_MOON")]
    morning.services.answer(ESPN_PATH, Answer.json(espn_board(*odd)))
    record = morning.check()
    assert record.scheduled_games == 2
    problems = " ".join(record.detail.problems)
    assert "XXX" in problems
    assert "STATUS_ON_THE_MOON" in problems


@pytest.mark.parametrize(
    ("day", "asked"),
    [(DAY, True), (DAY - timedelta(days=1), True), (DAY + timedelta(days=1), True), (DAY - timedelta(days=2), False)],
)
def test_only_dates_around_today_are_asked_for(morning: Morning, day: date, asked: bool) -> None:
    morning.check(day)
    assert [request.query["dates"] for request in morning.services.requests] == [[f"{day:%Y%m%d}"]] * asked


def test_services_are_queried_for_an_old_date_if_always_is_set(morning: Morning) -> None:
    morning.check(now=MORNING + timedelta(days=300), NBA_MONITORING_SCHEDULE_APIS="always")
    assert len(morning.services.requests) == 1


def test_a_moved_clock_asks_nobody_since_the_services_know_only_the_real_now(morning: Morning) -> None:
    morning.check(is_clock_real=False)
    assert morning.services.requests == []


@pytest.mark.slow
def test_the_check_of_the_sources_passes_if_they_agree_and_warns_if_one_fails(morning: Morning) -> None:
    games = [("ORL", "MEM"), ("BKN", "CHI")]
    list_games(morning)
    morning.platform.add(ESPN, [espn_row(DAY, away, home) for away, home in games])
    events = [espn_event(away=away, home=home) for away, home in games]
    morning.services.answer(ESPN_PATH, Answer.json(espn_board(*events)))
    agreed = sources_agree(morning)
    assert agreed.passed
    morning.services.answer(ESPN_PATH, Answer(status=404))
    failed = sources_agree(morning)
    assert not failed.passed
    assert failed.severity is dg.AssetCheckSeverity.WARN
    assert "ESPN API: failed" in (failed.description or "")


def sources_agree(morning: Morning) -> dg.AssetCheckEvaluation:
    """The evaluation of the second check in a run of the job."""
    with dg.DagsterInstance.ephemeral() as instance:
        result = run_check(morning.settings(NBA_MONITORING_SCHEDULE_APIS="always"), instance, DAY)
    (found,) = (e for e in result.get_asset_check_evaluations() if e.check_name == "schedule_sources_agree")
    assert found.partition == DAY.isoformat()
    return found


@pytest.mark.parametrize("is_all_star_day", [True, False])
def test_sides_nobody_knows_are_all_star_sides_only_where_the_league_has_an_all_star_game(
    morning: Morning, is_all_star_day: bool
) -> None:
    day = date(2026, 2, 15)
    morning.platform.add(NBAC, [nbac_row(day + timedelta(days=step), "UTA", "WAS") for step in (-3, 4)])
    if is_all_star_day:
        morning.platform.add(NBAC, [nbac_row(day, "STR", "STP", game_id="0032500001")])
    event = espn_event("2026-02-15T22:00Z", away="TMX", home="TMY", season_type=2)
    morning.services.answer(ESPN_PATH, Answer.json(espn_board(event)))
    record = morning.check(day, now=MORNING + timedelta(days=28))
    assert record.status is (Status.NO_GAMES if is_all_star_day else Status.MISSING_DATA)
    (problem,) = record.detail.problems
    assert problem == (
        "ESPN API: TMX@TMY of unknown teams in the All-Star break; treated as All-Star"
        if is_all_star_day
        else "ESPN API: unknown team TMX and TMY in TMX@TMY"
    )


@pytest.mark.parametrize("is_behind", [True, False])
def test_a_service_that_answers_with_yesterdays_board_is_named_as_not_knowing_the_date(
    morning: Morning, is_behind: bool
) -> None:
    morning.platform.add(NBAC, [nbac_row(DAY, "ORL", "MEM", tip=time(12))])
    board = espn_board(espn_event("2026-01-18T01:00Z")) if is_behind else espn_board()
    morning.services.answer(ESPN_PATH, Answer.json(board))
    record = morning.check()
    assert ids(record.missing_games) == (GAME,)
    espn = record.detail.sources["ESPN API"]
    if is_behind:
        assert espn.freshness == "stale"
        assert espn.reason == "does not know 2026-01-18: answered with games of 2026-01-17"
        assert record.detail.disagreements == ()
    else:
        assert espn.freshness == "fresh"
        assert record.detail.disagreements == (f"ORL@MEM: listed by {NBAC}; not by ESPN API",)
