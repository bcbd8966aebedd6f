"""What a schedule source reports: the games that it lists, and when it was last written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from nba_monitoring.core.games import Game, GameState, SeasonType
from nba_monitoring.core.teams import names_a_team


class SourceKind(StrEnum):
    """How far it can be trusted that a game is not listed.

    A results table is written after the games, so a game missing from it means nothing. The league's schedule is loaded
    a season ahead. A live service answers now, for the dates in the request. A postponement record lists only
    postponements.
    """

    RESULTS_TABLE = "results table"
    LEAGUE_SCHEDULE = "league schedule"
    LIVE_SERVICE = "live service"
    POSTPONEMENTS = "postponement record"


@dataclass(frozen=True, slots=True)
class ListedGame:
    """One game as one source lists it. None means that the source does not say.

    It has no write time on purpose: an old file loaded late gives an old listing a new write time, so write times must
    not decide which games are expected.
    """

    source: str
    game: Game  # of tricodes, or of the source's own spelling where a team is unknown
    state: GameState
    season_type: SeasonType | None = None
    tip_at: datetime | None = None  # UTC
    league_id: str | None = None
    has_score: bool | None = None
    winner: str | None = None  # the side with more points of a game that ended
    moved_to: date | None = None  # the new date that the source gives a game that is off

    @property
    def names_teams(self) -> bool:
        """Whether both sides are named, by teams known or not."""
        return names_a_team(self.game.away) and names_a_team(self.game.home)

    @property
    def unnamed(self) -> UnnamedGame:
        """The same as a listing whose teams are not known yet."""
        game_id = f" (game_id {self.league_id!r})" if self.league_id else ""
        sentence = f"{self.source}: one listed game has no teams yet{game_id}"
        return UnnamedGame(self.game.day, sentence, self)


@dataclass(frozen=True, slots=True)
class UnnamedGame:
    """A listing that names no game and so may hide one, such as a playoff game before its teams are known."""

    day: date
    sentence: str  # what is wrong with it
    entry: ListedGame | None = None  # what else it says; None if it can't be read at all


@dataclass(frozen=True, slots=True)
class Calendar:
    """A source's own list of game days between two dates, which proves that the other days have none."""

    first: date
    last: date
    game_days: frozenset[date]

    def proves_off_day(self, day: date) -> bool:
        """Whether the calendar covers the day and does not list it."""
        return self.first <= day <= self.last and day not in self.game_days


def unaware_of(asked: Iterable[date], answered: Iterable[date]) -> dict[date, str]:
    """Why an answer is not about the dates in one request, by date: it has games, and none of them is on any of these.

    A service that is behind answers with the last board that it has. An answer without games is an answer.
    """
    days, found = set(asked), sorted(set(answered))
    if not found or not days.isdisjoint(found):
        return {}
    games = ", ".join(map(str, found[:3])) + (", ..." if len(found) > 3 else "")
    return {day: f"does not know {day}: answered with games of {games}" for day in days}


@dataclass(frozen=True, slots=True)
class SourceReport:
    """Everything that one source reports about a range of dates."""

    source: str
    kind: SourceKind
    listed: tuple[ListedGame, ...] = ()
    asked: frozenset[date] | None = None  # the requested dates; None for all
    unnamed: tuple[UnnamedGame, ...] = ()
    problems: Mapping[date, tuple[str, ...]] = field(default_factory=dict)  # other problems, one sentence each, by date
    # Why there is no answer, by date, for `asked` dates without one.
    errors: Mapping[date, str] = field(default_factory=dict)
    unaware: Mapping[date, str] = field(default_factory=dict)  # why an answer is not about an `asked` date, by date
    calendar: Calendar | None = None
    season_ended: date | None = None  # the season's last date, if the source says that it is over
    scraped_at: datetime | None = None  # the newest write (UTC); None for a live service
    error: str | None = None  # why there is no answer at all; then the rest is empty
