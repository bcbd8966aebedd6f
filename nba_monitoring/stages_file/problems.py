"""Problems of a stages file, one per line: file, line, field, what is wrong, what to do."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from pydantic import BaseModel, ValidationError

from nba_monitoring.errors import MonitoringError
from nba_monitoring.stages_file.yaml_text import Place, YamlText

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

REQUIRED = "required, but missing"


class StagesError(MonitoringError):
    """The stages file is wrong. The message has one problem per line."""


@dataclass(frozen=True)
class Problems:
    """Collects the problems of a file."""

    path: Path
    text: YamlText
    raises: type[MonitoringError] = StagesError
    _found: list[tuple[int, str]] = field(default_factory=list)

    def add(self, place: Place, what: str, line: int | None = None) -> None:
        """Add a problem at a place of the file."""
        line = line or self.text.line_of(place)
        name = f"{self.path}:{line}" if line else str(self.path)
        self._found.append((line or 0, ": ".join(filter(None, (name, _dotted(place), what)))))

    def add_all(self, place: Place, model: type[BaseModel], error: ValidationError) -> None:
        """Add the validation errors of the entry at a place."""
        missing: defaultdict[Place, list[str]] = defaultdict(list)
        for each in error.errors(include_url=False):
            inside = tuple(part for part in each["loc"] if part != "[key]")
            if each["type"] == "missing":
                missing[inside[:-1]].append(str(inside[-1]))
            else:
                # An entry's name is its key.
                self.add(place if inside == ("name",) else (*place, *inside), _in_words(each, model))
        for inside, names in missing.items():
            if len(names) == 1:
                self.add((*place, *inside, *names), REQUIRED)
            else:
                self.add((*place, *inside), f"{', '.join(names)}: {REQUIRED}")

    def __bool__(self) -> bool:
        return bool(self._found)

    @property
    def error(self) -> MonitoringError:
        """All problems, in the order of the file's lines."""
        return self.raises("\n".join(text for _, text in sorted(self._found, key=lambda found: found[0])))


def nearest(word: object, known: Iterable[str]) -> str:
    """A hint for an unknown word: the closest known one, or all of them."""
    names = sorted(known)
    close = get_close_matches(str(word), names, n=1)
    if close:
        return f"did you mean {close[0]!r}?"
    return f"use {', '.join(names)}" if names else "none is defined"


def _in_words(error: ErrorDetails, model: type[BaseModel]) -> str:
    """A validation error in words."""
    kind, given, context = error["type"], error["input"], error.get("ctx", {})
    if kind == "extra_forbidden":
        return f"unknown field; {nearest(error['loc'][-1], _fields_beside(model, error['loc']))}"
    if kind == "union_tag_invalid":
        known = [tag.strip("'") for tag in context["expected_tags"].split(", ")]
        return f"no rule {context['tag']!r}; {nearest(context['tag'], known)}"
    if kind == "union_tag_not_found":
        return "name the rule in the field `rule`"
    if kind in _SHAPES:
        return f"must be {_SHAPES[kind]}, not {_shown(given)}"
    if kind in ("too_short", "too_long"):
        bound = f"at least {context['min_length']}" if kind == "too_short" else f"at most {context['max_length']}"
        return f"must have {bound}, not {context['actual_length']}"
    if kind == "value_error":
        return str(context["error"])
    return f"{error['msg'].replace('Input should', 'must')}, not {_shown(given)}"


_SHAPES = {
    "string_type": "text (quote it if it looks like a number or a date)",
    "tuple_type": "a list, such as [a, b]",
    "frozen_set_type": "a list, such as [a, b]",
    "dict_type": "fields, such as {name: value}",
    "model_type": "fields, such as {name: value}",
    "model_attributes_type": "fields, such as {name: value}",
}


def _shown(given: object) -> str:
    if given is None:
        return "empty"
    if isinstance(given, Mapping):
        return "fields"
    if isinstance(given, list):
        return "a list"
    text = repr(given)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _dotted(place: Place) -> str:
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in place).removeprefix(".")


def _fields_beside(model: type[BaseModel], place: tuple[str | int, ...]) -> set[str]:
    """The fields that are allowed at a place of a model."""
    models = [model]
    for part in place[:-1]:
        fields = [each.model_fields[part] for each in models if part in each.model_fields]
        if fields:
            models = [inner for field in fields for inner in models_in(field.annotation)]
        elif isinstance(part, str):
            # Pydantic adds a rule's name to the place.
            models = [each for each in models if part in get_args(each.model_fields["rule"].annotation)]
    return {name for each in models for name in each.model_fields} - {"name"}


def models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    """The models in a field's type."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from models_in(inner)
