"""Past checks of tables whose rows were changed since: by `check --as-of` and `replay`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest

from nba_monitoring.core.eastern import eastern_instant
from nba_monitoring_tests.cli.conftest import Command
from nba_monitoring_tests.morning import NBAC, Platform
from nba_monitoring_tests.platform_tables import nbac_row
from nba_monitoring_tests.stage_rows import (
    add,
    create_stage_tables,
    factor_rows,
    feature_rows,
    prediction_rows,
    table_of,
)

DAYS = [date(2026, 1, 12) + timedelta(days=n) for n in range(6)]
REWRITTEN = time(13, 4)


@pytest.fixture
def season(platform: Platform) -> Platform:
    """Six dates with a game at 7:30 PM ET and everything in time."""
    around = (DAYS[0] - timedelta(days=1), *DAYS, DAYS[-1] + timedelta(days=1))
    platform.add(NBAC, [nbac_row(day, "ORL", "MEM") for day in around])
    with platform.held() as connection:
        create_stage_tables(connection, "feature_store", "predictions")
        for day in DAYS:
            game = f"{day:%Y%m%d}_ORL_MEM"
            add(connection, "phase4", factor_rows(day, game))
            add(connection, "feature_store", feature_rows(day, game))
            add(connection, "predictions", prediction_rows(day, game))
    return platform


def rewrite(season: Platform, stage: str, changes: str, days: Sequence[date] = DAYS) -> None:
    """Change rows of a stage on some dates; `{at}` is that day's 1:04 PM ET."""
    with season.held() as connection:
        for day in days:
            at = f"TIMESTAMP '{eastern_instant(day, REWRITTEN):%Y-%m-%d %H:%M:%S}'"
            connection.execute(
                f"UPDATE {table_of(stage)} SET {changes.format(at=at)} WHERE game_date = ?",
                [day],
            )


def replayed(command: Command) -> tuple[Sequence[dict[str, Any]], dict[str, Any]]:
    """The messages of a replay of all dates, and its score."""
    *messages, score = command("replay", "--from", DAYS[0], "--to", DAYS[-1], "--json").records
    return messages, score


def as_of(command: Command, day: date, stage: str, clock: time) -> dict[str, Any]:
    """A stage's row of a check of a date as of a time."""
    instant: datetime = eastern_instant(day, clock)
    rows = command("check", "--date", day, "--as-of", instant.isoformat(), "--stages", "--json").records
    return next(row for row in rows if row["stage"] == stage)


def test_rows_that_are_rewritten_later_were_there_from_their_first_write_on(season: Platform, command: Command) -> None:
    rewrite(season, "feature_store", "updated_at = {at}")
    seen = as_of(command, DAYS[2], "feature_store", time(11, 30))
    assert (seen["status"], seen["ready"]) == ("AVAILABLE", 1)
    assert seen["written_at"] < eastern_instant(DAYS[2], time(11, 30)).isoformat()
    messages, score = replayed(command)
    assert (messages, score["rewritten"], score["messages"]) == ([], [], 0)


def test_rows_that_first_come_later_are_missing_until_then(season: Platform, command: Command) -> None:
    rewrite(season, "feature_store", "updated_at = {at}")
    rewrite(season, "feature_store", "created_at = {at}, updated_at = NULL", days=DAYS[2:3])
    assert as_of(command, DAYS[2], "feature_store", time(13))["status"] == "MISSING_DATA"
    assert as_of(command, DAYS[2], "feature_store", time(13, 30))["status"] == "AVAILABLE"
    messages, score = replayed(command)
    assert {message["incident_id"] for message in messages} == {f"nba-{DAYS[2]}"}
    assert (score["rewritten"], score["incidents"], score["false_alarms"]) == ([], 1, [])


def test_a_table_without_first_write_times_is_named_and_does_not_count_in_the_score(
    season: Platform, command: Command
) -> None:
    rewrite(season, "phase4", "processed_at = {at}")
    messages, score = replayed(command)
    assert {message["stage"] for message in messages} == {"phase4"}
    assert score["rewritten"] == ["phase4"]
    assert (score["incidents"], score["messages"]) == (0, 0)
    assert (score["false_alarms"], score["blind_mornings"]) == ([], [])
    assert "phase4: its table rewrites rows" in command("replay", "--from", DAYS[0], "--to", DAYS[-1]).out


def test_a_stage_that_is_late_on_some_dates_counts_in_the_score(season: Platform, command: Command) -> None:
    rewrite(season, "phase4", "processed_at = {at}", days=DAYS[:2])
    _, score = replayed(command)
    assert (score["rewritten"], score["incidents"]) == ([], 2)


def test_predictions_that_are_taken_back_later_do_not_count_in_the_score(season: Platform, command: Command) -> None:
    rewrite(season, "predictions", "is_active = FALSE, updated_at = {at} + INTERVAL 4 HOUR", days=DAYS[2:3])
    seen = as_of(command, DAYS[2], "predictions", time(14))
    assert seen["detail"]["is_uncertain"] is True
    assert "96 rows changed after this check: they count as they are now" in seen["detail"]["warnings"]
    _, score = replayed(command)
    assert (score["rewritten"], score["incidents"], score["blind_mornings"]) == (["predictions"], 0, [])


def test_predictions_that_never_were_active_count_in_the_score(season: Platform, command: Command) -> None:
    rewrite(season, "predictions", "is_active = FALSE", days=DAYS[2:3])
    seen = as_of(command, DAYS[2], "predictions", time(14))
    assert (seen["status"], seen["detail"]["is_uncertain"]) == ("MISSING_DATA", False)
    _, score = replayed(command)
    assert (score["rewritten"], score["incidents"]) == ([], 1)
