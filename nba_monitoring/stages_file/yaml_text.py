"""Reads YAML with the line of each value."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from nba_monitoring.files import require_regular

# The keys and positions that lead to a value.
Place = tuple[str | int, ...]


class YamlFileError(Exception):
    """A file that can't be read as YAML. The message says why and what to do."""

    def __init__(self, what: str, line: int | None = None) -> None:
        super().__init__(what)
        self.line = line


@dataclass(frozen=True)
class YamlText:
    """A file's data, the line (from 1) of each key and item, and its repeated keys."""

    data: Any
    lines: dict[Place, int] = field(default_factory=dict)
    repeated: dict[Place, int] = field(default_factory=dict)

    def line_of(self, place: Place) -> int | None:
        """The line of a place or, if the file lacks it, of the nearest place around it."""
        at: Place = ()
        for part in place:
            at = (*at, part) if (*at, part) in self.lines else at
        return self.lines.get(at)


class _Loader(yaml.CSafeLoader):
    """Scalars as in YAML 1.2 and in editors.

    PyYAML follows YAML 1.1: 10:45 is the number 645, `off` and `no` are false, and 014 is 12.
    """


_Loader.yaml_implicit_resolvers = {}

for _tag, _pattern, _first in (
    ("null", "~|null|Null|NULL|", "~nN\0"),
    ("bool", "true|True|TRUE|false|False|FALSE", "tTfF"),
    ("int", "[-+]?(0|[1-9][0-9]*)", "-+0123456789"),
    ("float", r"[-+]?(\.[0-9]+|[0-9]+\.[0-9]*)([eE][-+]?[0-9]+)?", "-+.0123456789"),
    ("merge", "<<", "<"),
):
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(f"^({_pattern})$"), list(_first))
_Loader.add_implicit_resolver("tag:yaml.org,2002:null", re.compile("^$"), [""])


def read_yaml(path: Path, named_in: str) -> YamlText:
    """A file with one YAML document, named in a variable or an option. Raises YamlFileError."""
    try:
        require_regular(path)
        loader = _Loader(path.read_bytes().decode("utf-8-sig"))
    except FileNotFoundError as error:
        raise YamlFileError(f"does not exist; check {named_in}") from error
    except IsADirectoryError as error:
        raise YamlFileError(f"is a folder; name a YAML file in {named_in}") from error
    except OSError as error:
        raise YamlFileError(f"can't be read: {error.strerror}; check {named_in}") from error
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise YamlFileError("is not UTF-8; save it as UTF-8", line) from error
    except yaml.YAMLError as error:
        raise YamlFileError(f"is not YAML: {' '.join(str(error).split())}") from error
    try:
        node = loader.get_single_node()
        text = YamlText(None)
        if node is None:
            return text
        # Before merges (<<) add keys.
        _find_places(node, (), text, set())
        return YamlText(loader.construct_document(node), text.lines, text.repeated)
    except yaml.MarkedYAMLError as error:
        said = ", ".join(filter(None, (error.context, error.problem)))
        mark = error.problem_mark or error.context_mark
        raise YamlFileError(f"is not YAML: {said}", mark.line + 1 if mark else None) from error
    except (yaml.YAMLError, ValueError) as error:
        raise YamlFileError(f"is not YAML: {' '.join(str(error).split())}") from error
    except RecursionError as error:
        raise YamlFileError("is nested too deeply") from error
    finally:
        loader.dispose()


def _find_places(node: yaml.Node, place: Place, text: YamlText, seen: set[int]) -> None:
    # An alias repeats a node, and may be inside it.
    if id(node) in seen:
        return
    seen.add(id(node))
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            child = (*place, str(key.value))
            line = key.start_mark.line + 1
            if child in text.lines and key.tag != "tag:yaml.org,2002:merge":
                text.repeated[child] = line
            text.lines[child] = line
            _find_places(value, child, text, seen)
    elif isinstance(node, yaml.SequenceNode):
        for position, item in enumerate(node.value):
            child = (*place, position)
            text.lines[child] = item.start_mark.line + 1
            _find_places(item, child, text, seen)
