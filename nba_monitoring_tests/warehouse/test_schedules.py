"""What the schedule tables say, on both engines."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta

import pytest

from nba_monitoring.core.games import Game, GameState, SeasonType
from nba_monitoring.core.slate.sources import SourceKind, SourceReport
from nba_monitoring.warehouse import Warehouse
from nba_monitoring.warehouse.engines import Engine
from nba_monitoring_tests.platform_tables import Row, espn_row, insert, nbac_row

DAY = date(2026, 1, 18)
ReportOn = Callable[..., SourceReport]
ESPN, NBAC = "nba_raw.espn_scoreboard", "nba_raw.nbac_schedule"

AWAY = "ORL BKN CHA NOP POR TOR ATL CLE IND MIL PHI WAS".split()


def by_home(report: SourceReport, field: str) -> dict[str, object]:
    return {entry.game.home: getattr(entry, field) for entry in report.listed}


def utc(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 1, day, hour, minute, tzinfo=UTC)


@pytest.fixture
def league(engine: Engine) -> ReportOn:
    """The league schedule's report on DAY after rows were inserted."""

    def report(*rows: Row) -> SourceReport:
        insert(engine, NBAC, rows)
        return Warehouse(engine).schedule_reports(DAY, DAY)[1]

    return report


@pytest.fixture
def espn(engine: Engine) -> ReportOn:
    """The scoreboard's report on DAY after rows were inserted."""

    def report(*rows: Row) -> SourceReport:
        insert(engine, ESPN, rows)
        return Warehouse(engine).schedule_reports(DAY, DAY)[0]

    return report


def test_both_tables_report_under_their_names_and_kinds(warehouse: Warehouse) -> None:
    reports = warehouse.schedule_reports(DAY, DAY)
    assert [(report.source, report.kind) for report in reports] == [
        (ESPN, SourceKind.RESULTS_TABLE),
        (NBAC, SourceKind.LEAGUE_SCHEDULE),
    ]
    assert all(not report.listed and report.scraped_at is None for report in reports)


def test_a_league_row_is_read_whole(league: ReportOn) -> None:
    report = league(
        nbac_row(DAY, "ORL", "MEM", game_id="0022500578", tip=time(12), processed_at=utc(18, 9)),
    )
    (entry,) = report.listed
    assert entry.source == NBAC
    assert entry.game == Game(DAY, "ORL", "MEM")
    assert entry.state is GameState.SCHEDULED
    assert entry.season_type is SeasonType.REGULAR_SEASON
    assert entry.tip_at == utc(18, 17)
    assert entry.league_id == "0022500578"
    assert entry.has_score is False
    assert entry.first_seen_at == entry.seen_at == report.scraped_at == utc(18, 9)
    assert report.problems == {}


def test_the_newest_row_of_the_highest_status_stands(league: ReportOn) -> None:
    final = nbac_row(DAY, "ORL", "MEM", status=3, score=(126, 109), processed_at=utc(19, 5))
    report = league(
        nbac_row(DAY, "ORL", "MEM", status=1, processed_at=utc(1, 9)),
        final | {"home_team_score": None, "processed_at": utc(19, 4)},
        final,
        nbac_row(DAY, "ORL", "MEM", status=1, processed_at=utc(20, 9)),
    )
    (entry,) = report.listed
    assert entry.state is GameState.FINAL
    assert entry.has_score is True
    assert (entry.first_seen_at, entry.seen_at) == (utc(1, 9), utc(20, 9))
    assert report.scraped_at == utc(20, 9)


def test_a_league_id_on_two_dates_is_listed_on_both(league: ReportOn) -> None:
    moved = timedelta(days=21)
    report = league(
        nbac_row(DAY, "MIA", "CHI", game_id="0022500519"), nbac_row(DAY + moved, "MIA", "CHI", game_id="0022500519")
    )
    assert sorted(entry.game.day for entry in report.listed) == [DAY, DAY + moved]


def test_dates_far_around_are_read_and_no_further(league: ReportOn) -> None:
    report = league(*(nbac_row(DAY + timedelta(days=n), "ORL", "MEM") for n in (-301, -300, 300, 301)))
    assert sorted((entry.game.day - DAY).days for entry in report.listed) == [-300, 300]


