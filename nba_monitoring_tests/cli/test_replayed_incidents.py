"""When incidents begin and end in a `replay`: for nothing to grade, and for an unknown schedule."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

import pytest

from nba_monitoring.core.eastern import eastern_instant
from nba_monitoring_tests.cli.conftest import Command
from nba_monitoring_tests.morning import NBAC, Platform
from nba_monitoring_tests.platform_tables import nbac_row
from nba_monitoring_tests.stage_rows import add, create_stage_tables, factor_rows, prediction_rows, table_of

DAY = date(2026, 1, 14)
GAME = f"{DAY:%Y%m%d}_ORL_MEM"


@pytest.fixture
def ungraded(platform: Platform) -> Platform:
    """A date with a game and its predictions, of which none is graded."""
    platform.add(NBAC, [nbac_row(DAY + timedelta(days=step), "ORL", "MEM") for step in (-1, 0, 1)])
    with platform.held() as connection:
        create_stage_tables(connection, "predictions", "grading")
        add(connection, "phase4", factor_rows(DAY, GAME))
        add(connection, "predictions", prediction_rows(DAY, GAME))
    return platform


def use_only(platform: Platform, players: int) -> None:
    """Withdraw the predictions of all players but some."""
    table = table_of("predictions")
    with platform.held() as connection:
        connection.execute(
            f"UPDATE {table} SET is_active = FALSE WHERE player_lookup NOT IN "
            f"(SELECT DISTINCT player_lookup FROM {table} ORDER BY 1 LIMIT {players})"
        )


def messages(command: Command) -> list[dict[str, Any]]:
    *found, _ = command("replay", "--from", DAY, "--to", DAY, "--json").records
    return found


def reported(command: Command) -> dict[str, str]:
    """The stage that each incident's first alert names."""
    return {line["incident_id"]: line["stage"] for line in reversed(messages(command))}


def test_grades_are_not_missed_where_no_prediction_can_be_used(ungraded: Platform, command: Command) -> None:
    use_only(ungraded, 0)
    assert reported(command) == {f"nba-{DAY}": "predictions"}


def test_missing_grades_are_reported_where_some_predictions_can_be_used(ungraded: Platform, command: Command) -> None:
    use_only(ungraded, 2)
    assert reported(command) == {f"nba-{DAY}": "predictions", f"nba-{DAY}-results": "grading"}


@pytest.mark.parametrize(
    ("teams", "ends"),
    [
        # A game without teams may be any game of the day, at any time.
        (
            {"away_team_tricode": "", "home_team_tricode": "", "game_code": ""},
            eastern_instant(DAY + timedelta(days=1), time()),
        ),
        ({}, eastern_instant(DAY, time(19, 30))),
    ],
)
def test_an_incident_ends_at_the_last_tip_off_or_with_the_day(
    platform: Platform, command: Command, teams: dict[str, str], ends: datetime
) -> None:
    platform.play_around(DAY)
    platform.add(NBAC, [nbac_row(DAY, "ORL", "MEM") | teams])
    last = messages(command)[-1]
    assert (last["reason"], datetime.fromisoformat(last["at"])) == ("too late", ends)
