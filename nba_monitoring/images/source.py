"""A Python file in the form that the checker runs: imports and what decides whether and when they run."""

from __future__ import annotations

import ast
import sys
import warnings
from collections.abc import Iterable, Iterator, Sequence

from nba_monitoring.images.expressions import dotted, names_bound_by, names_in
from nba_monitoring.images.statements import (
    Bind,
    Block,
    Branch,
    ByName,
    Call,
    Class,
    Fake,
    Function,
    Handler,
    Import,
    PathChange,
    PathVariable,
    Source,
    Statement,
    Try,
)


def read_source(content: bytes, python: tuple[int, int]) -> Source:
    """Read a file as a version of Python does. If that is newer than the running one, no syntax is an error."""
    running = sys.version_info[:2]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(content, feature_version=python if python < running else None)
            compile(tree, "file", "exec", dont_inherit=True)
    except (SyntaxError, ValueError) as error:
        if python > running:
            return Source(has_any_name=True)
        line = getattr(error, "lineno", None) or 1
        return Source(error=(line, getattr(error, "msg", None) or str(error)))
    except (RecursionError, MemoryError):
        return Source(has_any_name=True)
    reader = _Reader(content)
    code = reader.block(tree.body)
    return Source(
        code,
        exports=reader.exports,
        has_any_name=reader.has_any_name,
        globals=frozenset(reader.globals),
        registered=tuple(reader.registered),
        mentions=tuple(reader.mentions),
    )


_ROUTES = frozenset(
    "route get post put delete patch head options websocket api_route before_request after_request teardown_request "
    "before_first_request teardown_appcontext errorhandler exception_handler middleware on_event "
    "http cloud_event typed "
    "task shared_task periodic_task command callback agent timer_trigger route_cfg event listener job".split()
)
_REGISTERING = frozenset("add_url_rule add_api_route add_route register_error_handler path re_path Route url".split())
_CALLBACKS = frozenset("callback target view_func endpoint handler func on_message".split())
_VIEWS = frozenset(
    "MethodView View Resource APIView ViewSet ModelViewSet HTTPEndpoint BaseHTTPRequestHandler RequestHandler "
    "DoFn".split()
)
_TESTS = frozenset("TYPE_CHECKING version_info __name__ platform name system MYPY_CHECKING".split())
_EXITS = frozenset({"sys.exit", "exit", "quit", "os._exit", "abort", "os.abort"})