def test_the_league_s_status_is_understood(league: ReportOn) -> None:
    cases = {
        "MEM": (1, "7:30 pm ET", GameState.SCHEDULED),
        "CHI": (2, "Q3 5:00", GameState.LIVE),
        "DEN": (3, "Final", GameState.FINAL),
        "HOU": (3, "PPD", GameState.POSTPONED),
        "SAC": (1, "Postponed", GameState.POSTPONED),
        "LAL": (3, "Cancelled", GameState.CANCELLED),
        "MIA": (4, "Final", GameState.UNKNOWN),
        "BOS": (None, None, GameState.UNKNOWN),
    }
    rows = (
        nbac_row(DAY, away, home, status=status, game_status_text=text)
        for away, (home, (status, text, _)) in zip(AWAY, cases.items(), strict=False)
    )
    assert by_home(league(*rows), "state") == {home: state for home, (_, _, state) in cases.items()}


def test_a_final_without_points_has_no_score(league: ReportOn) -> None:
    cases = {
        "MIN": ((None, None), False),
        "CHI": ((0, 0), False),
        "DEN": ((101, None), False),
        "MEM": ((126, 109), True),
    }
    rows = (
        nbac_row(DAY, away, home, status=3, score=score)
        for away, (home, (score, _)) in zip(AWAY, cases.items(), strict=False)
    )
    assert by_home(league(*rows), "has_score") == {home: scored for home, (_, scored) in cases.items()}


def test_the_league_s_false_z_is_eastern_time_whatever_the_season(league: ReportOn) -> None:
    summer = date(2026, 6, 5)
    report = league(nbac_row(DAY, "TOR", "LAL", tip=time(21, 30)), nbac_row(summer, "BOS", "DAL", tip=time(20, 30)))
    tips = {entry.game.day: entry.tip_at for entry in report.listed}
    assert tips == {DAY: utc(19, 2, 30), summer: datetime(2026, 6, 6, 0, 30, tzinfo=UTC)}


def test_midnight_is_no_tip_off_and_the_text_is_asked(league: ReportOn) -> None:
    cases = {
        "MEM": ("7:30 pm ET", utc(19, 0, 30)),
        "CHI": ("12:00 pm ET", utc(18, 17)),
        "DEN": ("11:30 AM ET", utc(18, 16, 30)),
        "HOU": ("TBD", None),
        "SAC": (None, None),
    }
    rows = (
        nbac_row(DAY, away, home, tip=None, game_status_text=text)
        for away, (home, (text, _)) in zip(AWAY, cases.items(), strict=False)
    )
    assert by_home(league(*rows), "tip_at") == {home: tip_at for home, (_, tip_at) in cases.items()}


def test_a_date_est_on_another_date_than_the_games_is_a_true_instant(league: ReportOn) -> None:
    report = league(
        nbac_row(DAY, "ORL", "MEM", tip=None, status=3, game_date_est=utc(19, 0, 30)),
        nbac_row(DAY, "BKN", "CHI", tip=None, status=3, game_date_est=utc(19, 0)),
    )
    assert by_home(report, "tip_at") == {"MEM": utc(19, 0, 30), "CHI": utc(19, 0)}


def test_the_clock_in_the_text_stands_against_the_date_est(league: ReportOn) -> None:
    row = nbac_row(DAY, "ORL", "MEM", game_status_text="12:00 pm ET", game_date_est=utc(18, 17))
    assert by_home(league(row), "tip_at") == {"MEM": utc(18, 17)}


def test_the_stage_comes_from_the_league_id_and_else_from_the_flags(league: ReportOn) -> None:
    stages = {
        "CHI": ("0042500101", {}, SeasonType.PLAYOFFS),
        "DEN": ("0092500001", {"is_regular_season": True}, None),
        "LAL": ("20260118_TOR_LAL", {"is_regular_season": True}, SeasonType.REGULAR_SEASON),
        "SAC": ("20260118_POR_SAC", {"is_playoffs": True}, SeasonType.PLAYOFFS),
        "WEST": ("20260118_EAST_WEST", {"is_all_star": True}, SeasonType.ALL_STAR),
        "HOU": ("20260118_NOP_HOU", {}, None),
    }
    report = league(*(nbac_row(DAY, "ORL", home, game_id=i) | flags for home, (i, flags, _) in stages.items()))
    assert {entry.game.home: entry.season_type for entry in report.listed} == {home: s[2] for home, s in stages.items()}


def test_other_spellings_of_teams_are_translated_and_unknown_ones_kept(league: ReportOn) -> None:
    report = league(nbac_row(DAY, "GS", "UTAH"), nbac_row(DAY, "MRS", "BKN"))
    assert {entry.game for entry in report.listed} == {Game(DAY, "GSW", "UTA"), Game(DAY, "MRS", "BKN")}


