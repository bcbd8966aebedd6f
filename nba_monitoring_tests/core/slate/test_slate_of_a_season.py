"""The league's real schedule of 2024-25 as a source."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from datetime import UTC, date, datetime

import pytest

from nba_monitoring.core.eastern import dates_between
from nba_monitoring.core.game_ids import LeagueId
from nba_monitoring.core.games import Game, GameState
from nba_monitoring.core.slate.slate import Slate, build_slates
from nba_monitoring.core.slate.sources import ListedGame, SourceKind, SourceReport
from nba_monitoring.core.teams import tricode
from nba_monitoring_tests.evidence import evidence_folder

FIRST, LAST = date(2024, 10, 1), date(2025, 6, 30)


def rows(name: str) -> list[dict[str, str]]:
    with (evidence_folder() / name).open(newline="") as file:
        return list(csv.DictReader(file))


def as_listed(row: Mapping[str, str]) -> ListedGame:
    league_id = LeagueId.from_text(row["game_id"])
    assert league_id is not None
    away, home = (tricode(row[side]) or row[side] for side in ("away", "home"))
    return ListedGame(
        source="league",
        game=Game(date.fromisoformat(row["game_date"]), away, home),
        state=GameState.FINAL,
        season_type=league_id.season_type,
        tip_at=datetime.fromisoformat(row["tip_utc"]),
        league_id=league_id.id,
        has_score=True,
    )


@pytest.fixture(scope="module")
def slates() -> Mapping[date, Slate]:
    listed = tuple(as_listed(row) for row in rows("nba_schedule_2024_25.csv"))
    report = SourceReport("league", SourceKind.LEAGUE_SCHEDULE, listed)
    return build_slates(dates_between(FIRST, LAST), [report], datetime(2025, 7, 1, tzinfo=UTC))


def test_the_expected_games_are_those_that_the_platform_counted_on_each_of_213_dates(
    slates: Mapping[date, Slate],
) -> None:
    counted = {
        date.fromisoformat(row["game_date"]): int(row["scheduled_games"]) for row in rows("platform_rows_2024_25.csv")
    }
    assert {day: len(slate.expected) for day, slate in slates.items() if slate.expected} == counted
    assert len(counted) == 213
    assert sum(counted.values()) == 1320


def test_the_other_80_games_are_excluded_with_their_reason(slates: Mapping[date, Slate]) -> None:
    reasons = [str(entry.reason) for slate in slates.values() for entry in slate.excluded]
    assert {reason: reasons.count(reason) for reason in reasons} == {"preseason": 73, "All-Star": 6, "Cup final": 1}


def test_every_day_off_between_opener_and_finals_is_proved(slates: Mapping[date, Slate]) -> None:
    season = [slate for day, slate in slates.items() if date(2024, 10, 22) <= day <= date(2025, 6, 22)]
    assert all(slate.expected or slate.off_day_proof for slate in season)
    assert slates[date(2025, 2, 14)].off_day_proof == (
        "league: games on 2025-02-13 and 2025-02-16, none on 2025-02-14 counts"
    )


def test_the_preseason_is_off_from_its_second_day_to_the_opener(slates: Mapping[date, Slate]) -> None:
    before_the_opener = {day: slate for day, slate in slates.items() if date(2024, 10, 5) <= day < date(2024, 10, 22)}
    assert all(slate.off_day_proof and not slate.expected for slate in before_the_opener.values())


def test_without_the_scores_of_the_finals_nothing_is_proved_after_them(slates: Mapping[date, Slate]) -> None:
    assert slates[date(2025, 6, 23)].off_day_proof is None


def test_the_schedule_shows_the_opener(slates: Mapping[date, Slate]) -> None:
    assert slates[date(2025, 6, 22)].opener == date(2024, 10, 22)


def test_nothing_about_a_real_season_is_odd(slates: Mapping[date, Slate]) -> None:
    assert not any(slate.disagreements or slate.problems for slate in slates.values())
