"""An incident: a finding from when it was found to its end, and the messages sent about it.

Field names and order are the columns of `nba_monitoring.incidents` and `nba_monitoring.notifications`. What the columns
leave out is in `detail`, JSON text in the tables, so that the ledger alone can rebuild what the sensor remembers.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import AliasChoices, Field

from nba_monitoring.core.codec import GameId, Instant
from nba_monitoring.core.game_ids import parse_game_id
from nba_monitoring.core.games import Game
from nba_monitoring.core.rules.base import Finding
from nba_monitoring.core.stages import PHASE4, SCHEDULE, WHOLE_DATE, Due
from nba_monitoring.core.status import Severity, Status
from nba_monitoring.core.verdict import Orphan


class EndedAs(StrEnum):
    """How an incident ended."""

    RECOVERED = "recovered"
    TOO_LATE = "too_late"  # the last uncovered game tipped off, or the morning after it is over
    EXCUSED = "excused"  # nothing is expected any more, or it was muted to its end
    CLOSED = "closed"  # by hand


@dataclass(frozen=True, slots=True)
class UncoveredUnit:
    """A game, a team or a whole date of which a stage holds nothing usable, or too little."""

    # A game's id, a team's tricode or `_all`; called `game` while there were games alone.
    unit: Annotated[str, Field(validation_alias=AliasChoices("unit", "game"))]
    tip_at: Instant | None  # of a game; None where no source knows it
    reason: str
    is_missing: bool

    @property
    def game(self) -> Game | None:
        """The game that it is, None for a team or a whole date."""
        game = parse_game_id(self.unit)
        return game if isinstance(game, Game) else None

    @property
    def name(self) -> str | None:
        """As people write it: 'ORL@MEM', 'ORL'; None for a whole date, which needs none."""
        if self.unit == WHOLE_DATE:
            return None
        return self.game.matchup if self.game else self.unit


@dataclass(frozen=True, slots=True)
class Told:
    """What the last message about an incident said."""

    at: Instant
    status: Status
    severity: Severity
    uncovered: tuple[UncoveredUnit, ...]
    stage: str | None = None  # None where it was written before there were others than Phase 4
    also: tuple[str, ...] = ()  # stages that are broken besides
    rules: tuple[str, ...] = ()  # that failed
    is_unreadable: bool = False  # the stage's table could not be read

    @property
    def subject(self) -> str:
        """The stage that it was about, `schedule` where that was what is not known."""
        if self.stage is not None:
            return self.stage
        is_only_unreadable = self.status is Status.PARTIAL_DATA and not self.uncovered
        return SCHEDULE if self.status is Status.UNKNOWN_SCHEDULE or is_only_unreadable else PHASE4


@dataclass(frozen=True, slots=True)
class IncidentDetail:
    """What the columns leave out. Every field has a default, so that an older version's row can be read."""

    uncovered: tuple[UncoveredUnit, ...] = ()  # at the newest look that failed
    tips: tuple[Instant | None, ...] = ()  # of all games of the date, where it is not about single games
    expected: tuple[GameId, ...] = ()
    ready: int = 0
    total: int | None = None  # of what `ready` counts; None: of the expected games
    is_unreadable: bool = False  # the stage's table could not be read
    findings: tuple[Finding, ...] = ()  # of the rules that fail
    behind: tuple[str, ...] = ()  # stages that fail as a consequence
    also: tuple[str, ...] = ()  # stages that are broken besides
    orphans: tuple[Orphan, ...] = ()
    unreadable: tuple[str, ...] = ()  # listings that may hide a game, a sentence each
    evidence: tuple[str, ...] = ()  # what that look rests on, for the small print
    passed_as: Status | None = None  # the passing status that ended it
    looked_at: Instant | None = None  # the newest look acted on
    run_id: str | None = None  # of that look
    due_at: Instant | None = None  # when what was found had to be there
    mute: str | None = None  # the reason and the author of the mute that was in force at that look
    was_muted: str | None = None  # the same of a mute that has ended since the last message
    told: Told | None = None
    thread: str | None = None  # under which the transport finds the thread again
    unseen_told: Instant | None = None  # the look after which "not looked at since" was told
    acknowledgement_told: bool = False
    end_told: bool = False
    covered_told: bool = False
    note: str | None = None  # of whoever acknowledged or closed it
    closed_by: str | None = None
    is_drill: bool = False


@dataclass(frozen=True, slots=True)
class Incident:
    """One row of `nba_monitoring.incidents`: an incident in its newest state."""

    incident_id: str  # the alert id: nba-2026-01-18, nba-2026-01-18-2, nba-2026-01-18-results
    check_date: date
    due: Due
    stage: str  # the name of the first broken stage, `schedule` where that is what is not known
    status: Status
    severity: Severity
    found_at: Instant
    told_at: Instant | None = None  # when a message about it was first accepted
    acknowledged_at: Instant | None = None
    acknowledged_by: str | None = None
    ended_at: Instant | None = None
    ended_as: EndedAs | None = None
    first_tip_at: Instant | None = None  # of the games that it was about when it was found
    covered_at: Instant | None = None  # the look that found all of its games covered
    detail: IncidentDetail = field(default_factory=IncidentDetail)

    @property
    def is_open(self) -> bool:
        """Whether it has not ended."""
        return self.ended_at is None

    @property
    def standing(self) -> str:
        """'open', 'open, acknowledged by Ann: on it', 'recovered', 'no longer expected', 'closed by Ann: known'."""
        note = f": {self.detail.note}" if self.detail.note else ""
        if self.is_open:
            return f"open, acknowledged by {self.acknowledged_by}{note}" if self.acknowledged_by else "open"
        match self.ended_as:
            case EndedAs.CLOSED:
                return f"closed by {self.detail.closed_by or 'someone'}{note}"
            case EndedAs.EXCUSED:
                return "no longer expected"
            case None:
                return "ended"
        return self.ended_as.replace("_", " ")


@dataclass(frozen=True, slots=True)
class Notification:
    """One row of `nba_monitoring.notifications`: one message by one way, accepted or not."""

    notification_id: str  # the same for every attempt at the same message by the same way
    incident_id: str | None  # None for a message about the monitor itself
    sent_at: Instant
    way: str  # slack, webhook, log, or the scheme of an Apprise address
    reason: str
    accepted: bool
    receipt: str | None = None  # by which the way finds it again
    text: str = ""  # the line that a notification shows; no secrets
    error: str | None = None
