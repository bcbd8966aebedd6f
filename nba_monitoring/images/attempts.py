"""Which errors an `except` catches, and whether it replaces what failed."""

from __future__ import annotations

from collections.abc import Iterator

from nba_monitoring.images.problems import Problem
from nba_monitoring.images.statements import Bind, Block, Branch, Handler, Import, Try

# What a handler imports to report the error replaces nothing.
_REPORTING = frozenset("logging warnings traceback sys os structlog".split())


def catches(handler: Handler, problem: Problem) -> bool:
    """Whether a handler catches the error of a problem."""
    return handler.caught is None or bool(handler.caught & problem.names)


def only_imports(handler: Handler) -> bool:
    """Whether a handler is for failed imports alone."""
    return handler.caught is not None and handler.caught <= {"ImportError", "ModuleNotFoundError"}


def replaces(handler: Handler, statement: Try) -> bool:
    """Whether a handler imports something else instead."""
    imports = list(_imports(handler.body))
    wanted = {name for each in _imports(statement.body) for name in each.binds}
    return any(wanted & set(each.binds) or each.module.partition(".")[0] not in _REPORTING for each in imports)


def names_set(block: Block) -> set[str]:
    """The names that statements set, also those in an `except`."""
    found = {name for each in _imports(block) for name in each.binds}
    for each in block:
        if isinstance(each, Bind):
            found.update(each.names)
        elif isinstance(each, Try):
            found |= names_set((*each.body, *(inner for handler in each.handlers for inner in handler.body)))
    return found


def _imports(block: Block) -> Iterator[Import]:
    for each in block:
        if isinstance(each, Import):
            yield each
        elif isinstance(each, Try):
            yield from _imports((*each.body, *(inner for handler in each.handlers for inner in handler.body)))
        elif isinstance(each, Branch):
            yield from _imports((*each.body, *each.orelse))
