"""What the page says of the replay is what `replay` says."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from nba_monitoring.core.eastern import morning_of
from nba_monitoring.core.status import Status
from nba_monitoring.replay.replay import replay
from nba_monitoring.reports.replayed import SeasonReplay, replay_of_the_day, season_replay, stored_replay
from nba_monitoring.reports.season import SeasonReport
from nba_monitoring.warehouse import open_warehouse
from nba_monitoring_tests.morning import FACTORS, NBAC, Platform, settings_for
from nba_monitoring_tests.platform_tables import nbac_row
from nba_monitoring_tests.reports.season import NOW, REPLAYED, look_at, page_of, report_on

pytestmark = pytest.mark.slow

DAY = date(2026, 1, 18)


def table(text: str, name: str) -> list[list[str]]:
    """The rows of a table of the page, as text."""
    body = text.split(f'id="{name}"')[1].split("<tbody>")[1].split("</tbody>", maxsplit=1)[0]
    cells = [re.findall(r"<t[hd].*?>(.*?)</t[hd]>", row) for row in body.split("</tr>")]
    return [[re.sub(r"<.*?>", "", cell).strip() for cell in row] for row in cells if row]


def test_the_numbers_of_the_page_are_those_of_the_replay(
    report: SeasonReport, replayed: SeasonReplay, looked_at: Path
) -> None:
    settings = settings_for(looked_at)
    with open_warehouse(settings.warehouse) as warehouse:
        found, _ = replay(warehouse, settings, REPLAYED, timedelta(minutes=30), NOW)
    score = found.score
    shown = dict(table(page_of(report, replayed), "score"))
    assert (replayed.first, replayed.last) == REPLAYED
    assert shown == {
        "dates": "4",
        "incidents alerted": str(score.incidents),
        "messages": str(score.messages),
        "messages per week": str(score.messages_a_week),
        "false alarms": "0",
        "blind mornings": "0",
        "minutes from due to alert, median (worst)": (
            f"{score.minutes_to_tell_median:.0f} ({score.minutes_to_tell_worst:.0f})"
        ),
        "minutes left to tip-off, median (worst)": f"{score.minutes_left_median:.0f} ({score.minutes_left_worst:.0f})",
    }
    listed = table(page_of(report, replayed), "replayed")
    assert [row[:4] for row in listed] == [
        ["nba-2026-01-20", "Phase 4", "MISSING_DATA WARN", "Jan 20 11:00"],
        ["nba-2026-01-18", "Phase 4", "MISSING_DATA ERROR", "Jan 18 11:00"],
        ["nba-2026-01-17", "Predictions", "PARTIAL_DATA ERROR", "Jan 17 13:30"],
    ]
    assert [row[4:] for row in listed][1] == ["Jan 18 17:30 recovered", "Jan 18 12:00", "1:00"]
    assert len(listed) == score.incidents
    assert "from 2026-01-17 to 2026-01-20" in page_of(report, replayed)


def test_false_alarms_and_blind_mornings_are_named(report: SeasonReport, replayed: SeasonReplay) -> None:
    assert replayed.score is not None
    score = replace(replayed.score, false_alarms=("nba-2026-01-11",), blind_mornings=(DAY, date(2026, 1, 25)))
    text = page_of(report, replace(replayed, score=score))
    assert "<td>1: nba-2026-01-11</td>" in text
    assert "<td>2: 2026-01-18, 2026-01-25</td>" in text


def test_stages_whose_rows_are_rewritten_are_named_as_a_lower_bound(
    report: SeasonReport, replayed: SeasonReplay
) -> None:
    assert "lower bound" not in page_of(report, replayed)
    text = page_of(report, replace(replayed, rewritten=("phase4", "grading")))
    assert "Phase 4, Grading: their tables rewrite rows" in text
    assert "are a lower bound" in text


def test_the_page_says_so_if_no_alerts_would_have_been_sent(report: SeasonReport, replayed: SeasonReplay) -> None:
    assert "<p>No alerts would have been sent.</p>" in page_of(report, replace(replayed, incidents=()))


def test_a_season_is_replayed_once_a_day_and_the_newest_is_shown(platform: Platform) -> None:
    report = short(report_on(platform.path, morning_of(DAY + timedelta(days=3))))
    with open_warehouse(platform.settings.warehouse) as warehouse:

        def made_at(now: datetime) -> datetime:
            return replay_of_the_day(warehouse, platform.settings, replace(report, made_at=now)).made_at

        assert stored_replay(warehouse, report.season) is None
        assert made_at(report.made_at) == report.made_at
        assert made_at(report.made_at + timedelta(hours=3)) == report.made_at
        assert made_at(report.made_at + timedelta(days=1)) == report.made_at + timedelta(days=1)
        newest = stored_replay(warehouse, report.season)
        assert newest is not None
        assert newest.made_at == report.made_at + timedelta(days=1)
        assert newest == replace(season_replay(warehouse, platform.settings, report), made_at=newest.made_at)
    platform.rows("UPDATE nba_monitoring.season_replays SET detail = '{}'")
    with open_warehouse(platform.settings.warehouse) as warehouse:
        assert stored_replay(warehouse, report.season) is None


def test_the_page_says_of_when_the_replay_is_and_that_there_is_none_yet(
    report: SeasonReport, replayed: SeasonReplay
) -> None:
    assert "with the stages of 2026-07-01 8:00 AM ET, when it was replayed" in page_of(report, replayed)
    assert "Not replayed yet: Dagster's asset season_report" in page_of(report)


@pytest.fixture
def platform(tmp_path: Path) -> Platform:
    """A game on each of three dates, and one before and after them; no rows of Phase 4."""
    made = Platform(tmp_path / "warehouse.duckdb")
    days = [DAY - timedelta(days=1), DAY, DAY + timedelta(days=1)]
    around = [DAY - timedelta(days=3), DAY + timedelta(days=4)]
    made.add(NBAC, [nbac_row(day, "ORL", "MEM") for day in [*days, *around]])
    look_at(made.settings, days[0], DAY + timedelta(days=3), morning_of(DAY + timedelta(days=3)))
    return made


def short(report: SeasonReport) -> SeasonReport:
    """The report, as of a season that began three days before."""
    return replace(report, season=replace(report.season, first=DAY - timedelta(days=3)))


def replay_of(platform: Platform, report: SeasonReport) -> SeasonReplay:
    with open_warehouse(platform.settings.warehouse) as warehouse:
        return season_replay(warehouse, platform.settings, short(report))


def test_it_goes_from_the_opener_to_the_last_date_with_games_before_today(platform: Platform) -> None:
    later = report_on(platform.path, morning_of(DAY + timedelta(days=3)))
    found = replay_of(platform, later)
    assert (found.first, found.last) == (DAY - timedelta(days=3), DAY + timedelta(days=1))
    assert [incident.incident_id for incident in found.incidents] == [
        "nba-2026-01-15",
        "nba-2026-01-17",
        "nba-2026-01-18",
        "nba-2026-01-19",
    ]
    on_the_day = replay_of(platform, replace(later, made_at=morning_of(DAY)))
    assert on_the_day.last == DAY - timedelta(days=1)


def test_a_season_without_a_past_date_with_games_is_not_replayed(platform: Platform) -> None:
    later = report_on(platform.path, morning_of(DAY + timedelta(days=3)))
    off = {
        stage: {day: row for day, row in by_day.items() if row.status is Status.NO_GAMES}
        for stage, by_day in later.checks.items()
    }
    for checks, now in ((off, later.made_at), (later.checks, morning_of(DAY - timedelta(days=1)))):
        found = replay_of(platform, replace(later, checks=checks, made_at=now))
        assert (found.score, found.incidents) == (None, ())
        assert "<p>Not replayed: no date with games has been checked before today.</p>" in page_of(later, found)


def test_a_platform_that_cant_be_read_costs_the_report_its_replay_alone(platform: Platform) -> None:
    platform.rows(f"DROP TABLE {FACTORS}")
    later = report_on(platform.path, morning_of(DAY + timedelta(days=3)))
    found = replay_of(platform, later)
    assert found.score is None
    text = page_of(later, found)
    assert f"<p>Not replayed: {FACTORS}: no such table in the warehouse" in text
    assert 'aria-label="Phase 4, Sun 2026-01-18: MISSING_DATA"' in text
