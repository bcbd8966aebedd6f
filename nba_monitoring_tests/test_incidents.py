"""What went wrong on the platform, date by date, each checked on a DuckDB warehouse."""

from __future__ import annotations

from datetime import date, datetime, time

import dagster as dg
import pytest
import time_machine

from nba_monitoring.core.eastern import PACIFIC, dates_between
from nba_monitoring.core.games import Game
from nba_monitoring.core.record import StageSeen
from nba_monitoring.core.status import Severity, Status
from nba_monitoring.orchestration.checks import CHECK_KEY
from nba_monitoring_tests.games import game_of, ids
from nba_monitoring_tests.morning import (
    ESPN,
    FACTORS,
    NBAC,
    Platform,
    evaluations,
    record_on,
    run_check,
    verdict,
)
from nba_monitoring_tests.platform_tables import espn_row, factor_rows, league_id, nbac_row

pytestmark = pytest.mark.usefixtures("held_open")

LEAGUE = "ORL@MEM BKN@CHI CHA@DEN NOP@HOU POR@SAC TOR@LAL ATL@BOS CLE@DET GSW@MIN UTA@WAS".split()


def slate(day: date, count: int) -> list[Game]:
    """The first games of the league on a date."""
    return [Game(day, *matchup.split("@")) for matchup in LEAGUE[:count]]


def schedule(platform: Platform, games: list[Game], first_tip: time = time(19, 30)) -> None:
    """Put games in the league's schedule, which is loaded around their date."""
    platform.play_around(games[0].day)
    platform.add(NBAC, [nbac_row(game.day, game.away, game.home, tip=first_tip) for game in games])


def cover(platform: Platform, games: list[Game], rows: int = 24) -> None:
    """Write Phase 4's rows of games, as many for each."""
    platform.add(FACTORS, [row for game in games for row in factor_rows(game.day, game.id, rows)])


def reversed_id(game: Game) -> str:
    return Game(game.day, game.home, game.away).id


@pytest.mark.slow
def test_the_morning_of_2026_01_18_is_missing_and_the_afternoon_recovered_and_both_stay_on_record(
    platform: Platform,
) -> None:
    day = date(2026, 1, 18)
    games = slate(day, 6)
    schedule(platform, games, first_tip=time(12))
    cover(platform, games[:1], rows=8)
    with time_machine.travel(datetime(2026, 1, 18, 8, 0, tzinfo=PACIFIC)):
        morning = verdict(platform, day)
    cover(platform, games[:1], rows=16)
    cover(platform, games[1:], rows=24)
    with time_machine.travel(datetime(2026, 1, 18, 15, 30, tzinfo=PACIFIC)):
        afternoon = verdict(platform, day)

    assert (morning.status, morning.scheduled_games, morning.phase4_ready) == (Status.MISSING_DATA, 6, 0)
    assert morning.severity is Severity.ERROR  # the first tip-off is an hour away
    assert ids(morning.partial_games) == ("20260118_ORL_MEM",)
    assert ids(morning.missing_games) == tuple(sorted(game.id for game in games[1:]))
    assert (afternoon.status, afternoon.severity) == (Status.AVAILABLE, None)
    assert (afternoon.phase4_ready, afternoon.detail.stage.rows) == (6, 144)
    kept = platform.rows(
        "SELECT check_time, status, scheduled_games, phase4_ready FROM nba_monitoring.data_availability_checks "
        "ORDER BY check_time"
    )
    assert [row[1:] for row in kept] == [("MISSING_DATA", 6, 0), ("AVAILABLE", 6, 6)]
    assert [f"{row[0]:%Y-%m-%d %H:%M}" for row in kept] == ["2026-01-18 16:00", "2026-01-18 23:30"]


@pytest.mark.slow
def test_a_scoreboard_stale_since_june_2025_is_flagged_and_the_slate_comes_from_the_league(
    platform: Platform, quick_instance: dg.DagsterInstance
) -> None:
    day = date(2026, 1, 15)
    platform.add(ESPN, [espn_row(date(2025, 6, 22), "IND", "OKC", status="final", score=(91, 103))])
    schedule(platform, slate(day, 6))
    result = run_check(platform.settings, quick_instance, day)
    record = record_on(evaluations(result)[day])
    assert (record["status"], record["scheduled_games"]) == ("MISSING_DATA", 6)
    assert record["detail"]["sources"][ESPN]["freshness"] == "stale"
    assert record["detail"]["sources"][ESPN]["newest_game"] == "2025-06-22"
    assert record["detail"]["sources"][ESPN]["reason"].startswith(f"no games for {day} ({NBAC} lists 6)")
    (agreement,) = (e for e in result.get_asset_check_evaluations() if e.check_name == "schedule_sources_agree")
    assert (agreement.passed, agreement.severity) == (False, dg.AssetCheckSeverity.WARN)
    assert agreement.description is not None
    assert f"{ESPN}: stale" in agreement.description


