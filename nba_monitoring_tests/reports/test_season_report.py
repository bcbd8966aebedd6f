"""What the report says is what the history and the ledger hold."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from nba_monitoring.core.eastern import EASTERN
from nba_monitoring.core.status import Status
from nba_monitoring.core.usual_arrival import Arrivals
from nba_monitoring.reports.season import NoHistoryError, SeasonReport
from nba_monitoring.warehouse import open_warehouse
from nba_monitoring_tests.morning import FACTORS, NBAC, Platform, settings_for
from nba_monitoring_tests.platform_tables import factor_rows, nbac_row
from nba_monitoring_tests.reports.season import FIRST, FOUND, LAST, NOW, OPEN, look_at, report_on

pytestmark = pytest.mark.slow

DAY = date(2026, 1, 18)


def rows(path: Path, sql: str) -> list[tuple[object, ...]]:
    with duckdb.connect(path, read_only=True) as connection:
        return connection.execute(sql).fetchall()


@pytest.fixture
def platform(tmp_path: Path) -> Platform:
    """A game on a date and the days around it, and no rows of Phase 4."""
    made = Platform(tmp_path / "warehouse.duckdb")
    made.add(NBAC, [nbac_row(DAY, "ORL", "MEM")])
    made.play_around(DAY)
    return made


def test_the_dates_of_each_status_are_those_of_the_stage_checks(report: SeasonReport, looked_at: Path) -> None:
    held = rows(looked_at, "SELECT stage, status, COUNT(*) FROM nba_monitoring.stage_checks GROUP BY ALL")
    told = {(stage, str(status), n) for stage in report.checks for status, n in report.counts(stage).items() if n}
    assert told == set(held)
    assert sum(count for *_, count in told) == len(report.checks) * ((LAST - FIRST).days + 1)


def test_the_open_gaps_are_the_failing_rows_of_the_stage_checks(report: SeasonReport, looked_at: Path) -> None:
    failing = rows(
        looked_at,
        "SELECT stage, check_date, status, expected, ready, is_first_broken FROM nba_monitoring.stage_checks "
        "WHERE status IN ('PARTIAL_DATA', 'MISSING_DATA', 'BAD_DATA', 'UNKNOWN_SCHEDULE', 'SUSPECT_JOIN')",
    )
    assert failing
    assert {
        (
            row.stage,
            row.check_date,
            str(gap.newest.status),
            row.expected,
            row.ready,
            row.is_first_broken,
        )
        for gap in report.gaps
        for row in gap.rows
    } == set(failing)
    assert sum(gap.first_broken_on for gap in report.gaps) == sum(bool(row[5]) for row in failing)


def test_a_gap_of_past_dates_has_a_command_that_fills_them_or_none(report: SeasonReport) -> None:
    fixes = {gap.newest.stage: (gap, report.fix(gap)) for gap in report.gaps}
    assert fixes["phase4"][1] == ""
    gap, command = fixes["grading"]
    assert command == f"bin/recover-grading.sh {gap.first} {gap.last}"


def test_the_stages_come_in_the_order_of_the_pipeline(report: SeasonReport) -> None:
    assert list(report.checks) == [stage.name for stage in report.table]


def test_dates_without_a_check_are_listed(report: SeasonReport) -> None:
    assert report.not_checked == ["2025-10-21 to 2026-01-09", "2026-03-01 to 2026-07-01"]
    assert (report.days[0], report.days[-1], report.last) == (FIRST, LAST, date(2026, 7, 1))


def test_the_incidents_are_those_of_the_ledger_without_drills(report: SeasonReport) -> None:
    assert list(report.incidents) == [FOUND, OPEN]
    assert [(each.step, each.incidents, each.median, each.worst, each.worst_of) for each in report.response] == [
        ("to detect", 2, 2.5, 5.0, FOUND.incident_id),
        ("to alert", 1, 1.0, 1.0, FOUND.incident_id),
        ("to acknowledge", 1, 4.0, 4.0, FOUND.incident_id),
        ("to recover", 1, 180.0, 180.0, FOUND.incident_id),
        ("time left at alert", 1, 54.0, 54.0, FOUND.incident_id),
    ]


def test_messages_are_counted_once_by_eastern_weeks_quiet_ones_included(report: SeasonReport) -> None:
    weeks = {monday: count for monday, count in report.messages.by_week.items() if count}
    assert weeks == {date(2026, 1, 12): 3, date(2026, 2, 2): 1}
    assert len(report.messages.by_week) == 8
    assert (report.messages.total, report.messages.median, report.messages.most) == (4, 0.0, 3)
    assert (report.messages.not_accepted, report.messages.by_channel) == (1, {"slack": 4})
    assert report.messages.by_reason == {"opened": 4}


def test_usual_arrival_is_that_of_the_last_game_days(report: SeasonReport, looked_at: Path) -> None:
    with open_warehouse(settings_for(looked_at).warehouse) as warehouse:
        records = warehouse.stage_history().records
    assert report.usual == Arrivals(records).usual(date(2026, 7, 1))
    written = rows(
        looked_at,
        "SELECT written_at FROM nba_monitoring.stage_checks WHERE stage = 'player_summary' AND status = 'AVAILABLE' "
        "ORDER BY check_date DESC LIMIT 30",
    )
    clocks = Counter(at.astimezone(EASTERN).time() for (at,) in written if isinstance(at, datetime))
    assert report.usual["player_summary"].median == timedelta(hours=24 + next(iter(clocks)).hour, minutes=10)


def test_today_is_no_late_day_before_it_is_over(tmp_path: Path) -> None:
    made = Platform(tmp_path / "warehouse.duckdb")
    days = [DAY - timedelta(days=back) for back in range(12)]
    made.add(NBAC, [nbac_row(day, "ORL", "MEM") for day in [DAY + timedelta(days=1), *days]])
    for day in days[1:]:
        made.add(FACTORS, factor_rows(day, f"{day:%Y%m%d}_ORL_MEM", 16))
    now = datetime(2026, 1, 18, 17, tzinfo=UTC)
    look_at(made.settings, days[-1], DAY, now)
    today, tomorrow = (report_on(made.path, at).usual["phase4"] for at in (now, now + timedelta(days=1)))
    assert (today.game_days, len(today.arrivals)) == (11, 11)
    assert (tomorrow.game_days, len(tomorrow.arrivals)) == (12, 11)


def test_a_check_under_a_moved_clock_is_left_out_and_counted(platform: Platform) -> None:
    now = datetime(2026, 1, 18, 17, tzinfo=UTC)
    look_at(platform.settings, DAY, DAY, now)
    look_at(platform.settings, DAY - timedelta(days=5), DAY, now + timedelta(hours=1), is_clock_real=False)
    found = report_on(platform.path, now + timedelta(hours=2))
    assert (found.days, found.moved_clock_checks) == ([DAY], 6)


def test_a_check_by_a_clock_that_was_ahead_is_left_out(platform: Platform) -> None:
    now = datetime(2026, 1, 18, 17, tzinfo=UTC)
    look_at(platform.settings, DAY, DAY, now)
    look_at(platform.settings, DAY, DAY, now + timedelta(days=2))
    assert report_on(platform.path, now).checks["phase4"][DAY].check_time == now


def test_the_season_that_goes_on_is_shown_up_to_today(platform: Platform) -> None:
    now = datetime(2026, 1, 20, 3, tzinfo=UTC)  # still the 19th in the East
    look_at(platform.settings, DAY, DAY, now)
    found = report_on(platform.path, now)
    assert (found.last, found.not_checked[-1]) == (date(2026, 1, 19), "2026-01-19")


def test_a_season_without_history_is_one_clear_error(platform: Platform) -> None:
    with pytest.raises(NoHistoryError) as error:
        report_on(platform.path)
    assert str(error.value) == (
        "the history has no checks for season 2025-26 (2025-10-21 to 2026-10-20); record some with "
        "'nba-monitoring check --from 2025-10-21 --to ...', or choose another with --season"
    )
    look_at(platform.settings, DAY, DAY, NOW, is_clock_real=False)
    with pytest.raises(NoHistoryError, match="only 1 check with --now or --as-of, which a report leaves out"):
        report_on(platform.path)


def test_a_row_that_cant_be_read_is_skipped_and_reported(platform: Platform) -> None:
    look_at(platform.settings, DAY, DAY, NOW)
    platform.rows("UPDATE nba_monitoring.data_availability_checks SET status = 'FINE'")
    look_at(platform.settings, DAY, DAY, NOW - timedelta(hours=1))
    found = report_on(platform.path)
    assert found.checks["phase4"][DAY].status is Status.MISSING_DATA
    (told,) = found.unreadable
    assert "nba_monitoring.data_availability_checks: can't read the row with check_id" in told
