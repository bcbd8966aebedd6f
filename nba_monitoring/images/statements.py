"""What the checker keeps of a Python file: imports, and what decides whether and when they run."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

# What a handler imports to report the error replaces nothing.
_REPORTING = frozenset("logging warnings traceback sys os structlog".split())


@dataclass(frozen=True, slots=True)
class Import:
    """`import module`, or with names `from module import names`. `binds` are the names that it gives a value."""

    module: str
    names: tuple[str, ...] | None
    level: int
    line: int
    binds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Bind:
    """Names get a value: that of a call, if `callee` is set."""

    names: tuple[str, ...]
    callee: str = ""


@dataclass(frozen=True, slots=True)
class Call:
    """A call of `callee`, a name with dots."""

    callee: str


@dataclass(frozen=True, slots=True)
class ByName:
    """An import whose module is only known when it runs."""

    line: int


@dataclass(frozen=True, slots=True)
class Fake:
    """A module put into `sys.modules`, or found in no file for another reason; `*` is the module itself."""

    name: str


@dataclass(frozen=True, slots=True)
class PathChange:
    """A change of `sys.path`: folders put before the others, or after them."""

    folders: tuple[ast.expr, ...]
    is_before: bool
    line: int


@dataclass(frozen=True, slots=True)
class PathVariable:
    """A variable that a change of `sys.path` may use."""

    name: str
    value: ast.expr


@dataclass(frozen=True, slots=True)
class Branch:
    """An `if`. Without a test, each part may run. `names` are those that the test asks."""

    test: ast.expr | None
    body: Block
    orelse: Block
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Handler:
    """An `except`. It `fails` if it raises, exits or answers with a server error; `caught` is None for everything."""

    caught: frozenset[str] | None
    body: Block
    fails: bool

    def catches(self, names: frozenset[str]) -> bool:
        """Whether it catches an error that has these names."""
        return self.caught is None or bool(self.caught & names)

    @property
    def only_imports(self) -> bool:
        """Whether it is for failed imports alone."""
        return self.caught is not None and self.caught <= {"ImportError", "ModuleNotFoundError"}


@dataclass(frozen=True, slots=True)
class Try:
    """A `try`, or a `with suppress(...)`."""

    body: Block
    handlers: tuple[Handler, ...]
    orelse: Block
    final: Block

    def is_replaced_by(self, handler: Handler) -> bool:
        """Whether a handler imports something else instead."""
        wanted = {name for each in _imports(self.body) for name in each.binds}
        return any(
            wanted & set(each.binds) or each.module.partition(".")[0] not in _REPORTING
            for each in _imports(handler.body)
        )

    @property
    def attempted(self) -> Block:
        """Its body and those of its handlers."""
        return (*self.body, *(inner for handler in self.handlers for inner in handler.body))


@dataclass(frozen=True, slots=True)
class Function:
    """A function. `mentions` are the names in it, also those of attributes. Unless it `imports`, no request runs it."""

    name: str
    line: int
    body: Block
    mentions: tuple[str, ...]
    is_handler: bool
    imports: bool = True


@dataclass(frozen=True, slots=True)
class Class:
    """A class, with the names of its bases."""

    name: str
    bases: tuple[str, ...]
    body: Block


Statement = Import | Bind | Call | ByName | Fake | PathChange | PathVariable | Branch | Try | Function | Class
Block = tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Source:
    """A file. `registered` are functions that the file hands to a framework by name."""

    code: Block = ()
    error: tuple[int, str] | None = None
    exports: tuple[str, ...] | None = None
    has_any_name: bool = False
    globals: frozenset[str] = frozenset()
    registered: tuple[str, ...] = ()
    mentions: tuple[str, ...] = ()


def names_set(block: Block) -> set[str]:
    """The names that statements set, also those in an `except`."""
    found = {name for each in _imports(block) for name in each.binds}
    for each in block:
        if isinstance(each, Bind):
            found.update(each.names)
        elif isinstance(each, Try):
            found |= names_set(each.attempted)
    return found


def _imports(block: Block) -> Iterator[Import]:
    for each in block:
        if isinstance(each, Import):
            yield each
        elif isinstance(each, Try):
            yield from _imports(each.attempted)
        elif isinstance(each, Branch):
            yield from _imports((*each.body, *each.orelse))
