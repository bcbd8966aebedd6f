"""A measure against the two thresholds of its rule."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated

from pydantic import Field

from nba_monitoring.core.rules.base import BaseRule, Finding, Level

# Between 0 and 1.
Share = Annotated[float, Field(ge=0, le=1)]
Count = Annotated[int, Field(ge=1)]


def of_share(rule: BaseRule, part: float, whole: float, text: str) -> Sequence[Finding]:
    """A finding where a share is beyond a threshold: under it for a floor, else over it.

    Nothing can be said of a share of nothing.
    """
    if not whole:
        return ()
    share = part / whole
    bound = "at least" if rule.is_floor else "at most"
    return _finding(
        rule,
        lambda threshold: share < threshold if rule.is_floor else share > threshold,
        lambda threshold: f"{text} ({percent(share, threshold)}, {bound} {threshold:.0%} is right)",
    )


def reached(rule: BaseRule, measure: float, text: str) -> Sequence[Finding]:
    """A finding where a measure is as high as a threshold."""
    return _finding(rule, lambda threshold: measure >= threshold, lambda _: text)


def percent(share: float, bound: float | None = None) -> str:
    """A share as people write it, with as many digits as tell it from the bound that it is compared with."""
    if bound is not None and share != bound and f"{share:.0%}" == f"{bound:.0%}":
        return f"{share:.2%}"
    return f"{share:.0%}"


def _finding(rule: BaseRule, is_beyond: Callable[[float], bool], told: Callable[[float], str]) -> Sequence[Finding]:
    for threshold, level in ((rule.fail, Level.FAIL), (rule.warn, Level.WARN)):
        if threshold is not None and is_beyond(threshold):
            return (Finding(rule.rule, level, told(threshold)),)
    return ()
