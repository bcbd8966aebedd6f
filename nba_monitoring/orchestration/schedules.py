"""When the check runs by itself."""

from datetime import date, datetime

import dagster as dg

from nba_monitoring.core.codec import UnreadableError
from nba_monitoring.core.eastern import game_date
from nba_monitoring.core.record import CheckRecord, why_settled
from nba_monitoring.core.stage_record import Trigger
from nba_monitoring.orchestration.assets import TRIGGER_TAG, data_availability_checks, phase4_coverage, scheduled_games
from nba_monitoring.orchestration.checks import CHECK_KEY, record_of
from nba_monitoring.orchestration.internals import latest_evaluation

morning_check = dg.define_asset_job(
    "morning_check",
    selection=dg.AssetSelection.assets(scheduled_games, phase4_coverage, data_availability_checks),
    # One process: a process a step takes 30 seconds for a date instead of 5, nearly all of it imports.
    executor_def=dg.in_process_executor,
    description="Expected games against Phase 4's rows, for one game date or a range of them.",
)


@dg.schedule(
    job=morning_check,
    cron_schedule="0 8 * * *",
    execution_timezone="America/Los_Angeles",
    default_status=dg.DefaultScheduleStatus.RUNNING,
)
def morning_check_8am(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
    """Today's games at 8:00 AM Pacific, with half an hour before the platform's catch-up runs and an hour to noon."""
    return _check_of(context.scheduled_execution_time, Trigger.SCHEDULED)


@dg.schedule(
    job=morning_check,
    # Until the last half hour of the Eastern day, which is the latest that a game of the date can tip off.
    cron_schedule=["30 8 * * *", "*/30 9-20 * * *"],
    execution_timezone="America/Los_Angeles",
    default_status=dg.DefaultScheduleStatus.RUNNING,
)
def recheck_until_covered(context: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
    """Today's games again, every half hour while they are not covered and one of them is still to tip off; covered
    ones once more in the last hour before the first tip-off.

    Phase 4's catch-up run starts at the very hour of the morning check: it can be late rather than lost.
    """
    today = game_date(context.scheduled_execution_time)
    settled = why_settled(_latest_record(context, today), context.scheduled_execution_time)
    return _check_of(context.scheduled_execution_time, Trigger.RECHECK) if settled is None else dg.SkipReason(settled)


def _latest_record(context: dg.ScheduleEvaluationContext, day: date) -> CheckRecord | None:
    """The newest verdict on a date. None where the morning check failed or never ran, or where it can't be read: then
    the look asked for makes up for it.
    """
    evaluation = latest_evaluation(context.instance, CHECK_KEY, day.isoformat())
    try:
        return None if evaluation is None else record_of(evaluation)
    except UnreadableError as error:
        context.log.warning(f"The newest verdict on {day} can't be read, so the date is looked at again: {error}")
        return None


def _check_of(tick: datetime, trigger: Trigger) -> dg.RunRequest:
    # The tick's own date, not the last partition: at 11:30 PM Pacific that is already tomorrow's. No run key, since
    # a failed run's would block its relaunch.
    return dg.RunRequest(partition_key=game_date(tick).isoformat(), tags={TRIGGER_TAG: trigger.value})
