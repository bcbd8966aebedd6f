"""The rules of a stage, one a file: what it measures (an SQL aggregate, carried as text) and how it judges (pure).

Enough distinct keys a unit is the one rule that every stage has: it is its entry's `least`, judged in core/verdict.py.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from nba_monitoring.core.rules.usable_share import UsableShare

AnyRule = Annotated[UsableShare, Field(discriminator="rule")]
