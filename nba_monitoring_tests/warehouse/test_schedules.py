"""The schedule tables, read on both engines."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta

import pytest

from nba_monitoring.core.eastern import EASTERN
from nba_monitoring.core.games import Game, GameState, SeasonType
from nba_monitoring.core.slate.slate import build_slates
from nba_monitoring.core.slate.sources import SourceKind, SourceReport
from nba_monitoring.warehouse import Warehouse
from nba_monitoring.warehouse.engines import Engine
from nba_monitoring_tests.days import DAY
from nba_monitoring_tests.platform_tables import Row, espn_row, execute, insert, nbac_row

ReportOn = Callable[..., SourceReport]
ESPN, NBAC = "nba_raw.espn_scoreboard", "nba_raw.nbac_schedule"

AWAY = "ORL BKN CHA NOP POR TOR ATL CLE IND MIL PHI WAS".split()
# From January 2026 to loads before 2025-12-23, since which the writer writes true instants.
OLD = timedelta(days=60)


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
    assert (entry.winner, entry.moved_to) == (None, None)
    assert report.scraped_at == utc(18, 9)
    assert (report.problems, report.unnamed) == ({}, ())


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
    assert entry.winner == "ORL"
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
        "MEM": (1, "Scheduled", GameState.SCHEDULED),
        "CHI": (2, "In Progress", GameState.LIVE),
        "DEN": (3, "Final", GameState.FINAL),
        "HOU": (3, "PPD", GameState.POSTPONED),
        "SAC": (1, "Postponed", GameState.POSTPONED),
        "LAL": (3, "Cancelled", GameState.CANCELLED),
        "MIA": (4, "Unknown", GameState.POSTPONED),
        "NYK": (9, "Unknown", GameState.POSTPONED),
        "DAL": (1, "Rescheduled to Mar 18", GameState.POSTPONED),
        "DET": (7, "Unknown", GameState.UNKNOWN),
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


@pytest.mark.parametrize(
    ("text", "moved_to"),
    [
        ("Rescheduled to Mar 18", date(2026, 3, 18)),
        ("rescheduled to March 18", date(2026, 3, 18)),
        ("Rescheduled for Jan. 5", date(2026, 1, 5)),
        ("Rescheduled", None),
        ("Rescheduled to Feb 30", None),
        ("Postponed", None),
    ],
)
def test_the_new_date_in_the_text_is_read(league: ReportOn, text: str, moved_to: date | None) -> None:
    (entry,) = league(nbac_row(DAY, "ORL", "MEM", game_status_text=text)).listed
    assert (entry.state, entry.moved_to) == (GameState.POSTPONED, moved_to)


def test_of_a_game_of_autumn_it_is_in_the_next_year(engine: Engine) -> None:
    autumn = date(2025, 12, 20)
    insert(engine, NBAC, [nbac_row(autumn, "ORL", "MEM", game_status_text="Rescheduled to Mar 18")])
    (entry,) = Warehouse(engine).schedule_reports(autumn, autumn)[1].listed
    assert entry.moved_to == date(2026, 3, 18)


def test_a_game_rescheduled_to_its_own_date_is_played(league: ReportOn) -> None:
    (entry,) = league(nbac_row(DAY, "ORL", "MEM", game_status_text="Rescheduled to Jan 18")).listed
    assert (entry.state, entry.moved_to) == (GameState.SCHEDULED, None)


def test_a_tip_off_is_a_true_instant_whatever_the_season(league: ReportOn) -> None:
    summer = date(2026, 6, 5)
    report = league(
        nbac_row(DAY, "SAS", "NYK", tip=time(13)),
        nbac_row(DAY, "TOR", "LAL", tip=time(21, 30)),
        nbac_row(summer, "BOS", "DAL", tip=time(19, 30)),
    )
    tips = {entry.game.home: entry.tip_at for entry in report.listed}
    assert tips == {"NYK": utc(18, 18), "LAL": utc(19, 2, 30), "DAL": datetime(2026, 6, 5, 23, 30, tzinfo=UTC)}


def test_so_it_is_where_a_row_stands_alone(league: ReportOn) -> None:
    assert by_home(league(nbac_row(DAY, "SAS", "NYK", tip=time(13))), "tip_at") == {"NYK": utc(18, 18)}


def test_an_unset_time_is_midnight_eastern(league: ReportOn) -> None:
    summer = date(2026, 5, 3)
    report = league(nbac_row(DAY, "ORL", "MEM", tip=None), nbac_row(summer, "TOR", "CLE", tip=None))
    tips = {entry.game.home: entry.tip_at for entry in report.listed}
    assert tips == {"MEM": utc(18, 5), "CLE": datetime(2026, 5, 3, 4, tzinfo=UTC)}
    slates = build_slates([DAY, summer], [report], utc(18, 16))
    assert [entry.tip_at for slate in slates.values() for entry in slate.expected] == [None, None]


def test_a_load_that_is_never_on_the_next_date_carries_a_false_z(league: ReportOn) -> None:
    loaded = utc(1, 9)
    clocks = [time(12), time(15, 30), time(18), time(19), time(19, 30), time(20), time(22, 30)]
    rows = [
        nbac_row(DAY + timedelta(days=n), "ORL", "MEM", tip=clocks[n % 7], false_z=True, processed_at=loaded)
        for n in range(100)
    ]
    tips = {entry.game.day: entry.tip_at for entry in league(*rows).listed}
    assert tips == {
        row["game_date"]: datetime.combine(row["game_date"], clocks[n % 7], EASTERN).astimezone(UTC)
        for n, row in enumerate(rows)
    }


@pytest.mark.parametrize("false_z", [True, False])
def test_so_it_is_recognized_without_a_matinee_from_its_thirty_rows(league: ReportOn, false_z: bool) -> None:
    # 6 and 8:30 PM in summer time, when only the later is on the next date of UTC.
    first = date(2026, 4, 1)
    clocks = [time(18), time(20, 30)]
    rows = [
        nbac_row(first + timedelta(days=n), "ORL", "MEM", tip=clocks[n % 2], false_z=false_z, processed_at=utc(1, 9))
        for n in range(30)
    ]
    tips = {entry.game.day: entry.tip_at for entry in league(*rows).listed}
    assert all(
        tips[row["game_date"]] == datetime.combine(row["game_date"], clocks[n % 2], EASTERN).astimezone(UTC)
        for n, row in enumerate(rows)
    )


def test_a_false_z_of_an_old_load_does_not_apply_to_a_new_one(league: ReportOn) -> None:
    old = [
        nbac_row(DAY - timedelta(days=60 + n), "ORL", "MEM", tip=time(14), false_z=True, processed_at=utc(1, 9) - OLD)
        for n in range(40)
    ]
    new = [nbac_row(DAY, "SAS", "NYK", tip=time(13)), nbac_row(DAY, "TOR", "LAL", tip=time(21, 30))]
    tips = {(entry.game.day, entry.game.home): entry.tip_at for entry in league(*old, *new).listed}
    assert tips[DAY, "NYK"] == utc(18, 18)
    assert tips[DAY - timedelta(days=60), "MEM"] == datetime(2025, 11, 19, 19, tzinfo=UTC)


def test_one_row_by_hand_under_a_false_z_is_recognized_by_its_date(league: ReportOn) -> None:
    report = league(
        nbac_row(DAY, "ORL", "MEM", tip=None, false_z=True),
        nbac_row(DAY, "TOR", "LAL", tip=time(21, 30)),
    )
    assert by_home(report, "tip_at") == {"MEM": utc(18, 5), "LAL": utc(19, 2, 30)}


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
    assert report.unnamed == ()


def test_a_row_that_names_no_game_is_reported_with_its_id_and_field(league: ReportOn) -> None:
    report = league(nbac_row(DAY, "LAL", "LAL", game_id="0022500580"))
    assert report.listed == ()
    (unnamed,) = report.unnamed
    assert (unnamed.day, unnamed.sentence) == (
        DAY,
        "nba_raw.nbac_schedule: the row with game_id '0022500580' identifies no game: "
        "away_team_tricode 'LAL' and home_team_tricode 'LAL'",
    )


@pytest.mark.parametrize("no_team", ["", "TBD", None])
def test_a_row_without_teams_is_a_listed_game_without_teams(league: ReportOn, no_team: str | None) -> None:
    april = DAY + timedelta(days=90)
    report = league(
        nbac_row(april, "ORL", "MIA", game_id="0052500101"),
        nbac_row(april, "", "", game_id="0052500111")
        | {"away_team_tricode": no_team, "home_team_tricode": no_team, "game_code": f"{april:%Y%m%d}/TBDTBD"},
    )
    assert [entry.game.matchup for entry in report.listed] == ["ORL@MIA"]
    (unnamed,) = report.unnamed
    assert (unnamed.day, unnamed.sentence) == (
        april,
        "nba_raw.nbac_schedule: one listed game has no teams yet (game_id '0052500111')",
    )
    assert unnamed.entry is not None
    assert unnamed.entry.season_type is SeasonType.PLAY_IN


POSTPONEMENTS = "nba_orchestration.game_postponements"
PostponementsOf = Callable[..., SourceReport]


@pytest.fixture
def postponements(engine: Engine) -> PostponementsOf:
    """The report of the platform's own record, made with rows of (game_id, original_date, new_date)."""

    def report(*rows: tuple[str, str, str | None]) -> SourceReport:
        execute(engine, "CREATE SCHEMA IF NOT EXISTS nba_orchestration")
        execute(
            engine, f"CREATE TABLE {POSTPONEMENTS} (game_id STRING, original_date DATE, new_date DATE, reason STRING)"
        )
        for game_id, day, new in rows:
            moved_to = "NULL" if new is None else f"'{new}'"
            execute(engine, f"INSERT INTO {POSTPONEMENTS} VALUES ('{game_id}', '{day}', {moved_to}, 'weather')")
        return Warehouse(engine).schedule_reports(DAY, DAY)[2]

    return report


