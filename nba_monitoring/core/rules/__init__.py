"""The rules of a stage, one a file: what it measures (an SQL aggregate, carried as text) and how it judges (pure).

Enough distinct keys a unit is the one rule that every stage has: it is its entry's `least`, judged in
core/stage_verdict.py.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from nba_monitoring.core.rules.duplicates import Duplicates
from nba_monitoring.core.rules.not_played import NotPlayed
from nba_monitoring.core.rules.null_share import NullShare
from nba_monitoring.core.rules.ratio import Ratio
from nba_monitoring.core.rules.required_members import RequiredMembers
from nba_monitoring.core.rules.unchanged import Unchanged
from nba_monitoring.core.rules.usable_share import UsableShare
from nba_monitoring.core.rules.value_share import ValueShare

AnyRule = Annotated[
    UsableShare | NullShare | RequiredMembers | Ratio | ValueShare | Duplicates | NotPlayed | Unchanged,
    Field(discriminator="rule"),
]
