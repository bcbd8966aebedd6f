"""The jobs, and when they run."""

from datetime import date, datetime, timedelta

import dagster as dg

from nba_monitoring.core.codec import UnreadableError
from nba_monitoring.core.eastern import game_date
from nba_monitoring.core.record import CheckRecord
from nba_monitoring.core.settled import why_settled
from nba_monitoring.core.stage_record import Trigger
from nba_monitoring.core.stages import Due
from nba_monitoring.orchestration.assets import data_availability_checks
from nba_monitoring.orchestration.checks import CHECK_KEY, record_of
from nba_monitoring.orchestration.internals import AssetJob, latest_evaluation
from nba_monitoring.orchestration.partitions import TRIGGER_TAG

_PACIFIC = "America/Los_Angeles"

morning_check = dg.define_asset_job(
    "morning_check",
    # With everything the verdict depends on: one coverage for each stage.
    selection=dg.AssetSelection.assets(data_availability_checks.key).upstream().materializable(),
    # One process: with one process per step a date takes 30 seconds instead of 5, nearly all of it imports.
    executor_def=dg.in_process_executor,
    description=(
        "Checks one game date or a range: which games are expected, and whether each stage has their data. "
        "The latest partition is today."
    ),
)


@dg.schedule(
    job=morning_check,
    cron_schedule="0 8 * * *",
    execution_timezone=_PACIFIC,
    default_status=dg.DefaultScheduleStatus.RUNNING,
    description="Checks today's games at 8:00 AM PT (11:00 AM ET), an hour before the earliest tip-off.",
)
def morning_check_8am(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
    """Request the check of the tick's date."""
    return _check_of(game_date(context.scheduled_execution_time), Trigger.SCHEDULED)


@dg.schedule(
    job=morning_check,
    cron_schedule="0 8 * * *",
    execution_timezone=_PACIFIC,
    default_status=dg.DefaultScheduleStatus.RUNNING,
    description=(
        "Checks yesterday's results at 8:00 AM PT (11:00 AM ET), when the player summary (7:00 AM ET) and grading "
        "(10:00 AM ET) are due."
    ),
)
def results_check_8am(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
    """Request the check of the day before the tick's."""
    return _check_of(_yesterday(context.scheduled_execution_time), Trigger.SCHEDULED)


@dg.schedule(
    job=morning_check,
    # Until the last half hour of the Eastern day, in which a game of the date can still tip off.
    cron_schedule=["30 8 * * *", "*/30 9-20 * * *"],
    execution_timezone=_PACIFIC,
    default_status=dg.DefaultScheduleStatus.RUNNING,
    description=(
        "Rechecks today every half hour until every game is covered or has tipped off, and once more in the hour "
        "before the first tip-off. Rechecks yesterday's results until they are complete, or until noon PT (3:00 PM "
        "ET). What is still missing at a deadline is checked once more, since the last rows may have come in time."
    ),
)
def recheck_until_covered(context: dg.ScheduleEvaluationContext) -> list[dg.RunRequest] | dg.SkipReason:
    """Request a recheck of each date that another check can still help.

    Phase 4's catch-up run starts when the morning check does, so missing data may only be late.
    """
    tick = context.scheduled_execution_time
    settled = {
        day: _why_settled(context, day, due, tick)
        for day, due in ((game_date(tick), Due.BEFORE_TIP), (_yesterday(tick), Due.MORNING_AFTER))
    }
    # Two requests of one tick need keys to be told apart. The next tick's keys are new, so a failed run blocks nothing.
    again = [
        _check_of(day, Trigger.RECHECK, run_key=day.isoformat()) for day, reason in settled.items() if reason is None
    ]
    return again or dg.SkipReason("; ".join(reason for reason in settled.values() if reason))


def each_morning(asset: dg.AssetsDefinition, minute: int, title: str) -> tuple[AssetJob, dg.ScheduleDefinition]:
    """The job `<asset>_job` and its schedule `<asset>_8am`, for an asset that reads the whole season.

    Apart from the morning check: no recheck should wait or pay for the season, and a failure should not look like a
    date that was not checked.
    """
    name = asset.key.to_user_string()
    job = dg.define_asset_job(
        f"{name}_job",
        selection=dg.AssetSelection.assets(asset),
        executor_def=dg.in_process_executor,
        description=f"Refreshes the asset {name}, which reads the whole season. {name}_8am runs it every morning.",
    )
    schedule = dg.ScheduleDefinition(
        name=f"{name}_8am",
        job=job,
        cron_schedule=f"{minute} 8 * * *",
        execution_timezone=_PACIFIC,
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description=f"{title}, refreshed at 8:{minute:02} AM PT (11:{minute:02} AM ET), after the morning check.",
    )
    return job, schedule


def _yesterday(tick: datetime) -> date:
    return game_date(tick) - timedelta(days=1)


def _why_settled(context: dg.ScheduleEvaluationContext, day: date, due: Due, tick: datetime) -> str | None:
    record = _latest_record(context, day)
    if due is Due.MORNING_AFTER and record is None:
        # Nothing was checked on the day itself, so the monitor is newer than its games.
        return f"{day} has no verdict"
    return why_settled(record, tick, due)


def _latest_record(context: dg.ScheduleEvaluationContext, day: date) -> CheckRecord | None:
    """The latest verdict for a date; None if there is none, or if it can't be read: the recheck makes up for both."""
    evaluation = latest_evaluation(context.instance, CHECK_KEY, day.isoformat())
    try:
        return None if evaluation is None else record_of(evaluation)
    except UnreadableError as error:
        context.log.warning(f"Can't read the latest verdict for {day}; checking it again: {error}")
        return None


def _check_of(day: date, trigger: Trigger, run_key: str | None = None) -> dg.RunRequest:
    # The tick's own date, not the last partition, which at 11:30 PM Pacific is already tomorrow's. No run key for a
    # single request: a failed run with one would block its relaunch.
    # Ahead of whatever else is queued.
    tags = {TRIGGER_TAG: trigger.value, "dagster/priority": "1"}
    return dg.RunRequest(partition_key=day.isoformat(), tags=tags, run_key=run_key)
