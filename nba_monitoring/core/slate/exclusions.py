"""Why a listed game is not expected on its date, depending on which source says so (`exclusion`).

A missing value is no evidence. A platform job marks any game that looks unfinished three hours after tip-off as final
without a score, even one still in play.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from nba_monitoring.core.games import COUNTED_SEASON_TYPES, GameKey, GameState, SeasonType
from nba_monitoring.core.slate.listings import Listing
from nba_monitoring.core.slate.series import DecidedSeries, SeriesKey, series_of
from nba_monitoring.core.slate.sources import ListedGame, SourceReport

_CALLED_OFF = (GameState.POSTPONED, GameState.CANCELLED)
_TO_BE_PLAYED = (GameState.SCHEDULED, GameState.LIVE, GameState.UNKNOWN)


class Reason(StrEnum):
    """Why a game does not count, as people read it. If sources give several reasons, the first one here is used."""

    POSTPONED = "postponed"
    CANCELLED = "cancelled"
    FINAL_WITHOUT_SCORE = "postponed (final without a score)"
    MOVED = "moved to another date"
    SERIES_OVER_4_0 = "series over 4-0"
    SERIES_OVER_4_1 = "series over 4-1"
    SERIES_OVER_4_2 = "series over 4-2"
    SERIES_OVER_4_3 = "series over 4-3"
    PRESEASON = "preseason"
    ALL_STAR = "All-Star"
    CUP_FINAL = "Cup final"
    REGULAR_SEASON = "regular season, not counted by the settings"
    PLAYOFFS = "playoffs, not counted by the settings"
    PLAY_IN = "play-in, not counted by the settings"
    UNKNOWN_TEAM = "unknown team; its opponent has another game"

    @property
    def is_not_played(self) -> bool:
        """Whether the game is not played on its date. One that only doesn't count may be."""
        return self in _NOT_PLAYED


_ORDER = tuple(Reason)
_SERIES_OVER = frozenset(reason for reason in Reason if reason.startswith("series over"))
_NOT_PLAYED = _SERIES_OVER | {Reason.POSTPONED, Reason.CANCELLED, Reason.FINAL_WITHOUT_SCORE, Reason.MOVED}

_SEASON_TYPE_REASONS = {
    SeasonType.PRESEASON: Reason.PRESEASON,
    SeasonType.ALL_STAR: Reason.ALL_STAR,
    SeasonType.CUP_FINAL: Reason.CUP_FINAL,
    SeasonType.REGULAR_SEASON: Reason.REGULAR_SEASON,
    SeasonType.PLAYOFFS: Reason.PLAYOFFS,
    SeasonType.PLAY_IN: Reason.PLAY_IN,
}


