"""The dates of a run, which are its partitions, and its trigger, which is in its tags."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import dagster as dg

from nba_monitoring.core.eastern import game_date
from nba_monitoring.core.slate.seasons import OPENERS
from nba_monitoring.core.stage_record import Trigger
from nba_monitoring.settings import BigQueryWarehouse, Settings
from nba_monitoring.warehouse import WarehouseError, open_warehouse

# The code location loads in every run. Whoever has the file open then is done in less.
_WAIT_SECONDS = 5.0


def game_dates_from(first: date) -> dg.DailyPartitionsDefinition:
    """One partition per game date (US Eastern) from the first one on, today's included."""
    # Without the end offset, today's partition would not exist until tomorrow.
    return dg.DailyPartitionsDefinition(start_date=str(first), timezone="America/New_York", end_offset=1)


# From the first season whose opener is known.
game_dates = game_dates_from(min(OPENERS.values()))


def from_date(spec: dg.AssetSpec, dates: dg.PartitionsDefinition[str]) -> dg.AssetSpec:
    """An asset with these dates, if it has any."""
    return spec if spec.partitions_def is None else spec.replace_attributes(partitions_def=dates)


def first_date(settings: Settings, now: datetime) -> date:
    """The opener of the season in which the warehouse's schedule begins: earlier dates can't be judged.

    Of a BigQuery warehouse, and a file that can't be read now, the first known opener: loading must not depend on them.
    Yesterday at the latest (`now` is UTC), since its results are checked today.
    """
    first = min(OPENERS.values())
    if settings.is_sample:
        from nba_monitoring.sample.calendar import OPENER  # noqa: PLC0415 no other warehouse needs DuckDB for it

        return OPENER
    if isinstance(settings.warehouse, BigQueryWarehouse):
        return first
    try:
        with open_warehouse(settings.warehouse, patience=_WAIT_SECONDS) as warehouse:
            reports = warehouse.schedule_reports(first, game_date(now))
    except WarehouseError:
        return first
    begins = min((entry.game.day for report in reports for entry in report.listed), default=first)
    opener = max((opener for opener in OPENERS.values() if opener <= begins), default=first)
    return min(opener, game_date(now) - timedelta(days=1))


# One run for a backfill of any range: a season takes seconds in one run, half an hour with one run per date.
one_run = dg.BackfillPolicy.single_run()

TRIGGER_TAG = "nba_monitoring/trigger"
BACKFILL_TAG = "dagster/backfill"  # Dagster's own, on each run of a backfill


def trigger_of(run: dg.DagsterRun) -> Trigger:
    """What started a run. Raises ValueError if its tag is not a trigger."""
    if BACKFILL_TAG in run.tags:
        return Trigger.BACKFILL
    return Trigger(run.tags.get(TRIGGER_TAG, Trigger.MANUAL))
