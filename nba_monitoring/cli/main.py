"""The command line: the same engine without Dagster, for a terminal, cron or CI."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable, Sequence
from typing import NoReturn

import click

from nba_monitoring.cli.garbage import without_garbage_collection
from nba_monitoring.cli.lazy import LazyCommand, LazyGroup
from nba_monitoring.errors import MonitoringError

COULD_NOT_CHECK = 2

# What the group's help says of each is written here as well as in its docstring: with the imports of every command,
# `--help` would take five times as long.
COMMANDS = (
    LazyCommand(
        "check",
        "nba_monitoring.cli.check:check",
        "Judge one game date, or a range of them, and append the verdicts to the history.",
    ),
    LazyCommand(
        "history",
        "nba_monitoring.cli.history:history",
        "Show the recorded verdicts, oldest date first, each look at a date in a row of its own.",
    ),
    LazyCommand(
        "stages",
        "nba_monitoring.cli.stages:stages",
        "Show the stages that are watched, in the pipeline's order, as the file in NBA_MONITORING_STAGES has them.",
    ),
    LazyCommand(
        "status",
        "nba_monitoring.cli.status:status",
        "Show how far each stage has come this season, and which one is the first behind.",
    ),
    LazyCommand(
        "incidents",
        "nba_monitoring.cli.incidents:incidents",
        "Show the incidents: how long each took to detect, to tell and to recover, and what was left to tip-off.",
    ),
    LazyCommand(
        "ack",
        "nba_monitoring.cli.ack:ack",
        "Say who has an incident: no more reminders, and its thread names them.",
    ),
    LazyCommand(
        "close",
        "nba_monitoring.cli.ack:close",
        "End an incident by hand: nothing more is said about it, and its thread says why.",
    ),
    LazyCommand(
        "mute",
        "nba_monitoring.cli.mute:mute",
        "Stop paging about a game date, or a range of them, whose gap is known.",
    ),
    LazyCommand("unmute", "nba_monitoring.cli.mute:unmute", "End a mute before its time: the next look speaks again."),
    LazyCommand(
        "replay",
        "nba_monitoring.cli.replay:replay",
        "Replay past mornings: what would have been told when, and how well that would have served.",
    ),
    LazyCommand(
        "report",
        "nba_monitoring.cli.report:report",
        "Write the report of a season to one HTML file: a calendar of every stage, gaps, incidents, usual times.",
    ),
    LazyCommand(
        "health",
        "nba_monitoring.cli.health:health",
        "Say whether the monitor is well: does it reach the warehouse, was the day looked at, does the daemon run.",
    ),
    LazyCommand(
        "sample",
        "nba_monitoring.cli.sample:sample",
        "Write a sample warehouse to PATH: a DuckDB file with the platform's tables.",
    ),
    LazyCommand(
        "init",
        "nba_monitoring.cli.init:init",
        "Make the monitor's own tables, or bring those of an older version up to date.",
    ),
    LazyCommand(
        "alert-test",
        "nba_monitoring.cli.alert_test:alert_test",
        "Send a test message, or a drill, by every way that is set, and say what each did.",
    ),
)


@click.group(
    cls=LazyGroup,
    commands=COMMANDS,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
def cli() -> None:
    """Are the features there for today's NBA games?

    Compares the games that are scheduled on a date with what each stage of the pipeline holds for them. Where it reads
    and how it alerts is set by environment variables (NBA_MONITORING_WAREHOUSE and others, see the README); with none
    set it works on an embedded sample warehouse.
    """


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line."""
    with without_garbage_collection():
        explained(lambda: cli.main(arguments, prog_name="nba-monitoring"))


def explained(command: Callable[[], None]) -> None:
    """Run a command. Whatever keeps it from its work is one message on standard error and exit status 2."""
    try:
        command()
    except MonitoringError as error:
        _fail(str(error))
    except Exception as error:  # a defect of ours must not look like a failed check, whose exit status is 1
        place = traceback.extract_tb(error.__traceback__)[-1]
        _fail(f"internal error, please report it: {type(error).__name__}: {error} ({place.filename}:{place.lineno})")


def _fail(message: str) -> NoReturn:
    click.echo(f"nba-monitoring: {message}", err=True)
    sys.exit(COULD_NOT_CHECK)
