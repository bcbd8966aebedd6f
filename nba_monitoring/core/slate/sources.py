"""What a schedule source reports: the games it lists, and how fresh it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from nba_monitoring.core.games import Game, GameState, SeasonType


class SourceKind(StrEnum):
    """How far a source's silence can be trusted.

    A results table is written after the games, so its silence says nothing. The league's schedule is loaded a season
    ahead. A live service answers for the dates that it is asked for, now. A postponement record lists nothing else.
    """

    RESULTS_TABLE = "results table"
    LEAGUE_SCHEDULE = "league schedule"
    LIVE_SERVICE = "live service"
    POSTPONEMENTS = "postponement record"


@dataclass(frozen=True, slots=True)
class ListedGame:
    """One game as one source lists it. What is None the source does not say.

    When a row was written is not here on purpose: an old file loaded late writes an old date anew, so that no write
    time may decide which games are expected.
    """

    source: str
    game: Game  # of tricodes, or of the source's own spelling where a team is unknown
    state: GameState
    season_type: SeasonType | None = None
    tip_at: datetime | None = None  # UTC
    league_id: str | None = None
    has_score: bool | None = None
    winner: str | None = None  # the side with more points of a game that ended
    moved_to: date | None = None  # the date that the source names for a game which it calls off


@dataclass(frozen=True, slots=True)
class Calendar:
    """A source's own list of the days with games between two dates: positive proof that the others have none."""

    first: date
    last: date
    game_days: frozenset[date]

    def proves_off_day(self, day: date) -> bool:
        """Whether the calendar reaches over the day and leaves it out."""
        return self.first <= day <= self.last and day not in self.game_days


@dataclass(frozen=True, slots=True)
class SourceReport:
    """All that one source says about a range of dates."""

    source: str
    kind: SourceKind
    listed: tuple[ListedGame, ...] = ()
    asked: frozenset[date] | None = None  # the dates that it was asked for; None: all of them
    # Listings that name no game, and may be games all the same: a sentence each, by date.
    unreadable: Mapping[date, tuple[str, ...]] = field(default_factory=dict)
    problems: Mapping[date, tuple[str, ...]] = field(default_factory=dict)  # what else is odd: a sentence each, by date
    # Why there is no answer, for each of the `asked` dates without one.
    errors: Mapping[date, str] = field(default_factory=dict)
    calendar: Calendar | None = None
    season_ended: date | None = None  # the date after which the source says that its season is over
    scraped_at: datetime | None = None  # the newest write (UTC); None for one that answers live
    error: str | None = None  # why there is no answer at all; the rest is empty
