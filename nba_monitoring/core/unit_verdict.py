"""The verdict on each unit of a stage: the games, the teams or the whole date that it should have rows for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from nba_monitoring.core.counting import WHOLE_DATE, Unit
from nba_monitoring.core.coverage import Coverage, UnitKey, UnitRows
from nba_monitoring.core.slate.slate import ExpectedGame
from nba_monitoring.core.stages import Stage
from nba_monitoring.core.teams import TRICODES
from nba_monitoring.core.words import count

_NO_ROWS = UnitRows(rows=0, usable_keys=0, ids=())


@dataclass(frozen=True, slots=True)
class UnitVerdict:
    """One unit that a stage should have, and the rows found for it."""

    name: str  # as stored: a game's id, a team's tricode, or `_all`
    rows: int
    usable_keys: int  # a key counts once, however many usable rows it has
    reason: str | None  # what is wrong; None if nothing is
    entry: ExpectedGame | None = None  # the slate's, of a game
    changed: int = 0  # of its rows, after the check

    @property
    def is_missing(self) -> bool:
        """Whether it has no usable row."""
        return self.reason is not None and self.usable_keys == 0

    @property
    def is_partial(self) -> bool:
        """Whether it has usable rows, but too few."""
        return self.reason is not None and self.usable_keys > 0


def judge_units(
    stage: Stage, games: Sequence[ExpectedGame], least: int, coverage: Coverage
) -> tuple[tuple[UnitVerdict, ...], int, int]:
    """The units that the stage should have, and how many are expected and ready."""
    if stage.unit is Unit.GAME:
        units = tuple(_unit(stage, coverage, entry.game.key, entry.game.id, least, entry) for entry in games)
        return units, len(units), sum(unit.reason is None for unit in units)
    if not games:
        return (), 0, 0
    if stage.unit is not Unit.TEAM:
        unit = _unit(stage, coverage, WHOLE_DATE, WHOLE_DATE, least)
        return (unit,), least, unit.usable_keys
    if stage.least.per_unit is not None:
        playing = sorted({team for entry in games for team in (entry.game.away, entry.game.home)})
        units = tuple(_unit(stage, coverage, team, team, least) for team in playing)
        return units, len(units), sum(unit.reason is None for unit in units)
    # Which teams come first during a season's ramp is unknown, so any of the league's teams count.
    ready = sum(_rows(coverage, team).usable_keys > 0 for team in TRICODES)
    one = 1 if ready < least else 0
    return tuple(_unit(stage, coverage, team, team, one) for team in sorted(TRICODES)), least, ready


def _unit(
    stage: Stage, coverage: Coverage, key: UnitKey, name: str, least: int, entry: ExpectedGame | None = None
) -> UnitVerdict:
    held = _rows(coverage, key)
    reason = None
    if held.usable_keys < least:
        reason = coverage.unreadable or _why_too_few(stage, held, least)
    return UnitVerdict(name, held.rows, held.usable_keys, reason, entry, held.changed)


def _rows(coverage: Coverage, key: UnitKey) -> UnitRows:
    return coverage.units.get(key, _NO_ROWS)


def _why_too_few(stage: Stage, held: UnitRows, least: int) -> str:
    if held.rows == 0:
        return "no rows"
    if held.keys == 0:
        return f"{count(held.rows, 'row')}, none with a {stage.noun.removesuffix('s')}"
    if held.usable_keys == 0 and held.placeholders >= held.rows:
        return count(held.rows, "early-season placeholder row")
    if held.usable_keys == 0:
        reason = f"{count(held.rows, 'row')}, none {stage.usable_word}"
        return reason + (f", {held.placeholders} of them early-season placeholders" if held.placeholders else "")
    reason = f"{stage.number_of(held.usable_keys)} (at least {least:,} expected)"
    return reason + (f", and {count(held.placeholders, 'early-season placeholder row')}" if held.placeholders else "")
