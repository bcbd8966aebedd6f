"""Whenever the sample is written, tonight's games are to come, a stage is late, and a few incidents lie behind."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from nba_monitoring.core.eastern import EASTERN, dates_between, game_date
from nba_monitoring.core.slate.seasons import OPENERS
from nba_monitoring.core.status import Status
from nba_monitoring.core.verdict import DateVerdict
from nba_monitoring.monitor import Monitor
from nba_monitoring.sample import SampleError, advance_sample, refresh_sample, write_sample
from nba_monitoring.sample.platform_tables import ALL_TABLES
from nba_monitoring.settings import DuckDBWarehouse, Settings
from nba_monitoring.warehouse import open_warehouse
from nba_monitoring_tests.sample.conftest import NOW
from nba_monitoring_tests.sample.queries import differing_tables, row, rows, value

TWO_WEEKS = timedelta(days=14)
FIRST_DATE, LAST_DATE = date(2025, 10, 21), date(2026, 6, 19)

# Each sample is written once.
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("sample around today")]

# 11:00 AM ET, except for the last, which is still the day before in the East.
MORNINGS = {
    "in November": NOW,
    "on All-Star Sunday": datetime(2027, 2, 14, 16, tzinfo=UTC),
    "in the July of 2026, when 2025-26 is just over": datetime(2026, 7, 15, 15, tzinfo=UTC),
    "on the day before an opener": datetime(2027, 10, 18, 15, tzinfo=UTC),
    "before the morning's load, after midnight UTC": datetime(2027, 3, 2, 2, tzinfo=UTC),
}


@dataclass(frozen=True)
class Written:
    """A sample written at an instant (UTC)."""

    path: Path
    now: datetime

    @property
    def today(self) -> date:
        return game_date(self.now)

    def verdicts(self, first: date, last: date) -> list[DateVerdict]:
        with open_warehouse(DuckDBWarehouse(path=self.path)) as warehouse:
            monitor = Monitor(warehouse, Settings.load(), first, last, now=self.now, is_clock_real=False)
            return [monitor.verdict(day) for day in monitor.dates]

    def statuses(self, first: date, last: date) -> set[Status]:
        return {verdict.stages["phase4"].status for verdict in self.verdicts(first, last)}


def written(folder: Path, now: datetime) -> Written:
    path = folder / "sample.duckdb"
    write_sample(path, now)
    return Written(path, now)


@pytest.fixture(
    scope="module",
    params=[
        pytest.param(now, id=name, marks=() if name == "in November" else pytest.mark.thorough)
        for name, now in MORNINGS.items()
    ],
)
def at(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Written:
    return written(tmp_path_factory.mktemp("sample"), request.param)


@pytest.fixture
def connection(at: Written) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(at.path, read_only=True) as opened:
        yield opened


def two_weeks_before(at: Written) -> tuple[date, date]:
    """The two weeks before yesterday, whose results may still be to come."""
    return at.today - TWO_WEEKS, at.today - timedelta(days=2)


def test_every_date_of_the_last_two_weeks_has_games_that_phase_4_covers(at: Written) -> None:
    verdicts = at.verdicts(*two_weeks_before(at))
    assert {verdict.stages["phase4"].status for verdict in verdicts} == {Status.AVAILABLE}
    assert all(verdict.slate.expected for verdict in verdicts)
    assert not [verdict.slate.problems for verdict in verdicts if verdict.slate.problems]


def test_a_stage_failed_in_the_last_two_weeks_and_never_recovered(at: Written) -> None:
    failing = {
        (name, stage.status)
        for verdict in at.verdicts(*two_weeks_before(at))
        for name, stage in verdict.stages.items()
        if not stage.passes
    }
    assert failing
    assert failing <= {("predictions", Status.MISSING_DATA), ("team_defense", Status.BAD_DATA)}


@pytest.mark.parametrize(
    ("table", "usable", "least"),
    [
        ("nba_analytics.upcoming_player_game_context", "is_production_ready OR has_prop_line", 25),
        ("nba_precompute.player_composite_factors", "is_production_ready", 25),
        ("nba_predictions.ml_feature_store_v2", "is_quality_ready", 19),
        ("nba_analytics.player_game_summary", "points IS NOT NULL", 21),
    ],
)
def test_every_game_of_the_last_two_weeks_has_its_players_in_every_stage(
    at: Written, connection: duckdb.DuckDBPyConnection, table: str, usable: str, least: int
) -> None:
    first, last = two_weeks_before(at)
    found, dates = row(
        connection,
        "SELECT min(n), count(DISTINCT game_date) FROM (SELECT s.game_date, count(DISTINCT t.player_lookup) AS n "
        f"FROM nba_raw.nbac_schedule AS s LEFT JOIN (SELECT * FROM {table} WHERE {usable}) AS t "
        "ON t.game_id = strftime(s.game_date, '%Y%m%d_') || away_team_tricode || '_' || home_team_tricode "
        "WHERE s.game_date BETWEEN $first AND $last GROUP BY s.game_date, s.game_id)",
        first=first,
        last=last,
    )
    assert dates == len(dates_between(first, last))
    assert found >= least


@pytest.mark.parametrize(
    ("table", "day_column", "key", "least_a_game", "least_a_date"),
    [
        ("nba_analytics.upcoming_team_game_context", "game_date", "team_abbr", 2, 0),
        ("nba_precompute.player_daily_cache", "cache_date", "player_lookup", 19, 0),
        ("nba_precompute.team_defense_zone_analysis", "analysis_date", "team_abbr", 0, 30),
        ("nba_precompute.player_shot_zone_analysis", "analysis_date", "player_lookup", 0, 300),
    ],
)
def test_every_date_of_the_last_two_weeks_has_its_teams_and_players(
    at: Written,
    connection: duckdb.DuckDBPyConnection,
    *,
    table: str,
    day_column: str,
    key: str,
    least_a_game: int,
    least_a_date: int,
) -> None:
    first, last = two_weeks_before(at)
    found = rows(
        connection,
        f"SELECT s.game_date, s.n, t.n FROM (SELECT game_date, count(*) AS n FROM nba_raw.nbac_schedule "
        f"WHERE game_date BETWEEN $first AND $last GROUP BY 1) AS s LEFT JOIN (SELECT {day_column} AS day, "
        f"count(DISTINCT {key}) AS n FROM {table} GROUP BY 1) AS t ON t.day = s.game_date",
        first=first,
        last=last,
    )
    opener = max(day for day in (*OPENERS.values(), date(2027, 10, 19), date(2028, 10, 24)) if day <= first)
    # The league's stages ramp up, as they did in 2025-26.
    full = [(games, n) for day, games, n in found if (day - opener).days >= 36 or not least_a_date]
    assert full or at.today - opener < timedelta(days=38)
    assert all(n >= max(least_a_game * games, least_a_date) for games, n in full)


def test_nothing_was_written_after_the_sample_was(at: Written, connection: duckdb.DuckDBPyConnection) -> None:
    now = at.now.replace(tzinfo=None)
    for table, types in ALL_TABLES.items():
        for column in ("processed_at", "created_at", "updated_at", "graded_at", "written_at", "scrape_timestamp"):
            if column in types:
                assert value(connection, f"SELECT count(*) FROM {table} WHERE {column} > $now", now=now) == 0, table


def test_results_are_known_up_to_the_last_load(at: Written, connection: duckdb.DuckDBPyConnection) -> None:
    known = rows(
        connection,
        "SELECT game_status, home_team_score IS NULL, min(game_date), max(game_date) FROM nba_raw.nbac_schedule "
        "WHERE game_date > '2026-06-19' GROUP BY ALL ORDER BY ALL DESC",
    )
    last_load = date(2027, 2, 28) if at.now.hour == 2 else at.today - timedelta(days=1)
    assert [entry[:2] for entry in known] == [(3, False), (1, True)]
    assert (known[0][3], known[1][2]) == (last_load, last_load + timedelta(days=1))


def test_ids_are_of_the_season_of_today(at: Written, connection: duckdb.DuckDBPyConnection) -> None:
    season = at.today.year if at.today.month >= 11 else at.today.year - 1
    ids = f"002{season % 100}"
    last = at.today
    assert rows(
        connection,
        "SELECT DISTINCT substr(game_id, 1, 5) FROM nba_raw.nbac_schedule WHERE game_date BETWEEN $first AND $last",
        first=max(at.today - TWO_WEEKS, LAST_DATE + timedelta(days=1)),
        last=last,
    ) == [(ids,)]
    assert (
        value(
            connection,
            "SELECT count(*) - count(DISTINCT game_id) FROM nba_raw.nbac_schedule WHERE game_date > '2026-06-19'",
        )
        == 0
    )


def test_no_team_plays_twice_on_a_date(connection: duckdb.DuckDBPyConnection) -> None:
    assert (
        value(
            connection,
            "SELECT max(n) FROM (SELECT game_date, team, count(DISTINCT game_id) AS n FROM (SELECT game_date, game_id, "
            "UNNEST([away_team_tricode, home_team_tricode]) AS team FROM nba_raw.nbac_schedule "
            "WHERE game_status <> 3 OR home_team_score IS NOT NULL) GROUP BY game_date, team)",
        )
        == 1
    )


def test_2025_26_is_the_same_whenever_the_sample_is_written(at: Written, sample_path: Path) -> None:
    assert differing_tables(at.path, sample_path, until=LAST_DATE.isoformat()) == []


def test_from_the_finals_to_the_first_day_around_today_no_games_are_expected(tmp_path: Path) -> None:
    at = written(tmp_path, MORNINGS["in November"])
    assert at.statuses(LAST_DATE + timedelta(days=1), OPENERS[2026] - timedelta(days=1)) == {Status.NO_GAMES}


def test_a_season_s_first_two_weeks_are_bootstrap_and_the_summer_before_is_off(tmp_path: Path) -> None:
    opener = OPENERS[2026]
    at = written(tmp_path, datetime(2026, 10, 28, 15, tzinfo=UTC))
    assert at.statuses(opener, opener + timedelta(days=13)) == {Status.BOOTSTRAP}
    assert at.statuses(opener - TWO_WEEKS, opener - timedelta(days=1)) == {Status.NO_GAMES}


def test_an_opener_that_nobody_knows_yet_is_believed_of_the_schedule(tmp_path: Path) -> None:
    opener = date(2027, 10, 19)
    at = written(tmp_path, datetime(2027, 11, 3, 15, tzinfo=UTC))
    (verdict,) = at.verdicts(at.today, at.today)
    assert verdict.slate.opener == opener
    assert at.statuses(opener, opener + timedelta(days=13)) == {Status.BOOTSTRAP}


# Eastern, and the first tip-off that is still to come.
HOURS = {"07:30": "19:00", "11:00": "19:00", "14:00": "19:00", "17:40": "20:00", "20:10": "22:30", "23:20": "23:59"}


@pytest.mark.parametrize(("clock", "first_tip"), HOURS.items())
@pytest.mark.parametrize(
    "day", ["2026-12-05", *(pytest.param(day, marks=pytest.mark.thorough) for day in ("2026-07-14", "2027-04-01"))]
)
def test_at_any_hour_phase_4_is_late_and_tonight_s_games_are_to_come(
    tmp_path: Path, day: str, clock: str, first_tip: str
) -> None:
    now = datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=EASTERN)
    at = written(tmp_path, now.astimezone(UTC))
    (verdict,) = at.verdicts(at.today, at.today)
    assert verdict.slate.first_tip_at is not None
    assert f"{verdict.slate.first_tip_at.astimezone(EASTERN):%H:%M}" >= first_tip
    assert verdict.first_broken == "phase4"
    assert verdict.stages["phase4"].is_live
    failing = {name for name, stage in verdict.stages.items() if not stage.passes}
    assert {"phase4"} <= failing <= {"phase4", "feature_store", "predictions"}
    assert {verdict.stages[name].status for name in ("player_summary", "grading")} == {Status.NOT_DUE}
    assert not verdict.slate.problems


@pytest.mark.parametrize("clock", ["08:00", "13:00", "21:00"])
def test_what_is_late_today_arrives_within_the_hour_of_the_next_checks(tmp_path: Path, clock: str) -> None:
    now = datetime.fromisoformat(f"2026-12-05T{clock}").replace(tzinfo=EASTERN).astimezone(UTC)
    at = written(tmp_path, now)
    later = max(now + timedelta(hours=1), datetime(2026, 12, 5, 17, tzinfo=UTC))
    with duckdb.connect(at.path) as connection:
        assert not refresh_sample(connection, at.path, later)
    (verdict,) = replace(at, now=later).verdicts(at.today, at.today)
    assert all(stage.passes for stage in verdict.stages.values())
    assert {verdict.stages[name].status for name in ("phase4", "feature_store", "predictions")} == {Status.AVAILABLE}


def test_what_is_late_today_arrives_when_the_sample_is_advanced(tmp_path: Path) -> None:
    at = written(tmp_path, MORNINGS["in November"])
    with duckdb.connect(at.path) as connection:
        arrived = advance_sample(connection, at.path, at.now)
    assert "nba_precompute.player_composite_factors" in arrived
    assert at.statuses(at.today, at.today) == {Status.AVAILABLE}
    (verdict,) = at.verdicts(at.today, at.today)
    assert {verdict.stages[name].status for name in ("player_summary", "grading")} == {Status.NOT_DUE}
    with duckdb.connect(at.path) as connection:
        assert not advance_sample(connection, at.path, at.now)


def test_what_is_late_today_is_not_there_for_tomorrow_either(tmp_path: Path) -> None:
    at = written(tmp_path, datetime(2026, 12, 6, 1, tzinfo=UTC))  # 8:00 PM Eastern, after the evening's pass
    with duckdb.connect(at.path, read_only=True) as connection:
        rows = {
            table: value(connection, f"SELECT count(*) FROM {table} WHERE game_date = '2026-12-06'")
            for table in ("nba_precompute.player_composite_factors", "nba_analytics.upcoming_player_game_context")
        }
    assert [bool(count) for count in rows.values()] == [False, True]


def test_in_a_season_s_first_days_the_player_context_is_late(tmp_path: Path) -> None:
    at = written(tmp_path, datetime(2026, 10, 25, 15, 30, tzinfo=UTC))
    (verdict,) = at.verdicts(at.today, at.today)
    assert [name for name, stage in verdict.stages.items() if not stage.passes] == ["player_context"]


def test_only_a_sample_is_advanced(tmp_path: Path) -> None:
    path = tmp_path / "theirs.duckdb"
    with duckdb.connect(path) as connection:
        connection.execute("CREATE TABLE mine AS SELECT 1 AS one")
        with pytest.raises(SampleError, match="not a sample"):
            advance_sample(connection, path)


def test_while_2025_26_is_played_it_stands_alone(tmp_path: Path) -> None:
    at = written(tmp_path, datetime(2026, 1, 18, 16, tzinfo=UTC))
    with duckdb.connect(at.path, read_only=True) as connection:
        last = value(connection, "SELECT max(game_date) FROM nba_raw.nbac_schedule")
    assert last == LAST_DATE


def test_the_summary_counts_the_rows_of_every_stage(tmp_path: Path) -> None:
    path = tmp_path / "sample.duckdb"
    summary = write_sample(path, MORNINGS["in November"])
    assert (summary.games, summary.first_date, summary.last_date) == (1344, FIRST_DATE, LAST_DATE)
    with duckdb.connect(path, read_only=True) as connection:
        assert summary.rows == {table: value(connection, f"SELECT count(*) FROM {table}") for table in summary.rows}
    assert len(summary.rows) == 10
    assert "1,344 listed games from 2025-10-21 to 2026-06-19" in str(summary)
