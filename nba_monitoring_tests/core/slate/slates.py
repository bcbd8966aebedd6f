"""Helpers that write what sources list, for the tests of the slate."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from nba_monitoring.core.eastern import EASTERN
from nba_monitoring.core.game_ids import LeagueId
from nba_monitoring.core.games import COUNTED_SEASON_TYPES, Game, GameState, SeasonType
from nba_monitoring.core.slate.slate import Slate, build_slates
from nba_monitoring.core.slate.sources import ListedGame, SourceKind, SourceReport, UnnamedGame
from nba_monitoring.core.teams import TRICODES

KINDS = {
    "league": SourceKind.LEAGUE_SCHEDULE,
    "scoreboard": SourceKind.RESULTS_TABLE,
    "ESPN API": SourceKind.LIVE_SERVICE,
    "BDL API": SourceKind.LIVE_SERVICE,
    "schedule service": SourceKind.LIVE_SERVICE,
    "record": SourceKind.POSTPONEMENTS,
}
SCHEDULED, LIVE, FINAL = GameState.SCHEDULED, GameState.LIVE, GameState.FINAL
POSTPONED, CANCELLED, UNKNOWN = GameState.POSTPONED, GameState.CANCELLED, GameState.UNKNOWN

REGULAR, PRESEASON, PLAYOFFS = SeasonType.REGULAR_SEASON, SeasonType.PRESEASON, SeasonType.PLAYOFFS
ALL_STAR, CUP_FINAL, PLAY_IN = SeasonType.ALL_STAR, SeasonType.CUP_FINAL, SeasonType.PLAY_IN


def day_of(text: str) -> date:
    return date.fromisoformat(text)


def morning(day: date) -> datetime:
    """11:00 AM ET of a date, when the check runs."""
    return datetime.combine(day, time(11), EASTERN).astimezone(UTC)


def tip(day: date, clock: str) -> datetime:
    """An Eastern wall clock time of a date as a UTC instant."""
    return datetime.combine(day, time.fromisoformat(clock), EASTERN).astimezone(UTC)


def listed(source: str, when: str | date, matchup: str, state: GameState = SCHEDULED, **more: Any) -> ListedGame:
    """A game by its `AWAY@HOME`. With a `league_id`, the season_type is the one that the id names."""
    day = when if isinstance(when, date) else day_of(when)
    away, home = matchup.split("@")
    league_id = LeagueId.from_text(more.get("league_id") or "")
    more.setdefault("season_type", league_id.season_type if league_id else None)
    if state is FINAL:
        more.setdefault("has_score", True)
    return ListedGame(source, Game(day, away, home), state, **more)


def report(
    source: str, *entries: ListedGame, unreadable: Mapping[date, Iterable[str]] | None = None, **more: Any
) -> SourceReport:
    """A source's report; a game of `TBD`s names no game. `unreadable` has what can't be read at all, by date."""
    unnamed = [entry.unnamed for entry in entries if not entry.names_teams]
    unnamed += [UnnamedGame(day, sentence) for day, found in (unreadable or {}).items() for sentence in found]
    named = tuple(entry for entry in entries if entry.names_teams)
    return SourceReport(source, KINDS[source], named, unnamed=tuple(unnamed), **more)


def whole_season(first: date, games: int = 1230) -> list[ListedGame]:
    """A regular season in the league's schedule: from its first day on, seven games per day."""
    teams = sorted(TRICODES)
    return [
        listed(
            "league",
            first + timedelta(days=n // 7),
            f"{teams[2 * (n % 7)]}@{teams[2 * (n % 7) + 1]}",
            league_id=f"002{first.year % 100:02}{n + 1:05}",
        )
        for n in range(games)
    ]


def finals(winners: str, last: date) -> list[ListedGame]:
    """The Finals of OKC and IND in the league's schedule, by their winners, every other day up to the last."""
    games = winners.split()
    return [
        listed(
            "league",
            last - timedelta(days=2 * (len(games) - nth)),
            "IND@OKC",
            FINAL,
            league_id=f"004{(last.year - 1) % 100:02}0040{nth}",
            winner=winner,
        )
        for nth, winner in enumerate(games, 1)
    ]


def league_around(day: date, before: int = 1, after: int = 1) -> tuple[ListedGame, ...]:
    """A league schedule's games some days before and after a date, which prove a day off between them."""
    return (
        listed("league", day - timedelta(days=before), "UTA@SAC", FINAL, season_type=SeasonType.REGULAR_SEASON),
        listed("league", day + timedelta(days=after), "SAC@UTA", season_type=SeasonType.REGULAR_SEASON),
    )


def full_day(source: str, when: str | date, games: int, state: GameState = FINAL, **more: Any) -> list[ListedGame]:
    """So many games of one date, between teams in alphabetical order."""
    teams = sorted(TRICODES)
    return [listed(source, when, f"{teams[2 * n]}@{teams[2 * n + 1]}", state, **more) for n in range(games)]


def slate_of(
    day: date,
    reports: Sequence[SourceReport],
    now: datetime | None = None,
    counted: Iterable[SeasonType] = COUNTED_SEASON_TYPES,
) -> Slate:
    """The slate of one date, by default as of that morning."""
    return build_slates([day], reports, now or morning(day), frozenset(counted))[day]
