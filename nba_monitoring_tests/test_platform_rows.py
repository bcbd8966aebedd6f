"""The platform's tables filled as its writers fill them, through the whole engine: each trap beside its opposite."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import duckdb
import pytest

from nba_monitoring.core.eastern import PACIFIC
from nba_monitoring.core.record import CheckRecord, Exclusion
from nba_monitoring.core.settled import why_settled
from nba_monitoring.core.slate.health import Freshness
from nba_monitoring.core.stage_record import Trigger
from nba_monitoring.core.status import Severity, Status
from nba_monitoring.monitor import Monitor
from nba_monitoring.warehouse import open_warehouse
from nba_monitoring_tests.games import game_of, ids
from nba_monitoring_tests.loopback import Answer, LoopbackServer
from nba_monitoring_tests.morning import ESPN, FACTORS, NBAC, Platform
from nba_monitoring_tests.platform_tables import Row, espn_row, execute, factor_rows, nbac_row
from nba_monitoring_tests.schedule_apis.payloads import bdl_game, bdl_page, espn_board, espn_calendar, espn_event

ESPN_PATH = "/apis/site/v2/sports/basketball/nba/scoreboard"
pytestmark = pytest.mark.usefixtures("held_open")

BDL_PATH = "/v1/games"
POSTPONEMENTS = "nba_orchestration.game_postponements"


def pacific(day: date, hour: int = 8, minute: int = 0) -> datetime:
    return datetime.combine(day, time(hour, minute), PACIFIC).astimezone(UTC)


class Board:
    """A platform with the league's schedule around a date, and the services if a test has them answer."""

    def __init__(self, folder: Path, services: LoopbackServer) -> None:
        self.platform = Platform(folder / "warehouse.duckdb")
        self.services = services
        self.settings: dict[str, str] = {}

    def league(self, *rows: Row) -> None:
        self.platform.add(NBAC, rows)

    def cover(self, day: date, *matchups: str) -> None:
        for matchup in matchups:
            self.platform.add(FACTORS, factor_rows(day, f"{day:%Y%m%d}_{matchup.replace('@', '_')}", 20))

    def espn(self, *events: dict[str, object], **league: object) -> None:
        self.services.answer(ESPN_PATH, Answer.json(espn_board(*events, league=dict(league) or None)))
        self.settings |= {"NBA_MONITORING_SCHEDULE_APIS": "live", "NBA_MONITORING_ESPN_URL": self.services.url}

    def balldontlie(self, *games: dict[str, object]) -> None:
        self.services.answer(BDL_PATH, Answer.json(bdl_page(*games)))
        self.settings |= {"NBA_MONITORING_BDL_URL": self.services.url, "BALLDONTLIE_API_KEY": "key"}

    def check(self, day: date, now: datetime | None = None) -> CheckRecord:
        settings = self.platform.settings_with(**self.settings)
        moment = now or pacific(day)
        with open_warehouse(settings.warehouse) as warehouse:
            return Monitor(warehouse, settings, day, day, moment).record(f"{moment}", Trigger.MANUAL)[0]


@pytest.fixture
def board(tmp_path: Path) -> Iterator[Board]:
    with LoopbackServer() as services:
        yield Board(tmp_path, services)


def test_sas_at_nyk_of_2026_03_01_tips_off_at_1_pm_and_is_an_error_at_8_am(board: Board) -> None:
    day = date(2026, 3, 1)
    board.league(nbac_row(day, "SAS", "NYK", tip=time(13)))
    record = board.check(day)
    assert record.first_tip_at == datetime(2026, 3, 1, 18, tzinfo=UTC)
    assert (record.status, record.severity) == (Status.MISSING_DATA, Severity.ERROR)


def test_an_evening_game_is_a_warning_at_8_am(board: Board) -> None:
    day = date(2026, 3, 1)
    board.league(nbac_row(day, "SAS", "NYK", tip=time(19, 30)))
    assert board.check(day).severity is Severity.WARN


