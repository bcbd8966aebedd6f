"""How much of a stage is enough: the least of distinct keys, and its ramp in a season's first weeks."""

from __future__ import annotations

from typing import Annotated

from pydantic import ConfigDict, Field, ValidationInfo, field_validator, model_validator

from nba_monitoring.core.stage_fields import Entry


class Least(Entry):
    """The fewest distinct keys of usable rows that are right; one of per_unit, per_game and per_date is given."""

    model_config = ConfigDict(
        json_schema_extra={"oneOf": [{"required": [each]} for each in ("per_unit", "per_game", "per_date")]}
    )

    per_unit: Annotated[int, Field(ge=1)] | None = None
    """For each unit: each game, or each team that plays."""
    per_game: Annotated[int, Field(ge=1)] | None = None
    """For the date as a whole: so many times its games."""
    per_date: Annotated[int, Field(ge=1)] | None = None
    """For the date as a whole."""
    ramp: tuple[tuple[Annotated[int, Field(ge=0)], Annotated[int, Field(ge=0)]], ...] = ()
    """Lowers per_date in a season's first weeks: pairs of a day after the opener and the least from that day on. Before
    the first day nothing is expected."""
    warn: Annotated[int, Field(ge=1)] | None = None
    """Under so many there is a warning, though they are right; not while a ramp lasts."""

    @field_validator("ramp")
    @classmethod
    def _ascends(cls, ramp: tuple[tuple[int, int], ...], info: ValidationInfo) -> tuple[tuple[int, int], ...]:
        if ramp and "per_date" in info.data and info.data["per_date"] is None:
            raise ValueError("goes with per_date alone, which it lowers in a season's first weeks")
        days = [day for day, _ in ramp]
        if days != sorted(set(days)):
            raise ValueError(f"its days must ascend, and are {', '.join(map(str, days))}")
        return ramp

    @model_validator(mode="after")
    def _is_one(self) -> Least:
        given = [name for name in ("per_unit", "per_game", "per_date") if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError(f"give one of per_unit, per_game and per_date, not {' and '.join(given) or 'none'}")
        if self.warn is not None and self.warn <= (self.per_unit or self.per_game or self.per_date or 0):
            raise ValueError(f"warns only where it fails: `warn` must be over {given[0]}")
        return self

    def on(self, season_day: int | None, games: int) -> int:
        """The least of a date, or of each unit where it is given per unit, on a day of the season (None: unknown)."""
        if self.per_unit is not None:
            return self.per_unit
        if self.per_game is not None:
            return self.per_game * games
        most = self.per_date or 0
        if not self.ramp or season_day is None:
            return most
        reached = [least for day, least in self.ramp if day <= season_day]
        return min(most, reached[-1] if reached else 0)

    def warn_on(self, season_day: int | None, games: int) -> int:
        """The number under which to warn, of a date or of each unit; 0 for never, as while a ramp lasts."""
        if self.warn is None or self.on(season_day, games) < (self.per_date or 0):
            return 0
        return self.warn * games if self.per_game is not None else self.warn
