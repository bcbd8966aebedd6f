"""The slate: the games expected on a date, as a reconciliation of independent witnesses.

The platform's `espn_scoreboard` was empty for a whole season, and a check resting on it alone would have said "all
available (0 games)" every morning. So the slate is the union of what the sources list; a stale or failing source
never empties it and never passes unseen, and a day off needs proof.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from nba_monitoring.core.eastern import earliest_tip
from nba_monitoring.core.exclusions import Reason, SourceContext, stage_reason, state_reason, was_played
from nba_monitoring.core.games import COUNTED_STAGES, Game, GameKey, GameState, Stage
from nba_monitoring.core.health import Freshness, SourceHealth, source_health
from nba_monitoring.core.off_days import prove_off_day
from nba_monitoring.core.seasons import SeasonOpeners
from nba_monitoring.core.sources import ListedGame, SourceKind, SourceReport
from nba_monitoring.core.teams import is_known

# A source without stages lists these like any other game; that is no disagreement.
_STAGE_ONLY_SOME_SOURCES_KNOW = frozenset({Reason.PRESEASON, Reason.ALL_STAR, Reason.CUP_FINAL})


@dataclass(frozen=True, slots=True)
class ExpectedGame:
    """A game that the phases must cover. `tip_at` is UTC, None where no source knows it."""

    game: Game
    tip_at: datetime | None
    witnesses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ExcludedGame:
    """A game listed for the date that nobody should wait for, and the sources that say why."""

    game: Game
    reason: Reason
    moved_to: date | None
    witnesses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Slate:
    """What is expected on one date and what that rests on.

    `opener` is the first day of the season that the date falls in, None where none is known.
    `off_day_proof` is the evidence that no game is expected (None: none, or games are expected). `disagreements`
    and `problems` are sentences: games on which sources differ, and things that could not be read.
    """

    opener: date | None
    date: date
    expected: tuple[ExpectedGame, ...]
    excluded: tuple[ExcludedGame, ...]
    off_day_proof: str | None
    sources: tuple[SourceHealth, ...]
    disagreements: tuple[str, ...]
    problems: tuple[str, ...]

    @property
    def first_tip_at(self) -> datetime | None:
        """The earliest known tip-off (UTC) of the expected games."""
        return min((entry.tip_at for entry in self.expected if entry.tip_at), default=None)


@dataclass(frozen=True, slots=True)
class _Look:
    """What one reconciliation works with, whatever the date."""

    reports: Sequence[SourceReport]
    contexts: Mapping[str, SourceContext]
    listed_days: Mapping[str, tuple[date, ...]]
    openers: SeasonOpeners
    now: datetime
    counted: frozenset[Stage]


def build_slates(
    days: Sequence[date],
    reports: Sequence[SourceReport],
    now: datetime,
    counted: frozenset[Stage] = COUNTED_STAGES,
) -> dict[date, Slate]:
    """Reconcile the reports of all sources into one slate a date. `now` is the UTC instant of the look."""
    by_day: defaultdict[date, list[ListedGame]] = defaultdict(list)
    for report in reports:
        for entry in report.listed:
            by_day[entry.game.date].append(entry)
    look = _Look(
        reports=reports,
        contexts={report.source: SourceContext.of(report) for report in reports},
        listed_days={report.source: tuple(sorted({entry.game.date for entry in report.listed})) for report in reports},
        openers=SeasonOpeners.known(
            entry for report in reports if report.kind is SourceKind.LEAGUE_SCHEDULE for entry in report.listed
        ),
        now=now,
        counted=counted,
    )
    return {day: _slate(day, by_day[day], look) for day in days}


def _slate(day: date, listed: Sequence[ListedGame], look: _Look) -> Slate:
    health = _health(day, listed, look)
    fresh = frozenset(source.source for source in health if source.freshness is Freshness.FRESH)
    by_key: defaultdict[GameKey, list[ListedGame]] = defaultdict(list)
    for entry in listed:
        by_key[entry.game.key].append(entry)
    expected: list[ExpectedGame] = []
    excluded: list[ExcludedGame] = []
    disagreements: list[str] = []
    problems = [problem for report in look.reports for problem in report.problems.get(day, ())]
    for entries in by_key.values():
        exclusion = _exclusion(day, entries, fresh, look)
        if exclusion is not None:
            excluded.append(exclusion)
        else:
            expected.append(_expected(entries))
        disagreements += _disagreements(entries, exclusion, health, fresh)
        problems += _oddities(entries)
    expected, strangers = _without_strangers(expected)
    problems += strangers
    return Slate(
        date=day,
        expected=tuple(sorted(expected, key=lambda entry: (entry.tip_at or earliest_tip(day), entry.game))),
        excluded=tuple(sorted(excluded, key=lambda entry: entry.game)),
        off_day_proof=None if expected or problems else prove_off_day(day, look.reports, health, look.listed_days),
        sources=health,
        disagreements=tuple(sorted(disagreements)),
        problems=tuple(sorted(set(problems))),
        opener=look.openers.opener_before(day),
    )


def _health(day: date, listed: Sequence[ListedGame], look: _Look) -> tuple[SourceHealth, ...]:
    games = {report.source: {e.game.key for e in listed if e.source == report.source} for report in look.reports}
    counts = {source: len(keys) for source, keys in games.items()}
    newest = {source: _last_up_to(day, days) for source, days in look.listed_days.items()}
    return tuple(
        sorted(
            (source_health(report, day, counts, newest, look.now) for report in look.reports),
            key=lambda health: health.source,
        )
    )


def _last_up_to(day: date, days: Sequence[date]) -> date | None:
    position = bisect_right(days, day)
    return days[position - 1] if position else None


def _exclusion(day: date, entries: Sequence[ListedGame], fresh: frozenset[str], look: _Look) -> ExcludedGame | None:
    """The reason not to expect a game.

    The part of the season counts whoever names it. A postponement counts from a fresh source, or from a stale one
    that no fresh source contradicts; nothing stands against a source that saw the game played.
    """
    next_opener = look.openers.next_opener(day)
    by_stage = {entry.source: stage_reason(entry, next_opener, look.counted) for entry in entries}
    named = {source: reason for source, reason in by_stage.items() if reason is not None}
    if named:
        return _excluded(entries, named, look)
    by_state = {
        entry.source: reason for entry in entries if (reason := state_reason(entry, look.contexts[entry.source]))
    }
    listed_by_fresh = {entry.source for entry in entries} & fresh
    heard = {source: reason for source, reason in by_state.items() if source in fresh or not listed_by_fresh}
    if not heard or any(was_played(entry) for entry in entries):
        return None
    return _excluded(entries, heard, look)


def _excluded(entries: Sequence[ListedGame], reasons: Mapping[str, Reason], look: _Look) -> ExcludedGame:
    witnesses = tuple(sorted(reasons))
    moved_to = next(
        (
            moved
            for entry in entries
            if entry.league_id
            and (moved := look.contexts[entry.source].moved_to.get((entry.league_id, entry.game.date)))
        ),
        None,
    )
    return ExcludedGame(_name(entries), reasons[witnesses[0]], moved_to, witnesses)


def _expected(entries: Sequence[ListedGame]) -> ExpectedGame:
    return ExpectedGame(
        game=_name(entries),
        tip_at=min((entry.tip_at for entry in entries if entry.tip_at), default=None),
        witnesses=tuple(sorted({entry.source for entry in entries})),
    )


def _name(entries: Sequence[ListedGame]) -> Game:
    """Home and away as the league has them; else as the alphabetically first source, so that order never matters."""
    return min(entries, key=lambda entry: (entry.league_id is None, entry.source, entry.game)).game


def _oddities(entries: Sequence[ListedGame]) -> list[str]:
    found = [
        f"{entry.source}: status of {entry.game.matchup} not understood, taken as still to be played"
        for entry in entries
        if entry.state is GameState.UNKNOWN
    ]
    found += [
        f"{entry.source}: league id {entry.league_id} of {entry.game.matchup} is of no known part of the season"
        for entry in entries
        if entry.league_id and entry.stage is None
    ]
    orders: defaultdict[str, set[Game]] = defaultdict(set)
    for entry in entries:
        orders[entry.source].add(entry.game)
    found += [
        f"{source}: duplicate, listed both as {' and as '.join(sorted(game.matchup for game in games))}"
        for source, games in orders.items()
        if len(games) > 1
    ]
    return found


def _without_strangers(expected: Sequence[ExpectedGame]) -> tuple[list[ExpectedGame], list[str]]:
    """Report unknown teams. A game of an unknown team stays expected unless its other team already has one."""
    busy = {
        team
        for entry in expected
        if is_known(entry.game.away) and is_known(entry.game.home)
        for team in (entry.game.away, entry.game.home)
    }
    kept: list[ExpectedGame] = []
    problems: list[str] = []
    for entry in expected:
        teams = {entry.game.away, entry.game.home}
        unknown = sorted(team for team in teams if not is_known(team))
        if unknown:
            sources = ", ".join(entry.witnesses)
            problems.append(f"{sources}: unknown team {' and '.join(unknown)} in {entry.game.matchup}")
        if not unknown or not teams & busy:
            kept.append(entry)
    return kept, problems


def _disagreements(
    entries: Sequence[ListedGame],
    exclusion: ExcludedGame | None,
    health: Sequence[SourceHealth],
    fresh: frozenset[str],
) -> list[str]:
    listing = {entry.source for entry in entries}
    matchup = _name(entries).matchup
    if exclusion is not None:
        against = sorted((listing & fresh) - set(exclusion.witnesses))
        if against and exclusion.reason not in _STAGE_ONLY_SOME_SOURCES_KNOW:
            said = ", ".join(exclusion.witnesses)
            return [f"{matchup}: {exclusion.reason} says {said}; still listed by {', '.join(against)}"]
        return []
    silent = sorted(source.source for source in health if source.source in fresh - listing and source.games)
    return [f"{matchup}: listed by {', '.join(sorted(listing))}; not by {', '.join(silent)}"] if silent else []
