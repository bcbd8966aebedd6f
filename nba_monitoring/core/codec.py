"""Typed values as JSON and back: for history rows, evaluations, the command line and the sensor's cursor.

Dataclasses say in their types how they are stored: `GameId` as an id, `Instant` as ISO 8601. The adapters are built on
first use, since building one takes as long as judging a date.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Mapping
from datetime import UTC, date, datetime
from itertools import pairwise
from typing import Annotated, Any, TypeVar

from pydantic import (
    AfterValidator,
    AwareDatetime,
    PlainSerializer,
    PlainValidator,
    TypeAdapter,
    ValidationError,
    WithJsonSchema,
)

from nba_monitoring.core.games import Game
from nba_monitoring.errors import MonitoringError

Value = TypeVar("Value")


class UnreadableError(MonitoringError, ValueError):
    """A stored value can't be read. The message names each wrong field and what it should be."""


def to_json_values(value: object) -> dict[str, Any]:
    """A dataclass as JSON values. Raises nothing for what the types allow."""
    found: dict[str, Any] = _adapter(type(value)).dump_python(value, mode="json", by_alias=True)
    return found


def to_json_text(value: object) -> str:
    """A dataclass as JSON text."""
    return _adapter(type(value)).dump_json(value, by_alias=True).decode()


def json_schema(kind: type[Any]) -> dict[str, Any]:
    """The JSON schema of a dataclass's JSON values."""
    return _adapter(kind).json_schema(mode="serialization")


def field_texts(described: type) -> Mapping[str, str]:
    """The text under each field of a class and its bases in the source, on one line: descriptions for its schema.

    Pydantic can read them too, but whenever a class is made, which slows down every command. Raises OSError if the
    source is not available.
    """
    found: dict[str, str] = {}
    for kind in [kind for kind in reversed(described.__mro__) if kind.__module__.startswith("nba_monitoring.")]:
        (source,) = ast.parse(inspect.getsource(kind)).body
        for field, text in pairwise(source.body if isinstance(source, ast.ClassDef) else ()):
            match field, text:
                case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(described_as))):
                    found[name] = " ".join(described_as.split())
    return found


def from_json_values(kind: type[Value], values: object) -> Value:
    """A dataclass from JSON values, or from a row's. Unknown fields are ignored, missing ones take their default.

    Raises UnreadableError.
    """
    try:
        found: Value = _adapter(kind).validate_python(values)
    except ValidationError as error:
        raise _unreadable(error) from None
    return found


def _unreadable(error: ValidationError) -> UnreadableError:
    wrong = [
        f"{'.'.join(str(part) for part in place['loc']) or 'value'}: {place['msg'].removeprefix('Value error, ')}"
        for place in error.errors(include_url=False, include_context=False, include_input=False)
    ]
    return UnreadableError("; ".join(wrong))


_ADAPTERS: dict[type[Any], TypeAdapter[Any]] = {}


def _adapter(kind: type[Any]) -> TypeAdapter[Any]:
    if kind not in _ADAPTERS:
        _ADAPTERS[kind] = TypeAdapter(kind)
    return _ADAPTERS[kind]


def _game(value: object) -> Game:
    if isinstance(value, Game):
        return value
    if not isinstance(value, str):
        raise ValueError("should be a game id (YYYYMMDD_AWAY_HOME)")  # noqa: TRY004 pydantic reports ValueErrors alone
    day, _, teams = value.partition("_")
    away, _, home = teams.partition("_")
    if not (away and home):
        raise ValueError(f"{value!r} is not a game id (YYYYMMDD_AWAY_HOME)")
    return Game(date.fromisoformat(day), away, home)


def _text(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _utc(value: datetime) -> datetime:
    return value.astimezone(UTC)


# As a JSON value and as a key of a JSON object: `YYYYMMDD_AWAY_HOME`.
GameId = Annotated[Game, PlainValidator(_game), PlainSerializer(lambda game: game.id, return_type=str)]
# ISO 8601 with an offset; UTC inside. A naive one is refused, because its instant is unknown.
Instant = Annotated[
    AwareDatetime,
    AfterValidator(_utc),
    PlainSerializer(_text, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
