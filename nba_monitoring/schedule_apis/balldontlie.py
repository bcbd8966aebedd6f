"""balldontlie's games API as a schedule source."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date
from http import HTTPStatus
from typing import Any

from pydantic import Field, SecretStr

from nba_monitoring.core.games import Game, GameState, SeasonType
from nba_monitoring.core.slate.sources import ListedGame, SourceKind, SourceReport, UnnamedGame, unaware_of
from nba_monitoring.core.teams import team_of
from nba_monitoring.http import HttpPolicy
from nba_monitoring.json_answers import ApiError, ApiModel, Instant, ShortText, part
from nba_monitoring.schedule_apis.json_api import DEFAULT_POLICY, JsonApi

SOURCE = "balldontlie API"
PATH = "/v1/games"
PER_PAGE = 100
# A whole season of 1,400 games has 14 pages, so a cursor that leads further is broken.
MOST_PAGES = 20

# The status is prose, matched in lower case. For a future game it is the tip-off: an instant, or "7:00 pm ET".
_STATES = (
    (re.compile(r"\d{4}-\d\d-\d\dt.*|\d{1,2}:\d\d [ap]m et"), GameState.SCHEDULED),
    (re.compile(r"(end of )?(\d(st|nd|rd|th) )?(qtr|quarter|ot)|halftime"), GameState.LIVE),
    (re.compile(r"final"), GameState.FINAL),
    (re.compile(r"postponed|ppd"), GameState.POSTPONED),
    (re.compile(r"cancell?ed"), GameState.CANCELLED),
)


class _Team(ApiModel):
    abbreviation: ShortText


class _Dated(ApiModel):
    day: date = Field(alias="date")


class _Game(_Dated):
    status: ShortText
    tip_at: Instant | None = Field(None, alias="datetime")
    postseason: bool = False
    home_team: _Team
    visitor_team: _Team
    home_team_score: int | None = None
    visitor_team_score: int | None = None


class _Meta(ApiModel):
    next_cursor: int | None = None


class _Page(ApiModel):
    """Its games are validated one by one, so that a bad one does not cost the others."""

    data: tuple[Any, ...]
    meta: _Meta


def balldontlie_report(
    base_url: str, key: SecretStr, days: Iterable[date], policy: HttpPolicy = DEFAULT_POLICY
) -> SourceReport:
    """balldontlie's report on the games of some Eastern dates, as of now. Makes one request per page.

    A failed request leaves every date without an answer, because half the pages would be half a slate. Never raises
    for the network or the other side.
    """
    asked = sorted(set(days))
    answers: Sequence[Any] = ()
    errors: Mapping[date, str] = {}
    try:
        api = JsonApi(base_url, policy, headers={"Authorization": key.get_secret_value()})
        answers = _games(api, asked)
    except ApiError as error:
        errors = dict.fromkeys(asked, _explained(error))
    listed: list[ListedGame] = []
    problems: defaultdict[date, list[str]] = defaultdict(list)
    unnamed: list[UnnamedGame] = []
    for raw in answers:
        game = part(raw, _Game)
        if isinstance(game, str):
            sentence = f"{SOURCE}: a game can't be read: {game}"
            # If not even its date can be read, it may be on any of the dates.
            days_of_it = [dated.day] if isinstance(dated := part(raw, _Dated), _Dated) else asked
            unnamed += [UnnamedGame(day, sentence) for day in days_of_it]
            continue
        entry = _listed(game)
        if entry.names_teams:
            listed.append(entry)
        else:
            unnamed.append(entry.unnamed)
        if entry.state is GameState.UNKNOWN:
            problems[game.day].append(f"{SOURCE}: unknown status {game.status!r} of {entry.game.matchup}")
    return SourceReport(
        source=SOURCE,
        kind=SourceKind.LIVE_SERVICE,
        listed=tuple(listed),
        asked=frozenset(asked),
        unnamed=tuple(unnamed),
        problems={day: tuple(sentences) for day, sentences in problems.items()},
        errors=errors,
        unaware=unaware_of(asked, [entry.game.day for entry in listed] + [game.day for game in unnamed]),
    )


def _games(api: JsonApi, days: Sequence[date]) -> list[Any]:
    params: dict[str, str | list[str]] = {"dates[]": [day.isoformat() for day in days], "per_page": str(PER_PAGE)}
    games: list[Any] = []
    for _ in range(MOST_PAGES):
        page = api.get(PATH, params, _Page)
        games += page.data
        if page.meta.next_cursor is None:
            return games
        params["cursor"] = str(page.meta.next_cursor)
    raise ApiError(f"more than {MOST_PAGES} pages of games, more than a season has")


def _explained(error: ApiError) -> str:
    if error.status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        return f"{error}: check BALLDONTLIE_API_KEY, which it rejects"
    return str(error)


def _listed(game: _Game) -> ListedGame:
    away, home = (team_of(code) for code in (game.visitor_team.abbreviation, game.home_team.abbreviation))
    scores = [score for score in (game.visitor_team_score, game.home_team_score) if score is not None]
    state = _state(game.status)
    return ListedGame(
        source=SOURCE,
        game=Game(game.day, away, home),
        state=state,
        # It has a flag for the playoffs only; without it the game may be in any part of the season.
        season_type=SeasonType.PLAYOFFS if game.postseason else None,
        tip_at=None if game.tip_at is None else game.tip_at.astimezone(UTC),
        has_score=any(scores) if scores else None,
        winner=_winner(game, away, home) if state is GameState.FINAL else None,
    )


def _winner(game: _Game, away: str, home: str) -> str | None:
    points = game.visitor_team_score, game.home_team_score
    if points[0] is None or points[1] is None or points[0] == points[1]:
        return None
    return away if points[0] > points[1] else home


def _state(status: str) -> GameState:
    text = status.strip().lower()
    return next((state for pattern, state in _STATES if pattern.fullmatch(text)), GameState.UNKNOWN)