def test_the_platforms_record_of_postponements_is_a_source_if_it_exists(
    engine: Engine, postponements: PostponementsOf
) -> None:
    insert(engine, NBAC, [nbac_row(DAY, "GSW", "MIN", game_id="0022500643")])
    report = postponements(
        ("0022500643", "2026-01-18", "2026-03-18"),
        ("20260118_ORL_MEM", "2026-01-18", None),
        ("0022509999", "2026-01-18", None),
        ("20260118_TOR_LAL", "2026-01-18", "2026-01-18"),
    )
    assert (report.source, report.kind) == (POSTPONEMENTS, SourceKind.POSTPONEMENTS)
    assert {(entry.game.matchup, entry.state, entry.moved_to, entry.season_type) for entry in report.listed} == {
        ("GSW@MIN", GameState.POSTPONED, date(2026, 3, 18), SeasonType.REGULAR_SEASON),
        ("ORL@MEM", GameState.POSTPONED, None, None),
    }
    assert report.problems == {DAY: (f"{POSTPONEMENTS}: game_id '0022509999' is not a listed game",)}


def test_it_may_name_a_team_nobody_knows_if_the_league_does(engine: Engine, postponements: PostponementsOf) -> None:
    insert(engine, NBAC, [nbac_row(DAY, "SEA", "MIN")])
    report = postponements(("20260118_SEA_MIN", "2026-01-18", None), ("20260118_SEA_MEM", "2026-01-18", None))
    assert [entry.game.matchup for entry in report.listed] == ["SEA@MIN"]
    assert report.problems == {DAY: (f"{POSTPONEMENTS}: game_id '20260118_SEA_MEM' is not a listed game",)}


def test_an_empty_record_proves_nothing(postponements: PostponementsOf) -> None:
    report = postponements()
    assert (report.listed, report.problems, report.error) == ((), {}, None)


def test_a_record_that_can_t_be_read_is_a_source_that_failed(engine: Engine) -> None:
    execute(engine, "CREATE SCHEMA IF NOT EXISTS nba_orchestration")
    execute(engine, f"CREATE TABLE {POSTPONEMENTS} (game_id STRING, original_date DATE)")
    report = Warehouse(engine).schedule_reports(DAY, DAY)[2]
    assert report.error == f"{POSTPONEMENTS}: has no column new_date, which the monitor needs"


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
    assert entry.winner == "ORL"
    assert report.scraped_at == utc(19, 4)


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
