"""A measure against two thresholds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

from nba_monitoring.core.rules.base import Finding, Level

# Between 0 and 1.
Share = Annotated[float, Field(ge=0, le=1)]


def too_low(
    rule: str, part: float, whole: float, text: str, warn: float | None, fail: float | None
) -> Sequence[Finding]:
    """A finding where the share is under a threshold; nothing can be said of a share of nothing."""
    if not whole:
        return ()
    return _finding(rule, text, part / whole, (fail, Level.FAIL), (warn, Level.WARN), sign=1)


def too_high(
    rule: str, part: float, whole: float, text: str, warn: float | None, fail: float | None
) -> Sequence[Finding]:
    """A finding where the share is over a threshold; nothing can be said of a share of nothing."""
    if not whole:
        return ()
    return _finding(rule, text, part / whole, (fail, Level.FAIL), (warn, Level.WARN), sign=-1)


def too_many(rule: str, count: int, text: str, warn: int | None, fail: int | None) -> Sequence[Finding]:
    """A finding where the count is as high as a threshold."""
    for threshold, level in ((fail, Level.FAIL), (warn, Level.WARN)):
        if threshold is not None and count >= threshold:
            return (Finding(rule, level, text),)
    return ()


def percent(share: float, bound: float | None = None) -> str:
    """A share as people write it, with as many digits as tell it from the bound that it is compared with."""
    if bound is not None and share != bound and f"{share:.0%}" == f"{bound:.0%}":
        return f"{share:.2%}"
    return f"{share:.0%}"


def _finding(
    rule: str, text: str, share: float, *thresholds: tuple[float | None, Level], sign: int
) -> Sequence[Finding]:
    for threshold, level in thresholds:
        if threshold is not None and sign * (threshold - share) > 0:
            bound = "at least" if sign > 0 else "at most"
            return (Finding(rule, level, f"{text} ({percent(share, threshold)}, {bound} {threshold:.0%} is right)"),)
    return ()