@pytest.mark.parametrize("from_table", [True, False])
def test_a_game_without_a_set_time_is_checked_all_day_and_another_sources_time_counts(
    board: Board, from_table: bool
) -> None:
    day, tip_at = date(2026, 5, 3), datetime(2026, 5, 3, 23, 30, tzinfo=UTC)
    board.league(nbac_row(day, "TOR", "CLE", game_id="0042500107", tip=None))
    unknown = board.check(day)
    assert unknown.first_tip_at is None
    assert why_settled(unknown, pacific(day, 8, 30)) is None
    if from_table:
        board.platform.add(ESPN, [espn_row(day, "TOR", "CLE", tip_at=tip_at)])
    else:
        board.espn(espn_event("2026-05-03T23:30Z", "TOR", "CLE", season_type=3))
    assert board.check(day, pacific(day, 9)).first_tip_at == tip_at


@pytest.mark.parametrize("hour", [8, 17])
def test_finals_without_a_score_stay_expected(board: Board, hour: int) -> None:
    day = date(2026, 3, 4)
    marked = [
        nbac_row(day, *teams, status=3, tip=time(12)) for teams in (("ORL", "MEM"), ("TOR", "LAL"), ("BKN", "CHI"))
    ]
    board.league(*marked, nbac_row(day, "UTA", "SAC"))
    board.cover(day, "UTA@SAC")
    record = board.check(day, pacific(day, hour))
    assert (record.status, record.scheduled_games, len(record.missing_games)) == (Status.MISSING_DATA, 4, 3)


def test_so_they_do_if_they_are_alone_and_never_recover_by_the_mark(board: Board) -> None:
    day = date(2026, 3, 4)
    board.league(nbac_row(day, "ORL", "MEM", status=3, tip=time(12)), nbac_row(day, "UTA", "SAC"))
    board.cover(day, "UTA@SAC")
    record = board.check(day, pacific(day, 15))
    assert (record.status, ids(record.missing_games)) == (Status.MISSING_DATA, ("20260304_ORL_MEM",))


def test_a_final_without_a_score_and_its_id_on_another_date_is_a_postponement(board: Board) -> None:
    day = date(2026, 1, 24)
    board.league(
        nbac_row(day, "GSW", "MIN", game_id="0022500643", status=3),
        nbac_row(day + timedelta(days=1), "GSW", "MIN", game_id="0022500643"),
        nbac_row(day, "ORL", "MEM"),
    )
    board.cover(day, "ORL@MEM")
    record = board.check(day)
    assert (record.status, ids(record.excluded_games)) == (Status.AVAILABLE, ("20260124_GSW_MIN",))
    assert record.detail.excluded[game_of("20260124_GSW_MIN")].moved_to == day + timedelta(days=1)


@pytest.mark.parametrize("late", [timedelta(hours=1), -timedelta(hours=1)])
def test_no_write_time_decides_which_of_two_dates_stands(board: Board, late: timedelta) -> None:
    first, second = date(2026, 1, 8), date(2026, 1, 29)
    written = pacific(second, 2)
    board.league(
        nbac_row(first, "MIA", "CHI", game_id="0022500529", processed_at=written + late),
        nbac_row(second, "MIA", "CHI", game_id="0022500529", processed_at=written),
    )
    assert ids(board.check(second).missing_games) == ("20260129_MIA_CHI",)
    assert board.check(first, pacific(second)).scheduled_games == 0


def sweep(source: str = "CLE") -> list[Row]:
    """CLE's first round against MIA, 2025-04-20 to 04-28, won 4-0, or with its fourth game won by another."""
    rows = []
    for nth, day in enumerate((20, 23, 26, 28)):
        away, home = ("MIA", "CLE") if nth < 2 else ("CLE", "MIA")
        won = away if (source if nth == 3 else "CLE") == away else home
        score = (110, 100) if won == away else (100, 110)
        rows.append(nbac_row(date(2025, 4, day), away, home, game_id=f"004240010{nth + 1}", status=3, score=score))
    return rows


