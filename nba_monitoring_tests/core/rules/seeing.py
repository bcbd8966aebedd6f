"""What a rule is shown in the tests: a stage, a slate, and what was measured of the stage's table."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from pydantic import TypeAdapter

from nba_monitoring.core.counting import Measured, Values
from nba_monitoring.core.coverage import Coverage, StageRows, cover
from nba_monitoring.core.rules import AnyRule
from nba_monitoring.core.rules.base import BaseRule, Finding, Level
from nba_monitoring.core.slate.exclusions import Reason
from nba_monitoring.core.slate.slate import ExcludedGame, ExpectedGame, Slate
from nba_monitoring.core.stage_verdict import StageInput
from nba_monitoring.core.stages import Stage
from nba_monitoring.settings import Settings
from nba_monitoring_tests.games import game_of

DAY = date(2026, 1, 18)
YESTERDAY = DAY - timedelta(days=1)
OPENER = date(2025, 10, 21)

_RULE: TypeAdapter[Any] = TypeAdapter(AnyRule)


def rule_of(**written: Any) -> Any:
    """A rule as stages.yaml writes it."""
    return _RULE.validate_python(written)


def shipped(stage: str, rule: str) -> Any:
    """The rule of a shipped stage."""
    (found,) = [each for each in Settings().stages[stage].rules if each.rule == rule]
    return found


def stage_named(name: str) -> Stage:
    return Settings().stages[name]


def slate_of(
    *games: str, excluded: Mapping[str, Reason] | None = None, day: date = DAY, opener: date | None = OPENER
) -> Slate:
    """A slate of games by id."""
    return Slate(
        day=day,
        opener=opener,
        expected=tuple(ExpectedGame(game_of(game_id), None, ("league",)) for game_id in games),
        excluded=tuple(
            ExcludedGame(game_of(game_id), reason, None, ("league",)) for game_id, reason in (excluded or {}).items()
        ),
        off_day_proof=None,
        sources=(),
        disagreements=(),
        problems=(),
    )


def seen_of(
    stage: str,
    groups: Mapping[Any, Mapping[date, Mapping[Any, Values]]] | None = None,
    slate: Slate | None = None,
    coverage: Coverage | None = None,
    **others: Any,
) -> StageInput:
    return StageInput(
        stage=stage_named(stage),
        slate=slate or slate_of("20260118_ORL_MEM"),
        coverage=coverage or Coverage(DAY, {}, {}, (), None),
        measured=Measured(groups or {}),
        **others,
    )


def covering(stage: str, usable: Mapping[str, int], rows: int = 20) -> Coverage:
    """The stage's coverage: usable keys by game id, of so many rows each."""
    held = [StageRows(DAY, game_id, rows, rows, keys, None) for game_id, keys in usable.items()]
    return cover(stage_named(stage), DAY, held, {})


def levels(found: Any) -> list[Level]:
    return [finding.level for finding in found]


def only(found: Any) -> Finding:
    (finding,) = found
    assert isinstance(finding, Finding)
    return finding


def measures_of(rule: BaseRule, stage: str, by: str | None) -> list[Any]:
    """The measures that a rule asks for, in its own order."""
    return list(rule.measures(stage_named(stage))[by])
