"""What made a run start."""

from __future__ import annotations

import dagster as dg

from nba_monitoring.core.stage_record import Trigger

TRIGGER_TAG = "nba_monitoring/trigger"
BACKFILL_TAG = "dagster/backfill"  # Dagster's own, on each run of a backfill


def trigger_of(run: dg.DagsterRun) -> Trigger:
    """What made a run start: a schedule names itself in a tag, a backfill is known by Dagster's own."""
    if BACKFILL_TAG in run.tags:
        return Trigger.BACKFILL
    return Trigger(run.tags.get(TRIGGER_TAG, Trigger.MANUAL))