def test_the_one_game_of_eight_that_is_missing_on_2026_01_23_is_named(platform: Platform) -> None:
    day = date(2026, 1, 23)
    games = [*slate(day, 4), *(Game(day, *teams) for teams in (("ATL", "BOS"), ("CLE", "DET"), ("UTA", "WAS")))]
    left_out = Game(day, "TOR", "POR")
    games = [game for game in games if not {"TOR", "POR"} & game.key[1]] + [left_out]
    schedule(platform, games)
    cover(platform, games[:-1])
    record = verdict(platform, day)
    assert (record.status, record.scheduled_games, record.phase4_ready) == (Status.MISSING_DATA, 8, 7)
    assert ids(record.missing_games) == ("20260123_TOR_POR",)


@pytest.mark.slow
def test_the_postponed_game_of_2026_01_24_is_not_expected_until_the_25th(platform: Platform) -> None:
    first, second = date(2026, 1, 24), date(2026, 1, 25)
    one_id = league_id(first, "GSW", "MIN")
    schedule(platform, slate(first, 3))
    # The first row is final with NULL scores.
    platform.add(
        NBAC, [nbac_row(day, "GSW", "MIN", game_id=one_id, status=3 if day == first else 1) for day in (first, second)]
    )
    before, after = (verdict(platform, day) for day in (first, second))
    assert "20260124_GSW_MIN" not in ids(before.missing_games)
    assert ids(before.excluded_games) == ("20260124_GSW_MIN",)
    assert before.detail.excluded[game_of("20260124_GSW_MIN")].moved_to == date(2026, 1, 25)
    assert before.scheduled_games == 3
    assert "20260125_GSW_MIN" in ids(after.missing_games)
    assert ids(after.excluded_games) == ()


@pytest.mark.slow
def test_one_league_id_on_2026_01_08_and_01_29_is_expected_on_the_second_alone(platform: Platform) -> None:
    first, second = date(2026, 1, 8), date(2026, 1, 29)
    one_id = league_id(first, "MIA", "CHI")
    for day in (first, second):
        schedule(platform, [Game(day, "ORL", "MEM")])
        cover(platform, [Game(day, "ORL", "MEM")])
        platform.add(NBAC, [nbac_row(day, "MIA", "CHI", game_id=one_id)])
    platform.add(FACTORS, factor_rows(second, one_id, 24))
    before, after = (verdict(platform, day) for day in (first, second))
    assert (before.status, before.scheduled_games, before.phase4_ready) == (Status.AVAILABLE, 1, 1)
    assert before.detail.excluded[game_of("20260108_MIA_CHI")].moved_to == date(2026, 1, 29)
    assert (after.status, after.scheduled_games, after.phase4_ready) == (Status.AVAILABLE, 2, 2)


@pytest.mark.parametrize("day", [date(2026, 1, 20), date(2026, 1, 24), date(2026, 1, 25)])
def test_an_empty_phase_4_is_missing_every_game_whatever_other_phases_have(platform: Platform, day: date) -> None:
    games = slate(day, 7)
    schedule(platform, games)
    record = verdict(platform, day)
    assert (record.status, record.scheduled_games, record.phase4_ready) == (Status.MISSING_DATA, 7, 0)
    assert set(ids(record.missing_games)) == {game.id for game in games}
    assert record.detail.stage == StageSeen()


def test_both_orders_of_three_games_on_2026_01_27_are_seven_games_and_a_duplicate_warning(platform: Platform) -> None:
    day = date(2026, 1, 27)
    games = slate(day, 7)
    schedule(platform, games)
    platform.add(
        NBAC, [nbac_row(day, game.home, game.away, game_id=f"00229{n:05}") for n, game in enumerate(games[:3])]
    )
    cover(platform, games)
    for game in games[:3]:
        platform.add(FACTORS, factor_rows(day, reversed_id(game), 24))
    record = verdict(platform, day)
    assert (record.status, record.scheduled_games, record.phase4_ready) == (Status.AVAILABLE, 7, 7)
    assert record.detail.stage.rows == 7 * 24  # not ten times: the same players twice are not twice as many
    for game in games[:3]:
        assert any(game.id in line and reversed_id(game) in line for line in record.detail.warnings)
    duplicates = [line for line in record.detail.problems if "duplicate" in line]
    assert len(record.detail.warnings) == len(duplicates) == 3


def test_both_orders_in_the_schedule_do_not_hide_a_thin_game(platform: Platform) -> None:
    day = date(2026, 1, 27)
    (game,) = games = slate(day, 1)
    schedule(platform, games)
    cover(platform, games, rows=8)
    platform.add(FACTORS, factor_rows(day, reversed_id(game), 8))
    assert verdict(platform, day).status is Status.PARTIAL_DATA  # 8 players twice are not 16


