"""Questions to expressions of a Python file: their names, and what a test is in the image."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator, Sequence
from operator import eq, ge, gt, le, lt, ne
from typing import Any

_PLAIN = frozenset("ctx op ops id attr conversion is_async arg kind".split())
# The fields of each kind of node that can hold other nodes; none of a constant, the body alone of a lambda.
FIELDS: dict[type[ast.AST], tuple[str, ...]] = {
    kind: tuple(name for name in kind._fields if name not in _PLAIN)
    for kind in vars(ast).values()
    if isinstance(kind, type) and issubclass(kind, ast.AST)
} | {ast.Constant: (), ast.Lambda: ("body",)}
_EXITS = frozenset({"sys.exit", "exit", "quit", "os._exit", "abort", "os.abort"})


def dotted(node: ast.expr) -> str:
    """A name with dots, such as `a.b`; also for `a().b`. Empty for another expression."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        before = dotted(node.value)
        return f"{before}.{node.attr}" if before else ""
    return dotted(node.func) if isinstance(node, ast.Call) else ""


def names_in(node: ast.AST) -> Iterator[str]:
    """All names and attributes in an expression."""
    waiting = [node]
    while waiting:
        each = waiting.pop()
        if isinstance(each, ast.Name):
            yield each.id
            continue
        if isinstance(each, ast.Attribute):
            yield each.attr
        for name in FIELDS[each.__class__]:
            inner = getattr(each, name)
            if inner.__class__ is list:
                waiting += filter(None, inner)
            elif inner is not None:
                waiting.append(inner)


def names_bound_by(target: ast.AST) -> Iterator[str]:
    """The names that an assignment's target or a pattern binds."""
    for each in ast.walk(target):
        name = each.id if isinstance(each, ast.Name) else getattr(each, "name", None) or getattr(each, "rest", None)
        if isinstance(name, str):
            yield name


def caught_by(exception: ast.expr | None) -> frozenset[str] | None:
    """The exceptions that an `except` names; None for all."""
    if exception is None:
        return None
    each = exception.elts if isinstance(exception, ast.Tuple) else [exception]
    return frozenset(dotted(one).rpartition(".")[2] for one in each)


def ends_in_error(body: Sequence[ast.stmt]) -> bool:
    """Whether a handler ends in an error: it raises, exits, or answers with a status of 500 or more."""
    for node in body:
        if isinstance(node, ast.Raise):
            return True
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) and dotted(node.value.func) in _EXITS:
            return True
        if isinstance(node, ast.Return) and node.value is not None:
            numbers = [each.value for each in ast.walk(node.value) if isinstance(each, ast.Constant)]
            return any(type(number) is int and 500 <= number <= 599 for number in numbers)
    return False


def truth(test: ast.expr, python: tuple[int, int], is_main: bool) -> bool | None:
    """What a test is in the image: of the running version, the platform, or whether this is the main module."""
    match test:
        case ast.Constant(value=value):
            return bool(value)
        case ast.Name(id="TYPE_CHECKING" | "MYPY_CHECKING") | ast.Attribute(attr="TYPE_CHECKING"):
            return False
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            inner = truth(operand, python, is_main)
            return None if inner is None else not inner
        case ast.BoolOp(op=operator, values=values):
            parts = [truth(each, python, is_main) for each in values]
            decides = isinstance(operator, ast.Or)
            if decides in parts:
                return decides
            return None if None in parts else not decides
        case ast.Compare(left=left, ops=[operator], comparators=[right]):
            return _comparison(left, operator, right, python, is_main)
    return None


def _comparison(
    left: ast.expr, operator: ast.cmpop, right: ast.expr, python: tuple[int, int], is_main: bool
) -> bool | None:
    name = dotted(left.value if isinstance(left, ast.Subscript) else left)
    try:
        wanted = ast.literal_eval(right)
    except ValueError:
        return None
    if name.endswith("version_info"):
        is_major = isinstance(left, ast.Subscript) and not isinstance(left.slice, ast.Slice)
        actual: object = python[0] if is_major else python
        if isinstance(left, ast.Attribute) and left.attr in ("major", "minor"):
            actual = python[left.attr == "minor"]
        return _compare(actual, operator, wanted)
    if re.fullmatch(r"sys\.version_info\.(major|minor)", name):
        return _compare(python[name.endswith("minor")], operator, wanted)
    known = {"__name__": "__main__" if is_main else "a module", "sys.platform": "linux", "platform": "linux",
             "os.name": "posix", "platform.system": "Linux"}  # fmt: skip
    return _compare(known[name], operator, wanted) if name in known else None


_COMPARISONS: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Eq: eq,
    ast.NotEq: ne,
    ast.Lt: lt,
    ast.LtE: le,
    ast.Gt: gt,
    ast.GtE: ge,
    ast.In: lambda actual, wanted: actual in wanted,
    ast.NotIn: lambda actual, wanted: actual not in wanted,
}


def _compare(actual: object, operator: ast.cmpop, wanted: object) -> bool | None:
    if isinstance(actual, tuple) and isinstance(wanted, tuple) and isinstance(operator, ast.Eq | ast.NotEq):
        actual = actual[: len(wanted)]
    compare = _COMPARISONS.get(type(operator))
    try:
        return None if compare is None else compare(actual, wanted)
    except TypeError:
        return None
