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
    """One game as one source lists it.

    `tip_at` is a UTC instant. `season_type`, `league_id` and `has_score` are None where the source does not say.
    `winner` is the side with more points of a game that ended, `moved_to` the date that the source names for a game
    which it calls off. Team codes are tricodes, or the source's own spelling where that is unknown. When a row was
    written is not here on purpose: an old file loaded late writes an old date anew, so that no write time may decide
    which games are expected.
    """

    source: str
    game: Game
    state: GameState
    season_type: SeasonType | None = None
    tip_at: datetime | None = None
    league_id: str | None = None
    has_score: bool | None = None
    winner: str | None = None
    moved_to: date | None = None


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
    """All that one source says about a range of dates.

    `asked` are the dates it was asked for (None: all of them). `unreadable` are listings that name no game, which may
    be games all the same, and `problems` what else is odd: one sentence each, by date. `errors` says, for each of the
    `asked` dates without an answer, why there is none; `error` why there is no answer at all, the rest being empty.
    `season_ended` is the date after which the source says that its season is over. `scraped_at` is the newest write of
    the source (None for one that answers live).
    """

    source: str
    kind: SourceKind
    listed: tuple[ListedGame, ...] = ()
    asked: frozenset[date] | None = None
    unreadable: Mapping[date, tuple[str, ...]] = field(default_factory=dict)
    problems: Mapping[date, tuple[str, ...]] = field(default_factory=dict)
    errors: Mapping[date, str] = field(default_factory=dict)
    calendar: Calendar | None = None
    season_ended: date | None = None
    scraped_at: datetime | None = None
    error: str | None = None
