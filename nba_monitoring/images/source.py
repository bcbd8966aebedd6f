"""A Python file in the form that the checker runs: imports and what decides whether and when they run."""

from __future__ import annotations

import ast
import sys
import warnings
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from nba_monitoring.images.expressions import FIELDS, caught_by, dotted, ends_in_error, names_bound_by, names_in
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
        mentions=tuple(reader.names),
    )


_ROUTES = frozenset(
    "route get post put delete patch head options websocket api_route before_request after_request teardown_request "
    "before_first_request teardown_appcontext errorhandler exception_handler middleware on_event http cloud_event "
    "typed task shared_task periodic_task command callback agent timer_trigger route_cfg event listener job".split()
)
_REGISTERING = frozenset(
    "add_url_rule add_api_route add_route register_error_handler path re_path Route url Depends Security".split()
)
_CALLBACKS = frozenset("callback target view_func endpoint handler func on_message".split())
_VIEWS = frozenset(
    "MethodView View Resource APIView ViewSet ModelViewSet HTTPEndpoint BaseHTTPRequestHandler RequestHandler "
    "DoFn".split()
)
_PATH_CHANGES = frozenset(
    "sys.path.insert sys.path.append sys.path.extend site.addsitedir path.insert path.append".split()
)
_TESTS = frozenset("TYPE_CHECKING version_info __name__ platform name system MYPY_CHECKING".split())


