"""The rules of a stage: what each needs measured (SQL aggregates, as text) and how it judges.

Enough distinct keys per unit is the one rule that every stage has. It is the `least` of its entry, judged in
core/stage_verdict.py.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from nba_monitoring.core.rules.not_played import NotPlayed
from nba_monitoring.core.rules.ratio import Ratio
from nba_monitoring.core.rules.required_members import RequiredMembers
from nba_monitoring.core.rules.shares import Duplicates, NullShare, UsableShare, ValueShare
from nba_monitoring.core.rules.unchanged import Unchanged

AnyRule = Annotated[
    UsableShare | NullShare | RequiredMembers | Ratio | ValueShare | Duplicates | NotPlayed | Unchanged,
    Field(discriminator="rule"),
]
