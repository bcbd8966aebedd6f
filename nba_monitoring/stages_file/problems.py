"""What is wrong with a file of stages, a line each: file, line, stage and field, what was wrong, what to do."""

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

NEEDED = "not there, and needed"


class StagesError(MonitoringError):
    """The table of stages is wrong; the message has a line for each thing that is."""


@dataclass(frozen=True)
class Problems:
    """What was found wrong in a file, as long as there may be more."""

    path: Path
    text: YamlText
    _found: list[tuple[int, str]] = field(default_factory=list)

    def add(self, place: Place, what: str, line: int | None = None) -> None:
        """Add what is wrong at a place of the file."""
        line = line or self.text.line_of(place)
        name = f"{self.path}:{line}" if line else str(self.path)
        self._found.append((line or 0, ": ".join(filter(None, (name, _dotted(place), what)))))

    def add_all(self, place: Place, model: type[BaseModel], error: ValidationError) -> None:
        """Add what a model refuses of the entry at a place."""
        missing: defaultdict[Place, list[str]] = defaultdict(list)
        for each in error.errors(include_url=False):
            inside = tuple(part for part in each["loc"] if part != "[key]")
            if each["type"] == "missing":
                missing[inside[:-1]].append(str(inside[-1]))
            else:
                # An entry's name is the key that it stands under.
                self.add(place if inside == ("name",) else (*place, *inside), _in_words(each, model))
        for inside, names in missing.items():
            if len(names) == 1:
                self.add((*place, *inside, *names), NEEDED)
            else:
                self.add((*place, *inside), f"{', '.join(names)} are {NEEDED}")

    def __bool__(self) -> bool:
        return bool(self._found)

    @property
    def error(self) -> StagesError:
        """All that was found, in the order of the file's lines."""
        return StagesError("\n".join(text for _, text in sorted(self._found, key=lambda found: found[0])))


def nearest(word: object, known: Iterable[str]) -> str:
    """What may have been meant by a word that is not known."""
    names = sorted(known)
    close = get_close_matches(str(word), names, n=1)
    if close:
        return f"did you mean {close[0]!r}?"
    return f"known are {', '.join(names)}" if names else "there are none"


def _in_words(error: ErrorDetails, model: type[BaseModel]) -> str:
    """What pydantic found, as a person would say it."""
    kind, given, context = error["type"], error["input"], error.get("ctx", {})
    if kind == "extra_forbidden":
        return f"no such field; {nearest(error['loc'][-1], _fields_beside(model, error['loc']))}"
    if kind == "union_tag_invalid":
        known = [tag.strip("'") for tag in context["expected_tags"].split(", ")]
        return f"no rule {context['tag']!r}; {nearest(context['tag'], known)}"
    if kind == "union_tag_not_found":
        return "name it with a field rule"
    if kind in _SHAPES:
        return f"should be {_SHAPES[kind]}, not {_shown(given)}"
    if kind in ("too_short", "too_long"):
        bound = f"at least {context['min_length']}" if kind == "too_short" else f"at most {context['max_length']}"
        return f"should have {bound}, not {context['actual_length']}"
    if kind == "value_error":
        return str(context["error"])
    return f"{error['msg'].removeprefix('Input ')}, not {_shown(given)}"


_SHAPES = {
    "string_type": "text (in quotes, where it looks like something else)",
    "tuple_type": "a list, as [a, b]",
    "frozen_set_type": "a list, as [a, b]",
    "dict_type": "fields, as {name: value}",
    "model_type": "fields, as {name: value}",
    "model_attributes_type": "fields, as {name: value}",
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
    """The fields that an entry at a place may have, by the model that it is of."""
    models = [model]
    for part in place[:-1]:
        fields = [each.model_fields[part] for each in models if part in each.model_fields]
        if fields:
            models = [inner for field in fields for inner in models_in(field.annotation)]
        elif isinstance(part, str):
            # Pydantic puts a rule's name where the file has its position alone.
            models = [each for each in models if part in get_args(each.model_fields["rule"].annotation)]
    return {name for each in models for name in each.model_fields} - {"name"}


def models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    """The models that a field's type names."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from models_in(inner)