def test_a_seventh_game_after_a_4_0_is_excluded_and_espn_without_it_is_not_stale(board: Board) -> None:
    day = date(2025, 5, 3)
    board.league(
        *sweep(),
        nbac_row(day, "MIA", "CLE", game_id="0042400107"),
        nbac_row(day, "GSW", "HOU", game_id="0042400156", tip=time(20, 30)),
        nbac_row(day + timedelta(days=1), "IND", "CLE", game_id="0042400201"),
    )
    board.espn(espn_event("2025-05-04T00:30Z", "GSW", "HOU", season_type=3))
    board.cover(day, "GSW@HOU")
    record = board.check(day)
    assert (record.status, record.scheduled_games) == (Status.AVAILABLE, 1)
    assert record.detail.excluded[game_of("20250503_MIA_CLE")].reason == "series over 4-0"
    assert record.detail.sources["ESPN API"].freshness is Freshness.FRESH
    assert record.detail.disagreements == ()


def test_it_is_expected_while_the_series_is_open_even_if_espn_omits_it(board: Board) -> None:
    day = date(2025, 5, 3)
    board.league(*sweep("MIA"), nbac_row(day, "MIA", "CLE", game_id="0042400107"))
    board.espn(espn_event("2025-05-04T00:30Z", "GSW", "HOU", season_type=3))
    record = board.check(day)
    assert set(ids(record.missing_games)) == {"20250503_GSW_HOU", "20250503_MIA_CLE"}
    assert any("MIA@CLE" in line and "not by ESPN API" in line for line in record.detail.disagreements)


def no_teams(day: date, game_id: str) -> Row:
    return nbac_row(day, "", "", game_id=game_id, game_code=f"{day:%Y%m%d}/TBDTBD")


def test_a_play_in_game_without_teams_keeps_a_date_from_being_all_covered(board: Board) -> None:
    day = date(2026, 4, 14)
    board.league(nbac_row(day, "ORL", "MIA", game_id="0052500101"), no_teams(day, "0052500111"))
    board.cover(day, "ORL@MIA")
    record = board.check(day)
    assert (record.status, record.severity) == (Status.PARTIAL_DATA, Severity.ERROR)
    assert any("one listed game has no teams yet" in line for line in record.detail.problems)
    assert why_settled(record, pacific(day, 12)) is None


def test_it_is_all_covered_once_the_teams_are_known_to_another_source(board: Board) -> None:
    day = date(2026, 4, 14)
    board.league(nbac_row(day, "ORL", "MIA", game_id="0052500101"), no_teams(day, "0052500111"))
    board.espn(
        espn_event("2026-04-14T23:30Z", "ORL", "MIA", season_type=5),
        espn_event("2026-04-15T02:00Z", "GS", "SAC", season_type=5),
    )
    board.cover(day, "ORL@MIA", "GSW@SAC")
    assert board.check(day).status is Status.AVAILABLE


def test_play_in_games_without_teams_show_that_the_season_goes_on(board: Board) -> None:
    day = date(2026, 4, 13)
    board.league(
        nbac_row(day - timedelta(days=1), "ORL", "MIA", status=3, score=(100, 90)),
        no_teams(day + timedelta(days=1), "0052500101"),
        no_teams(day + timedelta(days=1), "0052500111"),
    )
    assert board.check(day).status is Status.NO_GAMES
    assert board.check(day + timedelta(days=1), pacific(day)).status is Status.UNKNOWN_SCHEDULE


