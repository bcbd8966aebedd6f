"""The `nba-monitoring` command: the same engine without Dagster, for a terminal, cron or CI."""

from __future__ import annotations

import gc
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from typing import NoReturn

import click

from nba_monitoring.errors import MonitoringError

COULD_NOT_CHECK = 2
INTERRUPTED = 130  # as shells report Ctrl-C: 128 and the number of the signal


class LazyCommand(click.Command):
    """Stand-in for a command in help and suggestions; `path` names the command itself, as `module:attribute`."""

    def __init__(self, name: str, path: str, short_help: str) -> None:
        super().__init__(name, short_help=short_help)
        self.path = path

    def load(self) -> click.Command:
        """Import the command."""
        module, _, attribute = self.path.partition(":")
        command: click.Command = getattr(import_module(f"nba_monitoring.cli.{module}"), attribute)
        return command


class LazyGroup(click.Group):
    """A group of `LazyCommand`s, each imported when it runs."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Import the requested command."""
        name, command, rest = super().resolve_command(ctx, args)
        return name, command.load() if isinstance(command, LazyCommand) else command, rest

    def invoke(self, ctx: click.Context) -> object:
        """Run the requested command. Ctrl-C ends it with 130; click's own 1 would mean that a check failed."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            _interrupted()
        except click.Abort as error:
            # Ctrl-C at a question.
            if isinstance(error.__context__, KeyboardInterrupt):
                _interrupted()
            raise


# Each text is also the first line of the command's docstring: importing all commands would make `--help` five times
# slower.
COMMANDS = (
    LazyCommand("check", "verdicts:check", "Check game dates and record the verdicts"),
    LazyCommand("history", "verdicts:history", "Show recorded verdicts, one row per check"),
    LazyCommand("stages", "stages:stages", "List the watched stages"),
    LazyCommand("status", "status:status", "Show each stage's latest complete date"),
    LazyCommand("incidents", "incidents:incidents", "List incidents and their response times"),
    LazyCommand("ack", "incidents:ack", "Acknowledge an incident; stop its reminders"),
    LazyCommand("close", "incidents:close", "Close an incident by hand"),
    LazyCommand("fix", "fix:fix", "Start the job of an incident's stage"),
    LazyCommand("mute", "mute:mute", "Mute alerts for one or more game dates"),
    LazyCommand("unmute", "mute:unmute", "End a mute now"),
    LazyCommand("mutes", "mute:mutes", "List what is muted"),
    LazyCommand("replay", "replay:replay", "Replay past mornings and score the alerts"),
    LazyCommand("report", "report:report", "Write the morning page to one HTML file"),
    LazyCommand("health", "health:health", "Check the monitor's own health"),
    LazyCommand("metrics", "metrics:metrics", "Write metrics for Prometheus"),
    LazyCommand("services", "services:services", "Check the watched Cloud Run services"),
    LazyCommand("images", "images:images", "Check container images without building them"),
    LazyCommand("sample", "setup:sample", "Write a sample warehouse to a DuckDB file"),
    LazyCommand("init", "setup:init", "Create or upgrade the monitor's tables"),
    LazyCommand("alert-test", "setup:alert_test", "Send a test message or a drill"),
)


@click.group(
    cls=LazyGroup,
    commands=COMMANDS,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(None, "--version", package_name="nba_monitoring", message="nba-monitoring %(version)s")
def cli() -> None:
    """Are the features there for today's NBA games?

    Compares the games scheduled for a date with the data that each pipeline stage has for them. Environment variables
    set the warehouse and the alert channels (see the README); with none set, it uses an embedded sample warehouse.
    """


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line."""
    with _without_garbage_collection():
        explained(lambda: cli.main(arguments, prog_name="nba-monitoring"))


def explained(command: Callable[[], None]) -> None:
    """Run a command; report any error as one message on standard error, with exit status 2."""
    try:
        command()
    except MonitoringError as error:
        _fail(str(error))
    except KeyboardInterrupt:
        _interrupted()
    except Exception as error:  # a defect must not look like a failed check, whose exit status is 1
        place = traceback.extract_tb(error.__traceback__)[-1]
        _fail(f"internal error; please report it: {type(error).__name__}: {error} ({place.filename}:{place.lineno})")


def _interrupted() -> NoReturn:
    click.echo("nba-monitoring: interrupted", err=True)
    sys.exit(INTERRUPTED)


def _fail(message: str) -> NoReturn:
    click.echo(f"nba-monitoring: {message}", err=True)
    sys.exit(COULD_NOT_CHECK)


@contextmanager
def _without_garbage_collection() -> Iterator[None]:
    # A command keeps nearly all that it imports and creates. Collecting garbage took 6% of a check of one date and a
    # quarter of one of ten seasons, and saved no memory.
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
