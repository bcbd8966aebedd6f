"""Looks at a date as the monitor takes them: through the real slate, coverage and verdict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta

from nba_monitoring.core.coverage import cover
from nba_monitoring.core.eastern import EASTERN
from nba_monitoring.core.games import Game, GameState, SeasonType
from nba_monitoring.core.record import CheckRecord
from nba_monitoring.core.slate.slate import build_slates
from nba_monitoring.core.slate.sources import ListedGame, SourceKind, SourceReport
from nba_monitoring.core.stage_record import Trigger
from nba_monitoring.core.stages import PHASE4, StageRows
from nba_monitoring.core.verdict import judge

DAY = date(2026, 1, 18)
# The slate of 2026-01-18 with its tip-offs, Eastern.
SLATE = {
    "ORL@MEM": time(12),
    "BKN@CHI": time(15, 30),
    "CHA@DEN": time(16),
    "NOP@HOU": time(19),
    "POR@SAC": time(21),
    "TOR@LAL": time(21, 30),
}
FULL = dict.fromkeys(SLATE, 24)


def eastern(hour: int, minute: int = 0, day: date = DAY) -> datetime:
    """An Eastern wall-clock time as a UTC instant."""
    return datetime.combine(day, time(hour, minute), EASTERN).astimezone(UTC)


def look(
    at: datetime,
    rows: Mapping[str, int] | None = None,
    *,
    day: date = DAY,
    slate: Mapping[str, time | None] = SLATE,
    postponed: Sequence[str] = (),
    stage_ids: Mapping[str, int] | None = None,
    unreadable: Sequence[str] = (),
) -> CheckRecord:
    """The record of a look at `at` (UTC): `rows` of Phase 4 by AWAY@HOME, or by id in `stage_ids`.

    `unreadable` are sentences on listings that name no game.
    """
    if stage_ids is None:
        stage_ids = {_game(name, day).id: count for name, count in (rows or {}).items()}
    written = at - timedelta(minutes=20)
    held = [StageRows(day, game_id, count, count, written) for game_id, count in stage_ids.items()]
    reports = [
        SourceReport("espn_scoreboard", SourceKind.RESULTS_TABLE),
        SourceReport(
            "nbac_schedule",
            SourceKind.LEAGUE_SCHEDULE,
            listed=tuple(_listed(name, day, tip, name in postponed) for name, tip in slate.items()),
            scraped_at=at - timedelta(hours=6),
            unreadable={day: tuple(unreadable)},
        ),
    ]
    slates = build_slates([day], reports, at)
    verdict = judge(slates[day], {PHASE4: cover(day, held, {})}, at)
    return CheckRecord.from_verdict(verdict, "6f1d2c9e-0a51-4c3e-9c52-7f3f0e2f5a11", Trigger.RECHECK)


def _game(name: str, day: date) -> Game:
    away, _, home = name.partition("@")
    return Game(day, away, home)


def _listed(name: str, day: date, tip: time | None, postponed: bool) -> ListedGame:
    return ListedGame(
        source="nbac_schedule",
        game=_game(name, day),
        state=GameState.POSTPONED if postponed else GameState.SCHEDULED,
        season_type=SeasonType.REGULAR_SEASON,
        tip_at=None if tip is None else datetime.combine(day, tip, EASTERN).astimezone(UTC),
    )
