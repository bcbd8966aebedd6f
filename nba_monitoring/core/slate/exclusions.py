"""Why a listed game is not to be expected on its date."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import reduce

from nba_monitoring.core.games import Game, GameState, SeasonType
from nba_monitoring.core.slate.sources import ListedGame, SourceReport
from nba_monitoring.core.teams import ALL_STAR_TEAMS, is_known

# Fewer scoreless finals than this can all be postponements; more, with no score anywhere, mean that the scores
# were not loaded. Taking those for postponements would empty the slate without a sound.
SCORELESS_FINALS_TO_DOUBT = 10

# An "if necessary" playoff game that was not needed stays scheduled for ever in an append-only table.
NEVER_PLAYED_AFTER = timedelta(days=2)
# Only a source that follows the series proves it: some game around must have become final. Unneeded games 5 to 7 are
# at most 10 days after game 4.
SERIES_REACH = timedelta(days=14)

# Preseason starts some 20 days before the opener; the season before has ended long since (72 days in 2020).
PRESEASON_REACH = timedelta(days=30)


class Reason(StrEnum):
    """Why a game does not count, in the words that a reader sees."""

    POSTPONED = "postponed"
    CANCELLED = "cancelled"
    FINAL_WITHOUT_SCORE = "postponed (final without a score)"
    MOVED = "moved to another date"
    NEVER_PLAYED = "never played"
    PRESEASON = "preseason"
    ALL_STAR = "All-Star"
    CUP_FINAL = "Cup final"
    REGULAR_SEASON = "regular season, set not to count"
    PLAYOFFS = "playoffs, set not to count"
    PLAY_IN = "play-in, set not to count"
    UNKNOWN_TEAM = "unknown team, its opponent plays another"


_SEASON_TYPE_REASONS = {
    SeasonType.PRESEASON: Reason.PRESEASON,
    SeasonType.ALL_STAR: Reason.ALL_STAR,
    SeasonType.CUP_FINAL: Reason.CUP_FINAL,
    SeasonType.REGULAR_SEASON: Reason.REGULAR_SEASON,
    SeasonType.PLAYOFFS: Reason.PLAYOFFS,
    SeasonType.PLAY_IN: Reason.PLAY_IN,
}


@dataclass(frozen=True, slots=True)
class SourceContext:
    """What must be known of a whole source to judge one of its games."""

    scores_loaded: bool
    moved_to: Mapping[tuple[str, date], date]
    last_final: date | None
    scraped_on: date | None

    @classmethod
    def from_report(cls, report: SourceReport) -> SourceContext:
        """Read a source's listing as a whole."""
        finals = [entry for entry in report.listed if entry.state is GameState.FINAL]
        scores = Counter(entry.has_score for entry in finals)
        return cls(
            scores_loaded=scores[True] > 0 or scores[False] < SCORELESS_FINALS_TO_DOUBT,
            moved_to=_moves(report.listed),
            last_final=max((entry.game.day for entry in finals), default=None),
            scraped_on=report.scraped_at.date() if report.scraped_at else None,
        )


def is_all_star(entry: ListedGame) -> bool:
    """Whether a source lists a game as one of All-Star weekend, by its season_type or its sides."""
    return entry.season_type is SeasonType.ALL_STAR or (
        _has_no_team(entry.game) and not _sides(entry.game).isdisjoint(ALL_STAR_TEAMS)
    )


def season_type_reasons(
    entries: Sequence[ListedGame], next_opener: date | None, all_star_day: bool, counted: frozenset[SeasonType]
) -> dict[str, Reason]:
    """The sources by which one game belongs to a part of the season that does not count, and which part.

    Where none names the part: sides that are no team on an All-Star day are All-Star sides under names not met yet
    (they change every year), and games in the weeks before the `next_opener` are preseason.
    """
    named = [(entry.source, SeasonType.ALL_STAR if is_all_star(entry) else entry.season_type) for entry in entries]
    if all(season_type is None for _, season_type in named):
        game, guess = entries[0].game, None
        if all_star_day and _has_no_team(game):
            guess = SeasonType.ALL_STAR
        elif next_opener is not None and next_opener - game.day <= PRESEASON_REACH:
            guess = SeasonType.PRESEASON
        named = [(source, guess) for source, _ in named]
    return {
        source: _SEASON_TYPE_REASONS[season_type]
        for source, season_type in named
        if season_type is not None and season_type not in counted
    }


def state_reasons(entries: Sequence[ListedGame], contexts: Mapping[str, SourceContext]) -> dict[str, Reason]:
    """The sources by whose own word one game is not played on this date, and why.

    A source that lists the game twice must say so twice: of two ids, one moved away and one stands.
    """
    said = [(entry.source, state_reason(entry, contexts[entry.source])) for entry in entries]
    standing = {source for source, reason in said if reason is None}
    return {source: reason for source, reason in said if reason is not None and source not in standing}


def state_reason(entry: ListedGame, context: SourceContext) -> Reason | None:
    """Why a source's own word on a game means that it is not played on this date; None where it is."""
    if entry.state is GameState.POSTPONED:
        return Reason.POSTPONED
    if entry.state is GameState.CANCELLED:
        return Reason.CANCELLED
    if entry.state is GameState.FINAL and entry.has_score is False and context.scores_loaded:
        return Reason.FINAL_WITHOUT_SCORE
    if entry.league_id and (entry.league_id, entry.game.day) in context.moved_to:
        return Reason.MOVED
    if (
        entry.state is GameState.SCHEDULED
        and entry.season_type is SeasonType.PLAYOFFS
        and _is_long_past(entry.game.day, context)
    ):
        return Reason.NEVER_PLAYED
    return None


def was_played(entry: ListedGame) -> bool:
    """Whether a source saw the game itself, against which no other source's postponement stands."""
    return entry.state is GameState.LIVE or _ended(entry)


def _ended(entry: ListedGame) -> bool:
    return entry.state is GameState.FINAL and entry.has_score is True


def _is_long_past(day: date, context: SourceContext) -> bool:
    follows_the_series = context.last_final is not None and day - context.last_final <= SERIES_REACH
    scraped_long_after = context.scraped_on is not None and context.scraped_on - day > NEVER_PLAYED_AFTER
    return follows_the_series and scraped_long_after


def _sides(game: Game) -> frozenset[str]:
    return frozenset((game.away, game.home))


def _has_no_team(game: Game) -> bool:
    return not (is_known(game.away) or is_known(game.home))


def _moves(listed: Iterable[ListedGame]) -> dict[tuple[str, date], date]:
    """Of a league id listed on several dates only one is played: (id, other date) -> date that stands."""
    by_id: defaultdict[str, list[ListedGame]] = defaultdict(list)
    for entry in listed:
        if entry.league_id:
            by_id[entry.league_id].append(entry)
    moves: dict[tuple[str, date], date] = {}
    for league_id, entries in by_id.items():
        days = {entry.game.day for entry in entries}
        if len(days) > 1:
            standing = reduce(_standing, sorted(entries, key=lambda entry: entry.game)).game.day
            moves |= {(league_id, day): standing for day in days - {standing}}
    return moves


def _standing(earlier: ListedGame, later: ListedGame) -> ListedGame:
    """The one that was played to its end; else the later date, unless the game was moved forward.

    That shows where the later listing was last seen before the earlier one first appeared.
    """
    if _ended(earlier) != _ended(later):
        return earlier if _ended(earlier) else later
    moved_forward = (
        earlier.first_seen_at is not None and later.seen_at is not None and earlier.first_seen_at > later.seen_at
    )
    return earlier if moved_forward else later