def test_a_missing_team_is_read_from_the_game_code(league: ReportOn) -> None:
    report = league(
        nbac_row(DAY, "ORL", "MEM", home_team_tricode=None), nbac_row(DAY, "TOR", "LAL", away_team_tricode="")
    )
    assert {entry.game for entry in report.listed} == {Game(DAY, "ORL", "MEM"), Game(DAY, "TOR", "LAL")}
    assert report.problems == {}


def test_a_row_that_names_no_game_is_reported_with_its_id_and_field(league: ReportOn) -> None:
    report = league(
        nbac_row(DAY, "ORL", "MEM", game_id="0022500578", home_team_tricode=None, game_code=None),
        nbac_row(DAY + timedelta(days=1), "LAL", "LAL", game_id="0022500580"),
    )
    assert report.listed == ()
    assert report.problems == {
        DAY: (
            "nba_raw.nbac_schedule: the row with game_id '0022500578' names no game: "
            "away_team_tricode 'ORL' and home_team_tricode None",
        ),
        DAY + timedelta(days=1): (
            "nba_raw.nbac_schedule: the row with game_id '0022500580' names no game: "
            "away_team_tricode 'LAL' and home_team_tricode 'LAL'",
        ),
    }


def test_games_without_an_id_stay_games_of_their_own(league: ReportOn, espn: ReportOn) -> None:
    rows = [("ORL", "MEM"), ("TOR", "LAL")]
    assert len(league(*(nbac_row(DAY, *teams) | {"game_id": None, "game_code": None} for teams in rows)).listed) == 2
    assert len(espn(*(espn_row(DAY, *teams) | {"game_id": None} for teams in rows)).listed) == 2


def test_a_scoreboard_row_is_read_whole(espn: ReportOn) -> None:
    report = espn(
        espn_row(DAY, "ORL", "MEM", status="final", tip_at=utc(18, 17), score=(126, 109), processed_at=utc(19, 4))
    )
    (entry,) = report.listed
    assert entry.source == ESPN
    assert entry.game == Game(DAY, "ORL", "MEM")
    assert entry.state is GameState.FINAL
    assert (entry.season_type, entry.league_id) == (None, None)
    assert entry.tip_at == utc(18, 17)
    assert entry.has_score is True
    assert entry.seen_at == report.scraped_at == utc(19, 4)


def test_the_newest_scoreboard_row_stands(espn: ReportOn) -> None:
    report = espn(
        espn_row(DAY, "ORL", "MEM", status="scheduled", processed_at=utc(18, 9)),
        espn_row(DAY, "ORL", "MEM", status="postponed", processed_at=utc(18, 14)),
    )
    assert [entry.state for entry in report.listed] == [GameState.POSTPONED]


def test_the_scoreboard_s_status_is_understood(espn: ReportOn) -> None:
    cases: dict[str, tuple[str | None, Row, GameState]] = {
        "MEM": ("scheduled", {}, GameState.SCHEDULED),
        "CHI": ("in progress", {}, GameState.LIVE),
        "DEN": ("final", {}, GameState.FINAL),
        "HOU": ("final/ot", {}, GameState.FINAL),
        "SAC": ("postponed", {"espn_state": "post"}, GameState.POSTPONED),
        "LAL": ("STATUS_CANCELED", {"espn_state": "post"}, GameState.CANCELLED),
        "MIA": ("rain delay", {"espn_state": "pre"}, GameState.UNKNOWN),
        "BOS": (None, {"espn_state": "pre"}, GameState.SCHEDULED),
        "NYK": (None, {"espn_state": "in"}, GameState.LIVE),
        "PHX": (None, {"espn_state": "post", "is_completed": True}, GameState.FINAL),
        "DET": (None, {"espn_state": "post"}, GameState.UNKNOWN),
        "MIN": ("", {}, GameState.UNKNOWN),
    }
    rows = (
        espn_row(DAY, away, home, status=status, **help_from)
        for away, (home, (status, help_from, _)) in zip(AWAY, cases.items(), strict=False)
    )
    assert by_home(espn(*rows), "state") == {home: state for home, (_, _, state) in cases.items()}


def test_a_missing_scoreboard_team_is_read_from_the_game_id(espn: ReportOn) -> None:
    (entry,) = espn(espn_row(DAY, "ORL", "MEM", away_team_abbr=None)).listed
    assert entry.game == Game(DAY, "ORL", "MEM")
