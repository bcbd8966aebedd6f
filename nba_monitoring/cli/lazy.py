"""A group whose commands are imported when they are run, so that its help waits for none of them."""

from __future__ import annotations

from importlib import import_module

import click


class LazyCommand(click.Command):
    """Stands for a command in the group's help and in suggestions; `path` is where it is, as `module:attribute`."""

    def __init__(self, name: str, path: str, help: str) -> None:
        super().__init__(name, help=help)
        self.path = path

    def load(self) -> click.Command:
        """The command itself."""
        module, _, attribute = self.path.partition(":")
        command: click.Command = getattr(import_module(module), attribute)
        return command


class LazyGroup(click.Group):
    """A group of `LazyCommand`s."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that was asked for, imported."""
        name, command, rest = super().resolve_command(ctx, args)
        return name, command.load() if isinstance(command, LazyCommand) else command, rest