class _Reader:
    """Reads one file. Values that only a module's own code can use are left out inside functions and classes."""

    def __init__(self, content: bytes) -> None:
        self.changes_path = b"sys.path" in content or b"addsitedir" in content or b"from sys import" in content
        self.has_any_name = False
        self.globals = set[str]()
        self.exports: tuple[str, ...] | None = None
        self.registered = list[str]()
        self.depth = 0
        # How many imports and functions were read.
        self.imports = 0
        # The names that the function being read mentions, or the module.
        self.names = dict[str, None]()

    def block(self, nodes: Iterable[ast.stmt]) -> Block:
        made = list[Statement]()
        for node in nodes:
            made += self.statement(node)
            if isinstance(node, ast.Return | ast.Raise | ast.Continue | ast.Break):
                break
        return tuple(made)

    def statement(self, node: ast.stmt) -> Sequence[Statement]:
        match node:
            # The most frequent ones first.
            case ast.Expr(value=value):
                return self.expressions(value)
            case ast.Assign(targets=targets, value=value):
                return [*self.expressions(value), *self._assigned(targets, value)]
            case ast.Return(value=value):
                return self.expressions(value) if value else ()
            case ast.If(test=test):
                is_known = isinstance(test, ast.Constant) or not _TESTS.isdisjoint(names_in(test))
                return self._branch(test, node.body, node.orelse, is_known)
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                return list(self._function(node))
            case ast.ImportFrom():
                names = tuple(alias.name for alias in node.names)
                binds = tuple(alias.asname or alias.name for alias in node.names)
                self.names |= dict.fromkeys(names)
                self.imports += 1
                made = Import(node.module or "", names, node.level, node.lineno, binds)
                return () if node.module == "__future__" else (made,)
            case ast.Import():
                self.imports += 1
                return [
                    Import(alias.name, None, 0, node.lineno, (alias.asname or alias.name.partition(".")[0],))
                    for alias in node.names
                ]
            case ast.ClassDef():
                return list(self._class(node))
            case ast.Try() | ast.TryStar():
                handlers = tuple(
                    Handler(
                        caught_by(each.type), (*self._bind(each.name), *self.block(each.body)), ends_in_error(each.body)
                    )
                    for each in node.handlers
                )
                return [Try(self.block(node.body), handlers, self.block(node.orelse), self.block(node.finalbody))]
            case ast.With() | ast.AsyncWith():
                return list(self._with(node))
            case ast.For(iter=values, target=target) | ast.AsyncFor(iter=values, target=target):
                return [*self._assigned([target], values), *self._branch(values, node.body, node.orelse)]
            case ast.While(test=test):
                return self._branch(test, node.body, node.orelse)
            case ast.Match(subject=subject):
                cases = [
                    each
                    for case in node.cases
                    for each in (*self._bind(*names_bound_by(case.pattern)), Branch(None, self.block(case.body), ()))
                ]
                return [*self.expressions(subject), *cases]
            case ast.AugAssign(target=target, value=value):
                return [*self.expressions(value), *self._assigned([target], value, adds=True)]
            case ast.AnnAssign(target=target, value=value) if value is not None:
                return [*self.expressions(value), *self._assigned([target], value)]
            case ast.Global(names=names):
                # A function may set them before anybody imports them.
                self.globals |= set(names)
                return ()
        return self.expressions(node)

    def _branch(
        self, test: ast.expr, body: Sequence[ast.stmt], orelse: Sequence[ast.stmt], is_known: bool = False
    ) -> Sequence[Statement]:
        names = tuple(each.id for each in ast.walk(test) if isinstance(each, ast.Name)) if body else ()
        made = Branch(test if is_known else None, self.block(body), self.block(orelse), names)
        return [*self.expressions(test), *([made] if made.body or made.orelse else [])]

    def _bind(self, *names: str | None) -> Sequence[Statement]:
        return () if self.depth else [Bind(tuple(filter(None, names)))]

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[Statement]:
        for each in (*node.decorator_list, *node.args.defaults, *filter(None, node.args.kw_defaults)):
            yield from self.expressions(each)
        decorators = [dotted(each.func if isinstance(each, ast.Call) else each) for each in node.decorator_list]
        for name, written in zip(decorators, node.decorator_list, strict=True):
            if name and not isinstance(written, ast.Call):
                yield Call(name)
        if node.name == "__getattr__" and not self.depth:
            self.has_any_name = True
        is_handler = any(name.rpartition(".")[2] in _ROUTES for name in decorators)
        around, self.names = self.names, {}
        before = self.imports
        self.depth += 1
        body = self.block(node.body)
        self.depth -= 1
        mentions, self.names = self.names, around
        if self.depth:
            self.names |= mentions
        yield Function(
            node.name, node.lineno, body, tuple(mentions), is_handler, self.imports > before or self.changes_path
        )
        # A function in this one is found only if this one runs.
        self.imports += 1

    def _class(self, node: ast.ClassDef) -> Iterator[Statement]:
        for each in (*node.decorator_list, *node.bases, *(keyword.value for keyword in node.keywords)):
            yield from self.expressions(each)
        bases = tuple(filter(None, (dotted(each) for each in node.bases)))
        self.depth += 1
        body = self.block(node.body)
        self.depth -= 1
        if any(base.rpartition(".")[2] in _VIEWS for base in bases):
            body = tuple(replace(each, is_handler=True) if isinstance(each, Function) else each for each in body)
        yield Class(node.name, bases, body)

    def _with(self, node: ast.With | ast.AsyncWith) -> Iterator[Statement]:
        caught = set[str]()
        for item in node.items:
            yield from self.expressions(item.context_expr)
            if item.optional_vars is not None:
                yield from self._bind(*names_bound_by(item.optional_vars))
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
            if isinstance(target, ast.Subscript) and dotted(target.value) == "sys.modules":
                key = target.slice
                yield Fake(key.value if isinstance(key, ast.Constant) and isinstance(key.value, str) else "*")
            elif _is_path(target):
                yield _path_change(value, adds, target)
            elif isinstance(target, ast.Name):
                if target.id == "__all__" and not self.depth:
                    self._export(value, adds)
                if self.changes_path:
                    yield PathVariable(target.id, value)
                callee = dotted(value.func) if isinstance(value, ast.Call) else ""
                if callee or not self.depth:
                    yield Bind((target.id,), callee)
            else:
                yield from self.expressions(target)
                yield from self._bind(*names_bound_by(target))

    def _export(self, value: ast.expr, adds: bool) -> None:
        names = [
            each.value for each in ast.walk(value) if isinstance(each, ast.Constant) and isinstance(each.value, str)
        ]
        self.exports = (*(self.exports or ()), *names) if adds else tuple(names)

    def expressions(self, node: ast.AST) -> list[Statement]:
        """What an expression calls and imports. A lambda's body waits for its call."""
        made, names = list[Statement](), self.names
        waiting = [node]
        while waiting:
            each = waiting.pop()
            kind = each.__class__
            if kind is ast.Name:
                names[each.id] = None  # type: ignore[attr-defined]  # isinstance would take twice as long
                continue
            if kind is ast.Lambda:
                names |= dict.fromkeys(names_in(each))
                continue
            if kind is ast.Attribute:
                names[each.attr] = None  # type: ignore[attr-defined]
            elif isinstance(each, ast.Call):
                made += self._call(each)
            elif isinstance(each, ast.NamedExpr):
                made += self._bind(each.target.id)
            for name in FIELDS[kind]:
                inner = getattr(each, name)
                if inner.__class__ is list:
                    waiting += filter(None, inner)
                elif inner is not None:
                    waiting.append(inner)
        return made

    def _call(self, node: ast.Call) -> Iterator[Statement]:
        name = dotted(node.func)
        last = name.rpartition(".")[2]
        self.registered += [dotted(each.value).rpartition(".")[2] for each in node.keywords if each.arg in _CALLBACKS]
        if last in _REGISTERING:
            self.registered += [dotted(each).rpartition(".")[2] for each in node.args]
        if last in ("import_module", "__import__") or name in ("runpy.run_module",):
            self.imports += 1
            yield _dynamic(node)
        elif name in _PATH_CHANGES:
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


def _is_path(node: ast.expr) -> bool:
    """Whether an expression is `sys.path`, or a part of it."""
    return dotted(node.value if isinstance(node, ast.Subscript) else node) == "sys.path"


def _path_change(value: ast.expr, adds: bool, target: ast.expr) -> PathChange:
    """A new value of `sys.path`: what stands before `sys.path` in it, or after."""
    others: list[ast.expr] = []
    is_before = not adds or isinstance(target, ast.Subscript)
    parts = [value.left, value.right] if isinstance(value, ast.BinOp) else [value]
    parts = [each for part in parts for each in (part.elts if isinstance(part, ast.List | ast.Tuple) else [part])]
    for position, part in enumerate(parts):
        inner = part.value if isinstance(part, ast.Starred) else part
        if _is_path(inner):
            is_before = position > 0
        else:
            others.append(part)
    return PathChange(tuple(others), is_before, value.lineno)
