"""Why a listed game is not to be expected on its date."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from nba_monitoring.core.games import GameState, Stage
from nba_monitoring.core.sources import ListedGame, SourceReport
from nba_monitoring.core.teams import ALL_STAR_TEAMS

# Fewer scoreless finals than this can all be postponements; more, with no score anywhere, mean that the scores
# were not loaded. Taking those for postponements would empty the slate without a sound.
SCORELESS_FINALS_TO_DOUBT = 10

# An "if necessary" playoff game that was not needed stays scheduled for ever in an append-only table.
NEVER_PLAYED_AFTER = timedelta(days=2)

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


_STAGE_REASONS = {
    Stage.PRESEASON: Reason.PRESEASON,
    Stage.ALL_STAR: Reason.ALL_STAR,
    Stage.CUP_FINAL: Reason.CUP_FINAL,
    Stage.REGULAR_SEASON: Reason.REGULAR_SEASON,
    Stage.PLAYOFFS: Reason.PLAYOFFS,
    Stage.PLAY_IN: Reason.PLAY_IN,
}


@dataclass(frozen=True, slots=True)
class SourceContext:
    """What must be known of a whole source to judge one of its games."""

    scores_loaded: bool
    moved_to: Mapping[tuple[str, date], date]
    scraped_on: date | None

    @classmethod
    def of(cls, report: SourceReport) -> SourceContext:
        """Read a source's listing as a whole."""
        finals = [entry for entry in report.listed if entry.state is GameState.FINAL and entry.has_score is not None]
        scores = Counter(entry.has_score for entry in finals)
        return cls(
            scores_loaded=scores[True] > 0 or scores[False] < SCORELESS_FINALS_TO_DOUBT,
            moved_to=_moves(report.listed),
            scraped_on=report.scraped_at.date() if report.scraped_at else None,
        )


def stage_reason(entry: ListedGame, next_opener: date | None, counted: frozenset[Stage]) -> Reason | None:
    """Why a game's part of the season does not count; None where it does or the stage is not known.

    A source without stages lists preseason games too: they come in the weeks before the `next_opener`.
    """
    stage = entry.stage
    if {entry.game.away, entry.game.home} & ALL_STAR_TEAMS:
        stage = Stage.ALL_STAR
    elif stage is None and next_opener is not None and next_opener - entry.game.date <= PRESEASON_REACH:
        stage = Stage.PRESEASON
    return None if stage is None or stage in counted else _STAGE_REASONS[stage]


def state_reason(entry: ListedGame, context: SourceContext) -> Reason | None:
    """Why a source's own word on a game means that it is not played on this date; None where it is."""
    if entry.state is GameState.POSTPONED:
        return Reason.POSTPONED
    if entry.state is GameState.CANCELLED:
        return Reason.CANCELLED
    if entry.state is GameState.FINAL and entry.has_score is False and context.scores_loaded:
        return Reason.FINAL_WITHOUT_SCORE
    if entry.league_id and (entry.league_id, entry.game.date) in context.moved_to:
        return Reason.MOVED
    scraped_long_after = context.scraped_on and context.scraped_on - entry.game.date > NEVER_PLAYED_AFTER
    if entry.state is GameState.SCHEDULED and entry.stage is Stage.PLAYOFFS and scraped_long_after:
        return Reason.NEVER_PLAYED
    return None


def was_played(entry: ListedGame) -> bool:
    """Whether a source saw the game itself, against which no other source's postponement stands."""
    return entry.state is GameState.LIVE or (entry.state is GameState.FINAL and entry.has_score is True)


def _moves(listed: Iterable[ListedGame]) -> dict[tuple[str, date], date]:
    """Of a league id listed on several dates only one is played: (id, former date) -> date it moved to.

    The later date, unless that listing was last seen before the earlier one first appeared (a game moved forward).
    """
    by_id: defaultdict[str, list[ListedGame]] = defaultdict(list)
    for entry in listed:
        if entry.league_id:
            by_id[entry.league_id].append(entry)
    moves: dict[tuple[str, date], date] = {}
    for league_id, entries in by_id.items():
        if len({entry.game.date for entry in entries}) < 2:
            continue
        standing = entries[0]
        for entry in entries[1:]:
            standing = _standing(standing, entry)
        for entry in entries:
            if entry.game.date != standing.game.date:
                moves[league_id, entry.game.date] = standing.game.date
    return moves


def _standing(one: ListedGame, other: ListedGame) -> ListedGame:
    earlier, later = sorted((one, other), key=lambda entry: entry.game.date)
    moved_forward = (
        earlier.first_seen_at is not None and later.seen_at is not None and earlier.first_seen_at > later.seen_at
    )
    return earlier if moved_forward else later
