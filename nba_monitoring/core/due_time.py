"""From when on it is wrong that a stage is not complete."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Annotated

from pydantic import Field, ValidationInfo, field_validator

from nba_monitoring.core.eastern import eastern_instant
from nba_monitoring.core.stage_fields import Clock, Entry, Span


class DueTime(Entry):
    """From when on a stage's absence is wrong: a time of the US Eastern day, or before the first tip-off if earlier."""

    at: Clock
    """A time of the US Eastern day, such as 10:45."""
    next_day: bool = False
    """Whether that is the day after the games: the stage is what they leave behind, and is judged that morning."""
    before_first_tip: Annotated[Span, Field(json_schema_extra={"default": "0m"})] = timedelta(0)
    """How long before the first tip-off it is due at the latest: 2h, 90m, 1h30m."""

    @field_validator("before_first_tip")
    @classmethod
    def _is_the_same_day(cls, span: timedelta, info: ValidationInfo) -> timedelta:
        if span and info.data.get("next_day"):
            raise ValueError("does not go with next_day: the games are over by then")
        return span

    def on(self, day: date, first_tip_at: datetime | None) -> datetime:
        """The instant (UTC) for a game date. Of a stage that is due the same day, its first tip-off at the latest."""
        if self.next_day:
            return eastern_instant(day + timedelta(days=1), self.at)
        due_at = eastern_instant(day, self.at)
        return due_at if first_tip_at is None else min(due_at, first_tip_at - self.before_first_tip)


class LateAfter(StrEnum):
    """What makes a stage late before its due time."""

    USUAL = "usual"
