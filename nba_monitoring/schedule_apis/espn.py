"""ESPN's public scoreboard as a schedule source, with its season calendar of game days."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from nba_monitoring.core.eastern import PACIFIC, game_date
from nba_monitoring.core.games import Game, GameState, SeasonType
from nba_monitoring.core.slate.sources import Calendar, ListedGame, SourceKind, SourceReport, UnnamedGame, unaware_of
from nba_monitoring.core.teams import ALL_STAR_TEAMS, team_of
from nba_monitoring.http import HttpPolicy
from nba_monitoring.json_answers import ApiError, ApiModel, Instant, ShortText, part
from nba_monitoring.schedule_apis.json_api import DEFAULT_POLICY, JsonApi

SOURCE = "ESPN API"
PATH = "/apis/site/v2/sports/basketball/nba/scoreboard"

_STATES = {
    "STATUS_SCHEDULED": GameState.SCHEDULED,
    # Still to be played, until a source says that it is postponed.
    "STATUS_DELAYED": GameState.SCHEDULED,
    "STATUS_SUSPENDED": GameState.SCHEDULED,
    "STATUS_IN_PROGRESS": GameState.LIVE,
    "STATUS_HALFTIME": GameState.LIVE,
    "STATUS_END_PERIOD": GameState.LIVE,
    "STATUS_FINAL": GameState.FINAL,
    "STATUS_POSTPONED": GameState.POSTPONED,
    "STATUS_CANCELED": GameState.CANCELLED,
    "STATUS_FORFEIT": GameState.CANCELLED,
}

_SEASON_TYPES = {1: SeasonType.PRESEASON, 2: SeasonType.REGULAR_SEASON, 3: SeasonType.PLAYOFFS, 5: SeasonType.PLAY_IN}

# The season's own type: the postseason, and what comes after it.
_LAST_SEASON_TYPES = (3, 4)

# The Cup's other rounds ("NBA Cup - Quarterfinals") are games of the regular season.
_CUP_FINAL = re.compile(r".*(cup|in-season tournament)\W+(championship|final)( game)?", re.IGNORECASE)


class _Team(ApiModel):
    abbreviation: ShortText


class _Competitor(ApiModel):
    side: Literal["home", "away"] = Field(alias="homeAway")
    team: _Team
    score: Any = None


class _StatusType(ApiModel):
    name: ShortText


class _Status(ApiModel):
    type: _StatusType


class _CompetitionType(ApiModel):
    abbreviation: str = ""


class _Note(ApiModel):
    headline: str = ""


class _Competition(ApiModel):
    type: _CompetitionType = _CompetitionType()
    time_valid: bool = Field(True, alias="timeValid")
    competitors: tuple[_Competitor, ...] = Field(min_length=2, max_length=2)
    notes: tuple[_Note, ...] = ()
    status: _Status

    @model_validator(mode="after")
    def _has_both_sides(self) -> _Competition:
        if {competitor.side for competitor in self.competitors} != {"home", "away"}:
            raise PydanticCustomError("sides", "should have one home and one away team")
        return self

    @property
    def teams(self) -> dict[str, str]:
        """Team by side, as a tricode where the team is known."""
        return {competitor.side: team_of(competitor.team.abbreviation) for competitor in self.competitors}

    @property
    def points(self) -> dict[str, int]:
        """Points by side, for the sides that have any. ESPN writes numbers as text."""
        return {
            competitor.side: int(competitor.score)
            for competitor in self.competitors
            if isinstance(competitor.score, int | str) and str(competitor.score).isdecimal()
        }


class _EventSeason(ApiModel):
    type: int | None = None


class _Event(ApiModel):
    starts_at: Instant = Field(alias="date")
    season: _EventSeason = _EventSeason()
    competitions: tuple[_Competition, ...] = Field(min_length=1)


class _SeasonType(ApiModel):
    type: int


class _Season(ApiModel):
    """`end` is the last minute of the season's last day, Pacific."""

    end: Instant = Field(alias="endDate")
    type: _SeasonType


class _League(ApiModel):
    """Other kinds of calendar (ranges, or the days without games) have other entries."""

    season: Any = None
    calendar_type: str = Field("", alias="calendarType")
    is_whitelist: bool = Field(False, alias="calendarIsWhitelist")
    first: Instant | None = Field(None, alias="calendarStartDate")
    last: Instant | None = Field(None, alias="calendarEndDate")
    calendar: tuple[Instant, ...] | tuple[dict[str, Any], ...] = ()


class _Scoreboard(ApiModel):
    """Its parts are validated one by one, so that a bad one does not cost the others."""

    leagues: tuple[Any, ...] = ()
    events: tuple[Any, ...]


