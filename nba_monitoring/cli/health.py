"""`nba-monitoring health`: the monitor's own health, for a container's probe and for a check from outside."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from nba_monitoring.core.eastern import game_date, morning_of
from nba_monitoring.core.words import SAMPLE_DATA, moment
from nba_monitoring.settings import Settings, SettingsError
from nba_monitoring.warehouse import WarehouseError, open_warehouse

# The morning's check runs at 8:00 AM Pacific, and again at 8:30 if it did not.
VERDICT_IS_OVERDUE_AFTER = timedelta(minutes=30)
# Each of Dagster's daemons sends one every 30 seconds, but only between ticks, and a tick may take a minute.
HEARTBEAT_IS_OLD_AFTER = timedelta(minutes=10)


@click.command()
def health() -> None:
    """Check the monitor's own health.

    Checks that the warehouse can be read and that today has a verdict since 11:00 AM ET (overdue from 11:30). Where
    DAGSTER_HOME is set, also checks the daemon's heartbeats. The sample is never healthy: nothing is watched.

    \b
    Exit status: 0  healthy
                 1  unhealthy; one problem per line on standard error
                 2  wrong usage, or an invalid setting
    """
    now = datetime.now(UTC)
    settings = Settings.load()
    found = (
        SAMPLE_DATA if settings.is_sample else None,
        _verdict_problem(settings, now),
        _daemon_problem(os.environ.get("DAGSTER_HOME", ""), now),
    )
    problems = [problem for problem in found if problem is not None]
    for problem in problems:
        click.echo(f"nba-monitoring: {problem}", err=True)
    if not problems:
        click.echo("healthy")
    sys.exit(1 if problems else 0)


def _verdict_problem(settings: Settings, now: datetime) -> str | None:
    today = game_date(now)
    try:
        with open_warehouse(settings.warehouse) as warehouse:
            latest = warehouse.history(today, today).latest(now).get(today)
    except WarehouseError as error:
        return _in_one_line(str(error))
    due = morning_of(today)
    if now <= due + VERDICT_IS_OVERDUE_AFTER or (latest is not None and latest.check_time >= due):
        return None
    return (
        f"no verdict for {today} since 11:00 AM ET; make sure morning_check_8am is on and its run succeeded, "
        "or run: nba-monitoring check"
    )


def _daemon_problem(home: str, now: datetime) -> str | None:
    if not home:
        return None
    if not Path(home).is_absolute() or not Path(home).is_dir():
        raise SettingsError(f"DAGSTER_HOME must be the absolute path of a folder, not {home}")
    from dagster import DagsterError, DagsterInstance

    try:
        with DagsterInstance.get() as instance:
            seen = {kind: beat.timestamp for kind, beat in instance.get_daemon_heartbeats().items()}
            required = instance.get_required_daemon_types()
    except DagsterError as error:
        raise SettingsError(f"{home}/dagster.yaml: {_in_one_line(str(error))}") from error
    except Exception as error:  # of whichever storage it is
        return f"Dagster's storage can't be reached: {_driver_error(error)}"
    return _silent_daemons(sorted(required), seen, now)


def _silent_daemons(required: list[str], seen: Mapping[str, float], now: datetime) -> str | None:
    oldest = (now - HEARTBEAT_IS_OLD_AFTER).timestamp()
    silent = [kind for kind in required if seen.get(kind, 0) < oldest]
    if not silent:
        return None
    which = "Dagster's daemon" if len(silent) == len(required) else f"Dagster's daemon ({', '.join(silent)})"
    last = max((seen[kind] for kind in silent if kind in seen), default=None)
    if last is None:
        return f"no heartbeat from {which} yet; start it with: dagster-daemon run"
    since = moment(datetime.fromtimestamp(last, UTC))
    return f"no heartbeat from {which} since {since}; restart it with: dagster-daemon run"


def _driver_error(error: BaseException) -> str:
    # Any other error may quote the database's address, and with it a password.
    from sqlalchemy.exc import DBAPIError

    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, DBAPIError):
        cause = cause.__cause__
    return type(error).__name__ if cause is None else _in_one_line(str(cause.orig))


def _in_one_line(text: str) -> str:
    return " ".join(text.split())
