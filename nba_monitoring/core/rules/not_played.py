"""No rows for a game that is not played: on 2026-01-08 there were predictions for a postponed one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Literal

from nba_monitoring.core.rules.base import BaseRule, Count, Finding, RuleInput, reached
from nba_monitoring.core.slate.exclusions import Reason

# Not games of a decided series: rows written the evening before can't know that it ends that night. Nor games of a
# part of the season that does not count, which are played.
_NOT_PLAYED = frozenset({Reason.POSTPONED, Reason.CANCELLED, Reason.FINAL_WITHOUT_SCORE, Reason.MOVED})


class NotPlayed(BaseRule):
    """Allows no usable rows for a game that is postponed, cancelled or moved to another date."""

    judges_days_off: ClassVar[bool] = True

    rule: Literal["not_played"]
    warn: Count | None = None
    """Warn at this number of such games."""
    fail: Count | None = None
    """Fail at this number of such games."""

    def judge(self, seen: RuleInput) -> Sequence[Finding]:
        """The games with usable rows, by id."""
        units = seen.coverage.units
        found = [
            f"{entry.game.id} ({seen.stage.number_of(units[entry.game.key].usable_keys)}, {entry.reason})"
            for entry in seen.slate.excluded
            if entry.reason in _NOT_PLAYED and entry.game.key in units and units[entry.game.key].usable_keys
        ]
        text = f"rows for games that are not played: {', '.join(sorted(found))}"
        return reached(self, len(found), text)
