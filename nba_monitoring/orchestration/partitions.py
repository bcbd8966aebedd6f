"""One partition a game date: the US Eastern day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import dagster as dg

# From the first season whose opener is known. The end offset makes today a partition of today; without it today's
# date would not exist until tomorrow.
game_dates = dg.DailyPartitionsDefinition(start_date="2021-10-19", timezone="America/New_York", end_offset=1)

# One run for a backfill of any range: a season is seconds in one run, half an hour as a run per date.
one_run = dg.BackfillPolicy.single_run()


def first_and_last(partition_keys: Sequence[str]) -> tuple[date, date]:
    """The dates that a run spans."""
    return date.fromisoformat(min(partition_keys)), date.fromisoformat(max(partition_keys))