@pytest.mark.slow
def test_the_all_star_break_of_2026_is_days_off_on_evidence_and_nothing_fails(
    platform: Platform, quick_instance: dg.DagsterInstance
) -> None:
    first, last = date(2026, 2, 13), date(2026, 2, 18)
    platform.add(NBAC, [nbac_row(date(2026, 2, 12), "ORL", "MEM"), nbac_row(date(2026, 2, 19), "BKN", "CHI")])
    all_star = [("TMT", "TMC", 13), ("KEN", "CHK", 15), ("EAST", "WEST", 15)]
    platform.add(
        NBAC,
        [
            nbac_row(date(2026, 2, day), away, home, game_id=f"003250000{n}")
            for n, (away, home, day) in enumerate(all_star)
        ],
    )
    found = evaluations(run_check(platform.settings, quick_instance, first, last))
    assert set(found) == set(dates_between(first, last))
    for day, evaluation in found.items():
        assert evaluation.passed
        record = record_on(evaluation)
        assert (record["status"], record["scheduled_games"]) == ("NO_GAMES", 0)
        proof = record["detail"]["off_day_proof"]
        assert proof.startswith(f"{NBAC}: games on ")
        assert proof.endswith(f"none on {day} counts")
    sunday = record_on(found[date(2026, 2, 15)])
    assert sunday["excluded_games"] == ["20260215_EAST_WEST", "20260215_KEN_CHK"]
    assert {game["reason"] for game in sunday["detail"]["excluded"].values()} == {"All-Star"}


def test_an_off_day_without_a_schedule_around_it_is_unknown_and_an_error(platform: Platform) -> None:
    record = verdict(platform, date(2026, 2, 14))
    assert (record.status, record.severity) == (Status.UNKNOWN_SCHEDULE, Severity.ERROR)


def test_rows_of_which_151_of_153_are_not_ready_on_2026_02_19_leave_the_date_missing(platform: Platform) -> None:
    day = date(2026, 2, 19)
    games = slate(day, 9)
    schedule(platform, games)
    for game in games:
        platform.add(FACTORS, factor_rows(day, game.id, 15 if game == games[0] else 17, ready=False))
    platform.add(FACTORS, factor_rows(day, games[0].id, 2))
    record = verdict(platform, day)
    assert record.detail.stage.rows == 153
    assert (record.status, record.phase4_ready) == (Status.MISSING_DATA, 0)
    assert ids(record.partial_games) == (games[0].id,)
    assert set(ids(record.missing_games)) == {game.id for game in games[1:]}
    assert record.detail.games[games[1]].reason == "17 rows, none production-ready"


def test_ids_in_a_format_that_matches_none_of_ten_games_on_2026_02_26_are_a_suspect_join(platform: Platform) -> None:
    day = date(2026, 2, 26)
    games = slate(day, 10)
    platform.add(ESPN, [espn_row(day, game.away, game.home) for game in games])
    for game in games[:5]:  # league ids, of a schedule that does not list them
        platform.add(FACTORS, factor_rows(day, league_id(day, game.away, game.home), 20))
    for game in games[5:]:
        platform.add(FACTORS, factor_rows(day, f"{day}-{game.away}-{game.home}", 20))
    record = verdict(platform, day)
    assert (record.status, record.severity) == (Status.SUSPECT_JOIN, Severity.ERROR)
    assert (record.scheduled_games, record.phase4_ready) == (10, 0)
    reasons = {rows.game_id: rows.reason for rows in record.detail.unmatched_rows}
    assert len(reasons) == 10
    assert reasons[league_id(day, "ORL", "MEM")] == "a league id that no schedule source lists"
    assert reasons["2026-02-26-UTA-WAS"] == "not in a known format"


def test_ids_in_every_known_format_are_matched_side_by_side(platform: Platform) -> None:
    day = date(2025, 12, 1)
    games = slate(day, 5)
    schedule(platform, games)
    spelled = (
        "20251201_ORL_MEM",
        "20251201BKN_CHI",
        "20251201/CHADEN",
        league_id(day, "NOP", "HOU"),
        "20251201_SAC_POR",
    )
    for game_id in spelled:
        platform.add(FACTORS, factor_rows(day, game_id, 20))
    assert verdict(platform, day).status is Status.AVAILABLE


@pytest.mark.slow
def test_gaps_older_than_any_look_back_stay_visible_on_the_grid_of_dates(
    platform: Platform, quick_instance: dg.DagsterInstance
) -> None:
    first, last = date(2025, 11, 10), date(2025, 12, 24)
    gaps = {date(2025, 11, 19), date(2025, 12, 3)}
    days = dates_between(first, last)
    games = [Game(day, "ORL", "MEM") for day in (*days, date(2026, 4, 12))]
    platform.add(NBAC, [nbac_row(game.day, game.away, game.home) for game in games])
    cover(platform, [game for game in games if game.day not in gaps])
    assert set(evaluations(run_check(platform.settings, quick_instance, first, last))) == set(days)
    run_check(platform.settings, quick_instance, date(2026, 4, 12))  # nobody looks back that far on this day

    keys = [day.isoformat() for day in days]
    grid = quick_instance.event_log_storage.get_asset_check_partition_info([CHECK_KEY], partition_keys=keys)
    assert {info.partition_key for info in grid} == set(keys)
    assert {info.partition_key for info in grid if info.latest_execution_status.value == "FAILED"} == {
        day.isoformat() for day in gaps
    }
    # Each verdict is of its date's newest materialization; else the web interface shows no status.
    for info in grid:
        assert info.latest_target_materialization_storage_id == info.latest_materialization_storage_id is not None
