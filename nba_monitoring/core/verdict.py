"""The verdict on a date: what was expected, what each stage holds, and how bad the difference is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from nba_monitoring.core.coverage import Coverage, GameRows
from nba_monitoring.core.eastern import earliest_tip, game_date
from nba_monitoring.core.games import Game
from nba_monitoring.core.slate.slate import ExpectedGame, Slate
from nba_monitoring.core.stages import Stage

# From three hours before the first uncovered tip-off on, there is hardly time left to act.
ERROR_BEFORE_TIP = timedelta(hours=3)

_NO_ROWS = GameRows(rows=0, usable_players=0, ids=())


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
class GameVerdict:
    """One expected game and the rows seen for it. `reason` says what is wrong; None where it is covered.

    `usable_rows` counts a player once, however many usable rows there are of him.
    """

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
class StageVerdict:
    """The judgement of one stage on one date. `severity` is None when it passes."""

    stage: Stage
    status: Status
    severity: Severity | None
    games: tuple[GameVerdict, ...]
    coverage: Coverage
    warnings: tuple[str, ...]

    @property
    def passes(self) -> bool:
        """Whether the stage's check passes."""
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


@dataclass(frozen=True, slots=True)
class DateVerdict:
    """The judgement of one date at one instant (UTC): its slate, judged once, and each stage against it, by name."""

    day: date
    checked_at: datetime
    is_live: bool  # still to be played, or being played: someone should hurry
    slate: Slate
    stages: Mapping[str, StageVerdict]


def judge(slate: Slate, coverages: Mapping[Stage, Coverage], now: datetime) -> DateVerdict:
    """Compare a slate with what each stage holds for the same date. `now` is the UTC instant of the look."""
    is_live = slate.day >= game_date(now)
    without_games = _judge_slate(slate)
    stages = {}
    for stage, coverage in coverages.items():
        games = tuple(_judge_game(entry, coverage, stage) for entry in slate.expected)
        status = without_games or _status(stage, games, slate, coverage)
        severity = None if status.passes else _severity(status, games, slate.day if is_live else None, now)
        stages[stage.name] = StageVerdict(stage, status, severity, games, coverage, _warnings(games, slate, coverage))
    return DateVerdict(slate.day, now, is_live, slate, stages)


def _judge_slate(slate: Slate) -> Status | None:
    """What holds of every stage since no game is expected; None where games are."""
    if slate.expected:
        return None
    return Status.UNKNOWN_SCHEDULE if slate.off_day_proof is None else Status.NO_GAMES


def _judge_game(entry: ExpectedGame, coverage: Coverage, stage: Stage) -> GameVerdict:
    held = coverage.games.get(entry.game.key, _NO_ROWS)
    reason = None
    if held.rows == 0:
        reason = "no rows"
    elif held.usable_players == 0:
        reason = _why_unusable(held)
    elif held.usable_players < stage.min_rows_per_game:
        reason = f"{held.usable_players} of at least {stage.min_rows_per_game} players"
        if held.placeholders:
            reason += f", and {held.placeholders} early-season placeholder rows"
    return GameVerdict(entry.game, entry.tip_at, entry.witnesses, held.rows, held.usable_players, reason)


def _why_unusable(held: GameRows) -> str:
    if held.players == 0:
        return f"{held.rows} rows, none of which names a player"
    if held.placeholders >= held.rows:
        return f"{held.rows} early-season placeholder rows"
    if held.placeholders:
        return f"{held.rows} rows, none production-ready, {held.placeholders} of them early-season placeholders"
    return f"{held.rows} rows, none production-ready"


def _status(stage: Stage, games: tuple[GameVerdict, ...], slate: Slate, coverage: Coverage) -> Status:
    matched = any(entry.rows for entry in games) or any(entry.game.key in coverage.games for entry in slate.excluded)
    if not matched and coverage.total_rows:
        return Status.SUSPECT_JOIN
    if not any(entry.usable_rows for entry in games) and _in_bootstrap(stage, slate):
        return Status.BOOTSTRAP
    if any(entry.is_missing for entry in games):
        return Status.MISSING_DATA
    # What is listed and can't be read may be a game, as a play-in game before its teams are known.
    return Status.PARTIAL_DATA if slate.unreadable or any(entry.is_partial for entry in games) else Status.AVAILABLE


def _in_bootstrap(stage: Stage, slate: Slate) -> bool:
    return slate.opener is not None and (slate.day - slate.opener).days < stage.bootstrap_days


def _severity(status: Status, games: tuple[GameVerdict, ...], day: date | None, now: datetime) -> Severity:
    """`day` is None where nobody should hurry any more."""
    if status in (Status.UNKNOWN_SCHEDULE, Status.SUSPECT_JOIN):
        return Severity.ERROR
    if day is None:
        return Severity.WARN
    tips = [entry.tip_at or earliest_tip(entry.game.day) for entry in games if entry.reason is not None]
    first_tip = min(tips, default=earliest_tip(day))
    return Severity.WARN if first_tip - now > ERROR_BEFORE_TIP else Severity.ERROR


def _warnings(games: tuple[GameVerdict, ...], slate: Slate, coverage: Coverage) -> tuple[str, ...]:
    """Everything seen that no count shows: duplicates, rows that belong to no expected game, an unknown season."""
    held = coverage.games
    found = []
    for key in sorted(held, key=lambda key: held[key].ids):
        rows, game_id = held[key], coverage.matchups[key].id
        if len(rows.ids) > 1:
            found.append(
                f"{game_id}: rows under {len(rows.ids)} ids ({', '.join(rows.ids)}), {rows.players} players in all"
            )
        if rows.repeats:
            found.append(f"{game_id}: {rows.rows} rows for {rows.players} players, each of whom counts once")
    unexpected = held.keys() - {entry.game.key for entry in games}
    excluded = {entry.game.key: entry.reason for entry in slate.excluded}
    for key in sorted(unexpected, key=lambda key: held[key].ids):
        why = f"excluded as {excluded[key]}" if key in excluded else "that nobody expects"
        found.append(f"{coverage.matchups[key].id}: {held[key].rows} rows for a game {why}")
    found += [f"{rows.game_id or '(null)'}: {rows.rows} rows, {rows.reason}" for rows in coverage.unmatched]
    if games and slate.opener is None:
        found.append(
            f"no season opener is known before {slate.day}, so no bootstrap days are granted: load the league's "
            "schedule from the season's start, or add the opener to nba_monitoring/core/slate/seasons.py"
        )
    return tuple(found)
