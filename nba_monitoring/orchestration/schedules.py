"""When the check runs by itself."""

from datetime import date, datetime, timedelta

import dagster as dg

from nba_monitoring.core.codec import UnreadableError
from nba_monitoring.core.eastern import end_of_morning_after, game_date
from nba_monitoring.core.record import CheckRecord
from nba_monitoring.core.settled import why_settled
from nba_monitoring.core.stage_record import Trigger
from nba_monitoring.core.stages import Due
from nba_monitoring.orchestration.assets import data_availability_checks
from nba_monitoring.orchestration.checks import CHECK_KEY, record_of
from nba_monitoring.orchestration.internals import latest_evaluation
from nba_monitoring.orchestration.triggers import TRIGGER_TAG

morning_check = dg.define_asset_job(
    "morning_check",
    # Whatever the verdict rests on, a coverage for each stage of the table.
    selection=dg.AssetSelection.assets(data_availability_checks.key).upstream().materializable(),
    # One process: a process a step takes 30 seconds for a date instead of 5, nearly all of it imports.
    executor_def=dg.in_process_executor,
    description="Expected games against what each stage holds, for one game date or a range of them.",
)


@dg.schedule(
    job=morning_check,
    cron_schedule="0 8 * * *",
    execution_timezone="America/Los_Angeles",
    default_status=dg.DefaultScheduleStatus.RUNNING,
)
def morning_check_8am(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
    """Today's games at 8:00 AM Pacific, with half an hour before the platform's catch-up runs and an hour to noon."""
    return _check_of(game_date(context.scheduled_execution_time), Trigger.SCHEDULED)


@dg.schedule(
    job=morning_check,
    cron_schedule="0 8 * * *",
    execution_timezone="America/Los_Angeles",
    default_status=dg.DefaultScheduleStatus.RUNNING,
)
def results_check_8am(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
    """Yesterday's games at 8:00 AM Pacific, when what they left behind is due: the summaries at 7:00 AM Eastern, the
    grades at 10:00.
    """
    return _check_of(_yesterday(context.scheduled_execution_time), Trigger.SCHEDULED)


@dg.schedule(
    job=morning_check,
    # Until the last half hour of the Eastern day, which is the latest that a game of the date can tip off.
    cron_schedule=["30 8 * * *", "*/30 9-20 * * *"],
    execution_timezone="America/Los_Angeles",
    default_status=dg.DefaultScheduleStatus.RUNNING,
)
def recheck_until_covered(context: dg.ScheduleEvaluationContext) -> list[dg.RunRequest] | dg.SkipReason:
    """Today's games again, every half hour while they are not covered and one of them is still to tip off; covered
    ones once more in the last hour before the first tip-off. Yesterday's until noon, while what they left behind is
    not complete.

    Phase 4's catch-up run starts at the very hour of the morning check: it can be late rather than lost.
    """
    tick = context.scheduled_execution_time
    settled = {
        day: _why_settled(context, day, due, tick)
        for day, due in ((game_date(tick), Due.BEFORE_TIP), (_yesterday(tick), Due.MORNING_AFTER))
    }
    # Requests of one tick need keys to be told apart. The next tick's are others, so a failed run blocks no look.
    again = [
        _check_of(day, Trigger.RECHECK, run_key=day.isoformat()) for day, reason in settled.items() if reason is None
    ]
    return again or dg.SkipReason("; ".join(reason for reason in settled.values() if reason))


def _yesterday(tick: datetime) -> date:
    return game_date(tick) - timedelta(days=1)


def _why_settled(context: dg.ScheduleEvaluationContext, day: date, due: Due, tick: datetime) -> str | None:
    if due is Due.MORNING_AFTER and tick >= end_of_morning_after(day):
        return f"the morning after {day} is over"
    record = _latest_record(context, day)
    if due is Due.MORNING_AFTER and record is None:
        # Nobody watched yet when its games were played.
        return f"{day} was not looked at"
    return why_settled(record, tick, due)


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


def _check_of(day: date, trigger: Trigger, run_key: str | None = None) -> dg.RunRequest:
    # A tick's own date, not the last partition: at 11:30 PM Pacific that is already tomorrow's. No run key where one
    # look is asked for: a failed run's would block its relaunch.
    return dg.RunRequest(partition_key=day.isoformat(), tags={TRIGGER_TAG: trigger.value}, run_key=run_key)