def espn_report(base_url: str, days: Iterable[date], policy: HttpPolicy = DEFAULT_POLICY) -> SourceReport:
    """ESPN's report on the games of some Eastern dates, as of now. Makes one request per date.

    A date whose request fails is in the report's `errors`, and an event that can't be read in its `unnamed` games;
    the others stay. Never raises for the network or ESPN.
    """
    asked = sorted(set(days))
    boards: dict[date, _Scoreboard] = {}
    errors: dict[date, str] = {}
    api = JsonApi(base_url, policy)
    for day in asked:
        try:
            boards[day] = api.get(PATH, {"dates": f"{day:%Y%m%d}"}, _Scoreboard)
        except ApiError as error:
            errors[day] = str(error)
    listed: list[ListedGame] = []
    leagues: list[_League] = []
    problems: defaultdict[date, list[str]] = defaultdict(list)
    unnamed: list[UnnamedGame] = []
    unaware: dict[date, str] = {}
    for day, board in boards.items():
        answered: list[date] = []
        for number, raw in enumerate(board.events):
            event = part(raw, _Event)
            if isinstance(event, str):
                unnamed.append(UnnamedGame(day, f"{SOURCE}: event {_name(raw, number)} can't be read: {event}"))
                continue
            entry, oddities = _listed(event)
            answered.append(entry.game.day)
            if entry.names_teams:
                listed.append(entry)
            else:
                unnamed.append(entry.unnamed)
            problems[entry.game.day] += oddities
        unaware |= unaware_of([day], answered)
        for raw in board.leagues[:1]:
            league = part(raw, _League)
            if isinstance(league, str):
                problems[day].append(f"{SOURCE}: its calendar can't be read: {league}")
            else:
                leagues.append(league)
    return SourceReport(
        source=SOURCE,
        kind=SourceKind.LIVE_SERVICE,
        listed=tuple(listed),
        asked=frozenset(asked),
        unnamed=tuple(unnamed),
        problems={day: tuple(sentences) for day, sentences in problems.items() if sentences},
        errors=errors,
        unaware=unaware,
        calendar=_agreed([calendar for league in leagues if (calendar := _calendar(league)) is not None]),
        season_ended=max((ended for league in leagues if (ended := _season_ended(league)) is not None), default=None),
    )


def _name(raw: Any, number: int) -> str:
    """Name of an event for people: 'ORL @ MEM' or ESPN's id, else its place in the answer."""
    names = (raw.get(key) for key in ("shortName", "id")) if isinstance(raw, dict) else ()
    return next((name[:60] for name in names if isinstance(name, str) and name), f"number {number + 1}")


def _listed(event: _Event) -> tuple[ListedGame, list[str]]:
    """One game, and one sentence per unknown value in it."""
    competition = event.competitions[0]
    teams = competition.teams
    # A game without a set time has midnight Eastern of its date.
    game = Game(game_date(event.starts_at), away=teams["away"], home=teams["home"])
    status, season_type = competition.status.type.name, event.season.type
    state = _STATES.get(status, GameState.UNKNOWN)
    oddities = []
    if status not in _STATES:
        oddities.append(f"{SOURCE}: unknown status {status} of {game.matchup}")
    if season_type is not None and season_type not in _SEASON_TYPES:
        oddities.append(f"{SOURCE}: unknown season type {season_type} of {game.matchup}")
    scores = [competitor.score for competitor in competition.competitors if competitor.score is not None]
    entry = ListedGame(
        source=SOURCE,
        game=game,
        state=state,
        season_type=_season_type(event, competition),
        tip_at=event.starts_at.astimezone(UTC) if competition.time_valid else None,
        has_score=any(competition.points.values()) if scores else None,
        winner=_winner(teams, competition.points) if state is GameState.FINAL else None,
    )
    return entry, oddities


def _winner(teams: Mapping[str, str], points: Mapping[str, int]) -> str | None:
    if len(points) < len(teams) or points["home"] == points["away"]:
        return None
    return teams[max(points, key=points.__getitem__)]


def _season_type(event: _Event, competition: _Competition) -> SeasonType | None:
    if competition.type.abbreviation == "ALLSTAR" or ALL_STAR_TEAMS & set(competition.teams.values()):
        return SeasonType.ALL_STAR
    if any(_CUP_FINAL.fullmatch(note.headline.strip()) for note in competition.notes):
        return SeasonType.CUP_FINAL
    return None if event.season.type is None else _SEASON_TYPES.get(event.season.type)


def _calendar(league: _League) -> Calendar | None:
    """The season's game days. Each entry, and the range's ends, are midnight Pacific written in UTC.

    Without the range's ends it reaches from its first game day to its last. Out of season the range is past or not
    yet begun, so it proves nothing. Neither does an empty list, by which every date of the season would be off.
    """
    game_days = {entry.astimezone(PACIFIC).date() for entry in league.calendar if isinstance(entry, datetime)}
    if league.calendar_type != "day" or not league.is_whitelist or not game_days:
        return None
    return Calendar(
        league.first.astimezone(PACIFIC).date() if league.first else min(game_days),
        league.last.astimezone(PACIFIC).date() if league.last else max(game_days),
        frozenset(game_days),
    )


def _season_ended(league: _League) -> date | None:
    """The last day of a season that is in its playoffs or over; None if ESPN does not give it."""
    season = part(league.season, _Season)
    if isinstance(season, str) or season.type.type not in _LAST_SEASON_TYPES:
        return None
    return season.end.astimezone(PACIFIC).date()


def _agreed(calendars: Sequence[Calendar]) -> Calendar | None:
    """The range that all calendars share: between seasons, each date's answer has its own season's calendar."""
    if not calendars:
        return None
    return Calendar(
        first=max(calendar.first for calendar in calendars),
        last=min(calendar.last for calendar in calendars),
        game_days=frozenset().union(*(calendar.game_days for calendar in calendars)),
    )
