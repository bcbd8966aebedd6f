"""The folders that a program puts into `sys.path`, worked out from the usual expressions."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from posixpath import basename, dirname, join, normpath

from nba_monitoring.images.expressions import dotted
from nba_monitoring.images.files import Files

Value = str | tuple[str, ...] | None
_SAME = frozenset("str Path PurePath PosixPath fspath expanduser as_posix normpath".split())


@dataclass(slots=True)
class PathValues:
    """The variables of a file that hold paths or lists of them."""

    file: str
    cwd: str
    files: Files
    environment: Mapping[str, str]
    variables: dict[str, Value] = field(default_factory=dict)

    def folders(self, node: ast.expr) -> Sequence[str] | None:
        """The folders of an expression, absolute; None if they can't be worked out."""
        value = self.value(node)
        if value is None:
            return None
        return [self._absolute(each) for each in ((value,) if isinstance(value, str) else value)]

    def _absolute(self, path: str) -> str:
        return normpath(join(self.cwd, path))

    def value(self, node: ast.expr) -> Value:
        """The value of an expression: a path, or a list of paths."""
        match node:
            case ast.Constant(value=str(text)):
                return text
            case ast.Name(id="__file__"):
                return self.file
            case ast.Name(id=name):
                return self.variables.get(name)
            case ast.List(elts=elements) | ast.Tuple(elts=elements):
                values = [self.value(each) for each in elements]
                return None if None in values else tuple(each for each in values if isinstance(each, str))
            case ast.Starred(value=inner) | ast.NamedExpr(value=inner):
                return self.value(inner)
            case ast.BinOp(left=left, op=ast.Div() | ast.Add() as operator, right=right):
                return self._joined(self.value(left), self.value(right), isinstance(operator, ast.Div))
            case ast.JoinedStr(values=parts):
                texts = [self.value(each.value if isinstance(each, ast.FormattedValue) else each) for each in parts]
                return "".join(each for each in texts if isinstance(each, str)) if None not in texts else None
            case ast.Attribute(value=inner, attr="parent"):
                return self._parent(self.value(inner), 1)
            case ast.Attribute(attr="pardir"):
                return ".."
            case ast.Attribute(attr="curdir"):
                return "."
            case ast.Attribute(attr="sep"):
                return "/"
            case ast.Subscript(value=ast.Attribute(value=inner, attr="parents"), slice=ast.Constant(value=int(at))):
                return self._parent(self.value(inner), at + 1)
            case ast.Subscript(value=inner, slice=ast.Constant(value=str(name))) if dotted(inner) == "os.environ":
                return self.environment.get(name)
            case ast.BoolOp(op=ast.Or(), values=values):
                return next((found for found in map(self.value, values) if found), None)
            case ast.IfExp(body=body):
                return self.value(body)
            case ast.Call():
                return self._called(node)
        return None

    def _called(self, node: ast.Call) -> Value:
        name = node.func.attr if isinstance(node.func, ast.Attribute) else dotted(node.func)
        arguments = [self.value(each) for each in node.args]
        texts = [each for each in arguments if isinstance(each, str)]
        # A method of a path, such as `Path(x).resolve()`.
        owner = self.value(node.func.value) if isinstance(node.func, ast.Attribute) else None
        if name in ("getcwd", "cwd"):
            return self.cwd
        if name in ("get", "getenv") and texts:
            return self.environment.get(texts[0], texts[1] if len(texts) > 1 else None)
        if len(texts) < len(node.args):
            return None
        if isinstance(owner, str):
            return self._method(owner, name, texts)
        if not texts:
            return None
        match name:
            case "abspath":
                return self._absolute(texts[0])
            case "realpath":
                return self.files.real(self._absolute(texts[0]))
            case "dirname":
                return dirname(texts[0])
            case "basename":
                return basename(texts[0])
        return join(*texts) if name == "join" or name in _SAME else None

    def _method(self, owner: str, name: str, texts: Sequence[str]) -> Value:
        if name == "resolve":
            return self.files.real(self._absolute(owner))
        if name == "absolute":
            return self._absolute(owner)
        if name == "joinpath":
            return join(owner, *texts)
        return owner if name in _SAME else None

    def _joined(self, left: Value, right: Value, is_path: bool) -> Value:
        if isinstance(left, str) and isinstance(right, str):
            return join(left, right) if is_path else left + right
        if isinstance(left, tuple) and isinstance(right, tuple):
            return left + right
        return None

    def _parent(self, value: Value, steps: int) -> Value:
        for _ in range(steps):
            value = (dirname(value) or ".") if isinstance(value, str) else None
        return value
