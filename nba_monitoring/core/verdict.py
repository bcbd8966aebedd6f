"""The verdict on a date: what was expected, what is there, and how bad the difference is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from nba_monitoring.core.coverage import Coverage, GameRows
from nba_monitoring.core.eastern import earliest_tip, game_date
from nba_monitoring.core.games import Game
from nba_monitoring.core.slate.slate import ExpectedGame, Slate

# From three hours before the first uncovered tip-off on, there is hardly time left to act.
ERROR_BEFORE_TIP = timedelta(hours=3)

_NO_ROWS = GameRows(rows=0, usable_rows=0, ids=())


class Status(StrEnum):
    """What the comparison of a date came to."""

    AVAILABLE = "AVAILABLE"
    NO_GAMES = "NO_GAMES"
    BOOTSTRAP = "BOOTSTRAP"
    PARTIAL_DATA = "PARTIAL_DATA"
    MISSING_DATA = "MISSING_DATA"
    UNKNOWN_SCHEDULE = "UNKNOWN_SCHEDULE"
    SUSPECT_JOIN = "SUSPECT_JOIN"

    @property
    def passes(self) -> bool:
        """Whether the check passes with this status."""
        return self in (Status.AVAILABLE, Status.NO_GAMES, Status.BOOTSTRAP)


class Severity(StrEnum):
    """How urgent a failing check is."""

    WARN = "WARN"
    ERROR = "ERROR"


@dataclass(frozen=True, slots=True)
class Thresholds:
    """What a game needs to be covered, and how many first days of a season are left out."""

    min_rows_per_game: int
    bootstrap_days: int = 14


@dataclass(frozen=True, slots=True)
class GameVerdict:
    """One expected game and the rows seen for it. `reason` says what is wrong; None where it is covered."""

    game: Game
    tip_at: datetime | None
    witnesses: tuple[str, ...]
    rows: int
    usable_rows: int
    reason: str | None

    @property
    def is_missing(self) -> bool:
        """No usable row at all."""
        return self.usable_rows == 0

    @property
    def is_partial(self) -> bool:
        """Some usable rows, too few."""
        return not self.is_missing and self.reason is not None


@dataclass(frozen=True, slots=True)
class Verdict:
    """The judgement of one date at one instant (UTC). `severity` is None when the check passes."""

    day: date
    checked_at: datetime
    status: Status
    severity: Severity | None
    games: tuple[GameVerdict, ...]
    slate: Slate
    coverage: Coverage
    warnings: tuple[str, ...]

    @property
    def passes(self) -> bool:
        """Whether the check passes."""
        return self.status.passes

    @property
    def ready(self) -> tuple[GameVerdict, ...]:
        """Games with enough usable rows."""
        return tuple(entry for entry in self.games if entry.reason is None)

    @property
    def missing(self) -> tuple[GameVerdict, ...]:
        """Games without a usable row."""
        return tuple(entry for entry in self.games if entry.is_missing)

    @property
    def partial(self) -> tuple[GameVerdict, ...]:
        """Games with usable rows, but too few."""
        return tuple(entry for entry in self.games if entry.is_partial)

    @property
    def uncovered(self) -> tuple[GameVerdict, ...]:
        """Missing and partial games."""
        return tuple(entry for entry in self.games if entry.reason is not None)

    @property
    def first_uncovered_tip_at(self) -> datetime | None:
        """The tip-off (UTC) by which something must have been done; noon Eastern for a game without one."""
        return _first_tip(self.uncovered)


def judge(slate: Slate, coverage: Coverage, thresholds: Thresholds, now: datetime) -> Verdict:
    """Compare a slate with what the phase holds for the same date. `now` is the UTC instant of the look."""
    games = tuple(_judge_game(entry, coverage, thresholds) for entry in slate.expected)
    status = _status(games, slate, coverage, thresholds)
    return Verdict(
        day=slate.day,
        checked_at=now,
        status=status,
        severity=None if status.passes else _severity(status, games, slate.day, now),
        games=games,
        slate=slate,
        coverage=coverage,
        warnings=_warnings(games, slate, coverage),
    )


def _judge_game(entry: ExpectedGame, coverage: Coverage, thresholds: Thresholds) -> GameVerdict:
    held = coverage.games.get(entry.game.key, _NO_ROWS)
    reason = None
    if held.rows == 0:
        reason = "no rows"
    elif held.usable_rows == 0:
        reason = f"{held.rows} rows, none production-ready"
    elif held.usable_rows < thresholds.min_rows_per_game:
        reason = f"{held.usable_rows} usable rows of at least {thresholds.min_rows_per_game}"
    return GameVerdict(entry.game, entry.tip_at, entry.witnesses, held.rows, held.usable_rows, reason)


def _status(games: tuple[GameVerdict, ...], slate: Slate, coverage: Coverage, thresholds: Thresholds) -> Status:
    if not games:
        return Status.UNKNOWN_SCHEDULE if slate.off_day_proof is None else Status.NO_GAMES
    matched = any(entry.rows for entry in games) or any(entry.game.key in coverage.games for entry in slate.excluded)
    if not matched and coverage.total_rows:
        return Status.SUSPECT_JOIN
    if not any(entry.usable_rows for entry in games) and _in_bootstrap(slate, thresholds):
        return Status.BOOTSTRAP
    if any(entry.is_missing for entry in games):
        return Status.MISSING_DATA
    # What is listed and can't be read may be a game, as a play-in game before its teams are known.
    return Status.PARTIAL_DATA if slate.unreadable or any(entry.is_partial for entry in games) else Status.AVAILABLE


def _in_bootstrap(slate: Slate, thresholds: Thresholds) -> bool:
    return slate.opener is not None and (slate.day - slate.opener).days < thresholds.bootstrap_days


def _severity(status: Status, games: tuple[GameVerdict, ...], day: date, now: datetime) -> Severity:
    if status in (Status.UNKNOWN_SCHEDULE, Status.SUSPECT_JOIN):
        return Severity.ERROR
    if day < game_date(now):
        return Severity.WARN
    first_tip = _first_tip(entry for entry in games if entry.reason is not None) or earliest_tip(day)
    return Severity.WARN if first_tip - now > ERROR_BEFORE_TIP else Severity.ERROR


def _first_tip(games: Iterable[GameVerdict]) -> datetime | None:
    return min((entry.tip_at or earliest_tip(entry.game.day) for entry in games), default=None)


def _warnings(games: tuple[GameVerdict, ...], slate: Slate, coverage: Coverage) -> tuple[str, ...]:
    """Everything seen that no count shows: duplicates, rows that belong to no expected game, an unknown season."""
    held = coverage.games
    twice = [key for key, rows in held.items() if len(rows.ids) > 1]
    found = [
        f"{coverage.matchups[key].id}: rows under {len(held[key].ids)} ids ({', '.join(held[key].ids)}), "
        "the fullest counted"
        for key in sorted(twice, key=lambda key: held[key].ids)
    ]
    unexpected = held.keys() - {entry.game.key for entry in games}
    excluded = {entry.game.key: entry.reason for entry in slate.excluded}
    for key in sorted(unexpected, key=lambda key: held[key].ids):
        why = f"excluded as {excluded[key]}" if key in excluded else "that nobody expects"
        found.append(f"{coverage.matchups[key].id}: {held[key].rows} rows for a game {why}")
    found += [f"{rows.game_id or '(null)'}: {rows.rows} rows, {rows.reason}" for rows in coverage.unmatched]
    if games and slate.opener is None:
        found.append(
            f"no season opener is known before {slate.day}, so no bootstrap days are granted: load the league's "
            "schedule from the season's start, or add the opener to nba_monitoring/core/seasons.py"
        )
    return tuple(found)
