"""Whether today's features are ready, for whoever shows it to people."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from nba_monitoring.core.codec import Instant
from nba_monitoring.core.eastern import eastern_clock
from nba_monitoring.core.stage_verdict import StageVerdict
from nba_monitoring.core.stages import PHASE4
from nba_monitoring.core.status import Status
from nba_monitoring.core.verdict import DateVerdict


class Ready(StrEnum):
    """Whether the features are there."""

    YES = "yes"
    NO = "no"
    NOT_YET = "not yet"


@dataclass(frozen=True, slots=True)
class FeaturesReady:
    """Whether a date's features are ready: the fields are keys of `nba-monitoring status --json`."""

    game_date: date
    """Today, as a US Eastern date."""
    features_ready: Ready | None
    """`yes`: Phase 4 is complete for every expected game of today. `not yet`: it is not, and is not due yet. `no`: it
    is due and not complete, or that is not known. null: no game is expected today, on evidence."""
    features_reason: str | None
    """What is missing or not known, or why nothing is expected; null with `yes`."""
    first_tip_at: Instant | None
    """The first tip-off of today's expected games (UTC); null where there is none, or no source knows it."""


def features_ready(verdict: DateVerdict) -> FeaturesReady:
    """What the verdict on a date says of its features, which are Phase 4's."""
    ready, reason = _ready(verdict, verdict.stages[PHASE4])
    return FeaturesReady(verdict.day, ready, reason, verdict.slate.first_tip_at)


def _ready(verdict: DateVerdict, found: StageVerdict) -> tuple[Ready | None, str | None]:
    slate = verdict.slate
    if slate.unreadable or found.status is Status.UNKNOWN_SCHEDULE:
        # Before its time as well: nobody knows what would have to be there.
        return Ready.NO, "; ".join(("the schedule is not known", *(slate.unreadable or slate.doubts)))
    if not slate.expected or found.status is Status.NO_GAMES:
        return None, f"no games: {slate.off_day_proof or 'none that Phase 4 covers'}"
    match found.status:
        case Status.AVAILABLE:
            return Ready.YES, None
        case Status.NOT_DUE:
            return Ready.NOT_YET, f"{found.ready} of {found.expected} ready, due by {eastern_clock(found.due_at)}"
        case Status.HALTED:
            return Ready.NO, "halted" if found.halt is None else f"halted: {found.halt.reason}"
        case Status.BOOTSTRAP:
            return Ready.NO, "none are written in a season's first days"
    return Ready.NO, found.why