@dataclass(frozen=True, slots=True)
class Exclusion:
    """Why one listed game is not expected, which sources say so, and its new date if known."""

    reason: Reason
    witnesses: tuple[str, ...]
    moved_to: date | None


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is needed besides a listing to decide whether its game is expected."""

    moves: Mapping[tuple[str, date], date]  # those of `moved_ids`
    series: Mapping[SeriesKey, DecidedSeries]
    live: frozenset[str]  # live services that answered
    today: date  # the Eastern date of the check


def exclusion(listing: Listing, evidence: Evidence) -> Exclusion | None:
    """The reason not to expect a game; None if it is expected.

    In this order: a game of a part of the season that does not count is not expected. A game that a source saw played
    is. A game of a decided series is not. A live service that calls a game off is trusted; if none does and one lists
    it as still to be played, it is expected, whatever the tables say. Then the tables decide.
    """
    if listing.uncounted:
        parts = {source: _SEASON_TYPE_REASONS[part] for source, part in listing.uncounted.items()}
        return _excluded(listing, parts, evidence)
    said = state_reasons(listing, evidence)
    if not said or any(was_played(entry) for entry in listing.entries):
        return None
    if over := {source: reason for source, reason in said.items() if reason in _SERIES_OVER}:
        return _excluded(listing, over, evidence)
    if evidence.live.isdisjoint(said) and is_to_be_played(listing, evidence):
        return None
    return _excluded(listing, said, evidence)


def left_out_part(listing: Listing) -> SeasonType | None:
    """The part of the season that the settings leave out, of a game that does not count for that alone."""
    parts = set(listing.uncounted.values())
    return min(parts) if parts and parts <= COUNTED_SEASON_TYPES else None


def is_to_be_played(listing: Listing, evidence: Evidence) -> bool:
    """Whether a live service lists a game today or later as scheduled or in play."""
    return listing.game.day >= evidence.today and any(
        entry.source in evidence.live and entry.state in _TO_BE_PLAYED for entry in listing.entries
    )


def state_reasons(listing: Listing, evidence: Evidence) -> dict[str, Reason]:
    """The sources that say that one game is not played on this date, and why.

    A source that lists the game twice must say so twice: with two ids, one may have moved while the other stands.
    """
    said = [(entry.source, _state_reason(entry, evidence)) for entry in listing.entries]
    standing = {source for source, reason in said if reason is None}
    return {source: reason for source, reason in said if reason is not None and source not in standing}


def was_played(entry: ListedGame) -> bool:
    """Whether a source saw the game in play or finished, which outweighs any postponement."""
    return entry.state is GameState.LIVE or _ended(entry)


def is_called_off(entry: ListedGame) -> bool:
    """Whether a source itself says that the game is not played on this date."""
    return entry.state in _CALLED_OFF


def moved_ids(reports: Iterable[SourceReport]) -> dict[tuple[str, date], date]:
    """For a league id listed on several dates, only one of which is played: (id, other date) -> date that stands.

    The date with a score stands, else the latest that is not called off: if any can still be played, that one can. A
    date with teams stands before one without, which is older. A game moved to an earlier date is the exception, which a
    live service that lists it tonight decides (`exclusion`).
    """
    ended: set[GameKey] = set()
    by_id: defaultdict[str, list[ListedGame]] = defaultdict(list)
    for report in reports:
        ended.update(entry.game.key for entry in report.listed if _ended(entry))
        for entry in (*report.listed, *(game.entry for game in report.unnamed if game.entry is not None)):
            if entry.league_id:
                by_id[entry.league_id].append(entry)
    moves: dict[tuple[str, date], date] = {}
    for league_id, found in by_id.items():
        days = {entry.game.day for entry in found}
        if len(days) > 1:
            played = {entry.game.day for entry in found if entry.game.key in ended}
            off = {entry.game.day for entry in found if is_called_off(entry)}
            named = {entry.game.day for entry in found if entry.names_teams}
            standing = played or named - off or days - off
            if standing:
                moves |= {(league_id, day): max(standing) for day in days - played - {max(standing)}}
    return moves


def _state_reason(entry: ListedGame, evidence: Evidence) -> Reason | None:
    if entry.state is GameState.POSTPONED:
        return Reason.POSTPONED
    if entry.state is GameState.CANCELLED:
        return Reason.CANCELLED
    if entry.league_id is None:
        return None
    if (entry.league_id, entry.game.day) in evidence.moves:
        scoreless = entry.state is GameState.FINAL and entry.has_score is False
        return Reason.FINAL_WITHOUT_SCORE if scoreless else Reason.MOVED
    if (key := series_of(entry.league_id)) is not None:
        series = evidence.series.get(key)
        if series is not None and series.decided_on < entry.game.day:
            return Reason(f"series over {series.result}")
    return None


def _ended(entry: ListedGame) -> bool:
    return entry.state is GameState.FINAL and entry.has_score is True


def _excluded(listing: Listing, reasons: Mapping[str, Reason], evidence: Evidence) -> Exclusion:
    return Exclusion(
        reason=min(reasons.values(), key=_ORDER.index),
        witnesses=tuple(sorted(reasons)),
        moved_to=_latest(entry.moved_to for entry in listing.entries)
        or _latest(evidence.moves.get((entry.league_id or "", entry.game.day)) for entry in listing.entries),
    )


def _latest(days: Iterable[date | None]) -> date | None:
    return max((day for day in days if day is not None), default=None)


def undecided_moves(listings: Sequence[Listing], evidence: Evidence) -> list[str]:
    """The games of today or later that are excluded only because they are listed for a second date, one sentence each.

    Nothing shows which of two future dates is the newer.
    """
    return [
        f"{entry.source}: {entry.game.matchup} is listed for both {entry.game.day} and {moved_to}, neither played yet; "
        "using the later date"
        for listing in listings
        if listing.game.day >= evidence.today and not is_to_be_played(listing, evidence)
        for entry in listing.entries
        if entry.source in state_reasons(listing, evidence)
        and (moved_to := evidence.moves.get((entry.league_id or "", entry.game.day))) is not None
        and entry.state is GameState.SCHEDULED
        and moved_to > entry.game.day
    ]