class _Reader:
    def __init__(self, content: bytes) -> None:
        self.changes_path = b"sys.path" in content or b"addsitedir" in content or b"from sys import" in content
        self.has_any_name = False
        self.globals = set[str]()
        self.exports: tuple[str, ...] | None = None
        self.registered = list[str]()
        self.mentions = list[str]()
        self.depth = 0

    def block(self, nodes: Iterable[ast.stmt]) -> Block:
        made = list[Statement]()
        for node in nodes:
            made += self.statement(node)
            if isinstance(node, ast.Return | ast.Raise | ast.Continue | ast.Break):
                break
        return tuple(made)

    def statement(self, node: ast.stmt) -> Iterator[Statement]:
        match node:
            case ast.Import():
                for alias in node.names:
                    bound = alias.asname or alias.name.partition(".")[0]
                    yield Import(alias.name, None, 0, node.lineno, (bound,))
            case ast.ImportFrom(module="__future__"):
                return
            case ast.ImportFrom():
                names = tuple(alias.name for alias in node.names)
                binds = tuple(alias.asname or alias.name for alias in node.names)
                yield Import(node.module or "", names, node.level, node.lineno, binds)
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                yield from self._function(node)
            case ast.ClassDef():
                yield from self._class(node)
            case ast.If():
                yield from self.expressions(node.test)
                is_known = any(name in _TESTS for name in names_in(node.test)) or isinstance(node.test, ast.Constant)
                yield Branch(node.test if is_known else None, self.block(node.body), self.block(node.orelse))
            case ast.Try() | ast.TryStar():
                handlers = tuple(
                    Handler(_caught(each.type), (*_bound(each.name), *self.block(each.body)), _fails(each.body))
                    for each in node.handlers
                )
                yield Try(self.block(node.body), handlers, self.block(node.orelse), self.block(node.finalbody))
            case ast.With() | ast.AsyncWith():
                yield from self._with(node)
            case ast.For() | ast.AsyncFor():
                yield from self.expressions(node.iter)
                yield from self._assigned([node.target], node.iter)
                yield Branch(None, self.block(node.body), self.block(node.orelse))
            case ast.While():
                yield from self.expressions(node.test)
                yield Branch(None, self.block(node.body), self.block(node.orelse))
            case ast.Match():
                yield from self.expressions(node.subject)
                for each in node.cases:
                    yield Bind(tuple(names_bound_by(each.pattern)))
                    yield Branch(None, self.block(each.body), ())
            case ast.Assign():
                yield from self.expressions(node.value)
                yield from self._assigned(node.targets, node.value)
            case ast.AugAssign() | ast.AnnAssign() if node.value is not None:
                yield from self.expressions(node.value)
                yield from self._assigned([node.target], node.value, isinstance(node, ast.AugAssign))
            case ast.Global():
                # A function may set them before anybody imports them.
                self.globals |= set(node.names)
            case _:
                for value in ast.iter_child_nodes(node):
                    if isinstance(value, ast.expr):
                        yield from self.expressions(value)

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[Statement]:
        outside = [*node.decorator_list, *node.args.defaults, *filter(None, node.args.kw_defaults)]
        for each in outside:
            yield from self.expressions(each)
        decorators = [dotted(each.func if isinstance(each, ast.Call) else each) for each in node.decorator_list]
        for name, written in zip(decorators, node.decorator_list, strict=True):
            if name and not isinstance(written, ast.Call):
                yield Call(name)
        if node.name == "__getattr__" and not self.depth:
            self.has_any_name = True
        is_handler = any(name.rpartition(".")[2] in _ROUTES for name in decorators)
        self.depth += 1
        body = self.block(node.body)
        self.depth -= 1
        mentions = tuple(dict.fromkeys(sys.intern(name) for each in node.body for name in names_in(each)))
        yield Function(node.name, node.lineno, body, mentions, is_handler)

    def _class(self, node: ast.ClassDef) -> Iterator[Statement]:
        for each in (*node.decorator_list, *node.bases, *(keyword.value for keyword in node.keywords)):
            yield from self.expressions(each)
        bases = tuple(filter(None, (dotted(each) for each in node.bases)))
        self.depth += 1
        body = self.block(node.body)
        self.depth -= 1
        if any(base.rpartition(".")[2] in _VIEWS for base in bases):
            body = tuple(
                Function(each.name, each.line, each.body, each.mentions, True) if isinstance(each, Function) else each
                for each in body
            )
        yield Class(node.name, bases, body)

    def _with(self, node: ast.With | ast.AsyncWith) -> Iterator[Statement]:
        caught = set[str]()
        for item in node.items:
            yield from self.expressions(item.context_expr)
            if item.optional_vars is not None:
                yield Bind(tuple(names_bound_by(item.optional_vars)))
            call = item.context_expr
            if isinstance(call, ast.Call) and dotted(call.func).rpartition(".")[2] == "suppress":
                caught |= {dotted(each).rpartition(".")[2] for each in call.args}
        body = self.block(node.body)
        if caught:
            yield Try(body, (Handler(frozenset(caught), (), False),), (), ())
        else:
            yield from body

    def _assigned(self, targets: Sequence[ast.expr], value: ast.expr, adds: bool = False) -> Iterator[Statement]:
        for target in targets:
            name = dotted(target)
            if isinstance(target, ast.Subscript) and dotted(target.value) == "sys.modules":
                key = target.slice
                is_other = isinstance(key, ast.Constant) and isinstance(key.value, str)
                yield Fake(str(key.value) if is_other and isinstance(key, ast.Constant) else "*")
            elif name == "sys.path" or (isinstance(target, ast.Subscript) and dotted(target.value) == "sys.path"):
                yield _path_change(value, adds, target)
            elif isinstance(target, ast.Name):
                if target.id == "__all__" and not self.depth:
                    self._export(value, adds)
                if self.changes_path:
                    yield PathVariable(target.id, value)
                callee = dotted(value.func) if isinstance(value, ast.Call) else ""
                yield Bind((target.id,), callee)
            else:
                yield from self.expressions(target)
                yield Bind(tuple(names_bound_by(target)))
        if not self.depth:
            self.mentions += names_in(value)

    def _export(self, value: ast.expr, adds: bool) -> None:
        names = [
            each.value for each in ast.walk(value) if isinstance(each, ast.Constant) and isinstance(each.value, str)
        ]
        self.exports = (*(self.exports or ()), *names) if adds else tuple(names)

    def expressions(self, node: ast.expr) -> Iterator[Statement]:
        """What an expression calls and imports. A lambda's body waits for its call."""
        waiting: list[ast.AST] = [node]
        while waiting:
            each = waiting.pop()
            if isinstance(each, ast.Lambda):
                continue
            if isinstance(each, ast.NamedExpr):
                yield Bind((each.target.id,))
            waiting.extend(child for child in ast.iter_child_nodes(each) if not isinstance(child, ast.expr_context))
            if isinstance(each, ast.Call):
                yield from self._call(each)

    def _call(self, node: ast.Call) -> Iterator[Statement]:
        name = dotted(node.func)
        last = name.rpartition(".")[2]
        self.registered += [dotted(each.value).rpartition(".")[2] for each in node.keywords if each.arg in _CALLBACKS]
        if last in _REGISTERING:
            self.registered += [dotted(each).rpartition(".")[2] for each in node.args]
        if last in ("import_module", "__import__") or name in ("runpy.run_module",):
            yield _dynamic(node)
        elif name in (
            "sys.path.insert",
            "sys.path.append",
            "sys.path.extend",
            "site.addsitedir",
            "path.insert",
            "path.append",
        ):
            if node.args and self.changes_path:
                yield PathChange((node.args[-1],), last == "insert", node.lineno)
        elif name in ("sys.modules.setdefault", "sys.modules.update"):
            first = node.args[0] if node.args else None
            yield Fake(str(first.value) if isinstance(first, ast.Constant) else "*")
        elif not self.depth and name in ("globals", "vars", "locals", "exec", "setattr"):
            self.has_any_name = True
        elif name:
            yield Call(name)


