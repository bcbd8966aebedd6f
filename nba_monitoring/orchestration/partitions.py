"""The dates of a run, which are its partitions, and its trigger, which is in its tags."""

from __future__ import annotations

import dagster as dg

from nba_monitoring.core.stage_record import Trigger

# One partition per game date (US Eastern), from the first season whose opener is known. Without the end offset, today's
# partition would not exist until tomorrow.
game_dates = dg.DailyPartitionsDefinition(start_date="2021-10-19", timezone="America/New_York", end_offset=1)

# One run for a backfill of any range: a season takes seconds in one run, half an hour with one run per date.
one_run = dg.BackfillPolicy.single_run()

TRIGGER_TAG = "nba_monitoring/trigger"
BACKFILL_TAG = "dagster/backfill"  # Dagster's own, on each run of a backfill


def trigger_of(run: dg.DagsterRun) -> Trigger:
    """What started a run. Raises ValueError if its tag is not a trigger."""
    if BACKFILL_TAG in run.tags:
        return Trigger.BACKFILL
    return Trigger(run.tags.get(TRIGGER_TAG, Trigger.MANUAL))