@pytest.mark.parametrize(
    ("mark", "moved_to"),
    [
        ({"game_status": 4, "game_status_text": "Unknown"}, None),
        ({"game_status": 9, "game_status_text": "Unknown"}, None),
        ({"game_status_text": "Postponed"}, None),
        ({"game_status_text": "Rescheduled to Mar 18"}, date(2026, 3, 18)),
    ],
)
def test_the_platforms_own_marks_of_a_postponement_count(board: Board, mark: Row, moved_to: date | None) -> None:
    day = date(2026, 3, 4)
    board.league(nbac_row(day, "GSW", "MIN") | mark, nbac_row(day, "ORL", "MEM"))
    board.cover(day, "ORL@MEM")
    record = board.check(day)
    assert (record.status, record.scheduled_games) == (Status.AVAILABLE, 1)
    excluded = record.detail.excluded[game_of("20260304_GSW_MIN")]
    assert (excluded.reason, excluded.moved_to) == ("postponed", moved_to)


@pytest.mark.slow
def test_so_does_its_record_of_them(board: Board) -> None:
    day = date(2026, 3, 4)
    board.league(nbac_row(day, "GSW", "MIN", game_id="0022500643", status=3), nbac_row(day, "ORL", "MEM"))
    board.cover(day, "ORL@MEM")
    assert ids(board.check(day).missing_games) == ("20260304_GSW_MIN",)
    with duckdb.connect(board.platform.path) as connection:
        execute(connection, "CREATE SCHEMA nba_orchestration")
        execute(
            connection,
            f"CREATE TABLE {POSTPONEMENTS} AS SELECT '0022500643' AS game_id, DATE '2026-03-04' AS original_date, "
            "DATE '2026-03-18' AS new_date, 'weather' AS reason",
        )
    record = board.check(day, pacific(day, 9))
    assert record.status is Status.AVAILABLE
    assert record.detail.excluded[game_of("20260304_GSW_MIN")] == Exclusion(
        reason="postponed", moved_to=date(2026, 3, 18), witnesses=(POSTPONEMENTS,)
    )
    # On its new date it is played, once the schedule lists it there.
    board.league(nbac_row(date(2026, 3, 18), "GSW", "MIN", game_id="0022500643"))
    assert ids(board.check(date(2026, 3, 18)).missing_games) == ("20260318_GSW_MIN",)


@pytest.mark.slow
def test_one_event_of_espns_that_can_t_be_read_costs_itself(board: Board) -> None:
    day = date(2026, 1, 18)
    board.platform.play_around(day)
    board.espn(espn_event(), {"id": "401810500", "shortName": "BKN @ CHI"})
    board.cover(day, "ORL@MEM")
    record = board.check(day)
    assert (record.status, record.scheduled_games) == (Status.PARTIAL_DATA, 1)
    assert any("ESPN API: event BKN @ CHI can't be read" in line for line in record.detail.problems)
    board.league(nbac_row(day, "ORL", "MEM", tip=time(12)), nbac_row(day, "BKN", "CHI"))
    board.cover(day, "BKN@CHI")
    assert board.check(day, pacific(day, 9)).status is Status.AVAILABLE


def test_nobody_is_stale_on_a_day_that_balldontlie_alone_has_a_game_for(board: Board) -> None:
    day = date(2026, 1, 19)
    board.platform.play_around(day)
    board.platform.add(ESPN, [espn_row(day - timedelta(days=1), "UTA", "WAS", status="final", score=(90, 100))])
    board.espn(**espn_calendar("2026-01-18T08:00Z", "2026-01-20T08:00Z"))
    board.balldontlie(bdl_game("7:00 pm ET", "BOS", "NYK", day="2026-01-19", tip_at="2026-01-20T00:00:00.000Z"))
    record = board.check(day)
    assert ids(record.missing_games) == ("20260119_BOS_NYK",)
    assert {source.freshness for source in record.detail.sources.values()} == {Freshness.FRESH}
    assert record.detail.disagreements == (f"BOS@NYK: listed by balldontlie API; not by ESPN API, {NBAC}",)