def _dynamic(node: ast.Call) -> Statement:
    first = node.args[0] if node.args else next((each.value for each in node.keywords if each.arg == "name"), None)
    if not isinstance(first, ast.Constant) or not isinstance(first.value, str):
        return ByName(node.lineno)
    name = first.value
    level = len(name) - len(name.lstrip("."))
    return Import(name.lstrip("."), None, level, node.lineno, ())


def _path_change(value: ast.expr, adds: bool, target: ast.expr) -> PathChange:
    """A new value of `sys.path`: what stands before `sys.path` in it, or after."""
    others: list[ast.expr] = []
    is_before = not adds or isinstance(target, ast.Subscript)
    parts = [value.left, value.right] if isinstance(value, ast.BinOp) else [value]
    parts = [each for part in parts for each in (part.elts if isinstance(part, ast.List | ast.Tuple) else [part])]
    for position, part in enumerate(parts):
        inner = part.value if isinstance(part, ast.Starred) else part
        if dotted(inner) == "sys.path" or (isinstance(inner, ast.Subscript) and dotted(inner.value) == "sys.path"):
            is_before = position > 0
        else:
            others.append(part)
    return PathChange(tuple(others), is_before, value.lineno)


def _bound(name: str | None) -> Iterator[Statement]:
    if name:
        yield Bind((name,))


def _caught(exception: ast.expr | None) -> frozenset[str] | None:
    if exception is None:
        return None
    each = exception.elts if isinstance(exception, ast.Tuple) else [exception]
    return frozenset(dotted(one).rpartition(".")[2] for one in each)


def _fails(body: Sequence[ast.stmt]) -> bool:
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
