"""From a stages file, whole or extending the shipped one, to the stages."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, ValidationError

from nba_monitoring.core.stage_fields import Entry
from nba_monitoring.core.stages import PHASE4, SCHEDULE, Stage, StageTable, State
from nba_monitoring.stages_file.problems import REQUIRED, Problems, nearest
from nba_monitoring.stages_file.yaml_text import YamlFileError, YamlText, read_yaml

# Each stage is an asset, a check and several queries. Chains of dependencies are followed by recursion.
_MOST_STAGES = 200

SHIPPED = Path(__file__).parents[1] / "stages.yaml"


def _or_empty(written: object) -> object:
    return {} if written is None else written


# An entry's fields as written, not yet validated.
Fields = Annotated[dict[str, Any], BeforeValidator(_or_empty)]
Entries = Annotated[dict[str, Fields], BeforeValidator(_or_empty)]


class StagesFile(Entry):
    """A stages file: all stages, or changes to the shipped ones."""

    extend: Literal["default"] | None = None
    """`default`: the file changes the shipped stages. Default: the file lists all stages."""
    states: Entries = Field(default_factory=dict)
    """Tables that explain why a stage was halted, by the name that `excused_by` uses."""
    stages: Entries = Field(default_factory=dict)
    """The stages by name, in pipeline order: each stage comes after its upstream stages."""
    drop: tuple[str, ...] = ()
    """The shipped stages to remove."""


def load_stages(path: Path | None = None) -> StageTable:
    """The stages of a file, or the shipped ones. Raises StagesError with one problem per line."""
    return _shipped_table() if path is None else _load(path)


@cache
def _shipped_table() -> StageTable:
    return _load(SHIPPED)


@cache
def _shipped_file() -> StagesFile:
    return _read(SHIPPED)[1]


def _load(path: Path) -> StageTable:
    problems, file = _read(path)
    entries, states = file.stages, file.states
    if file.extend is not None:
        shipped = _shipped_file()
        entries, states = _extended(shipped, file, problems), _changed(shipped.states, file.states)
    elif file.drop:
        problems.add(("drop",), "works only with `extend: default`; delete the entry instead")
    stages = tuple(_stages(entries, states, problems))
    _check_upstreams(entries, file, problems)
    if PHASE4 not in entries:
        problems.add(("stages",), f"{PHASE4} is {REQUIRED}: data_availability_checks records it; see `extend: default`")
    if problems:
        raise problems.error
    return StageTable(stages)


def _read(path: Path) -> tuple[Problems, StagesFile]:
    try:
        text = read_yaml(path, "NBA_MONITORING_STAGES")
    except YamlFileError as error:
        problems = Problems(path, YamlText(None))
        problems.add((), str(error), error.line)
        raise problems.error from None
    problems = Problems(path, text)
    for place, line in text.repeated.items():
        problems.add(place, "appears twice; keep one", line)
    if not isinstance(text.data, dict):
        what = "is empty" if text.data is None else "has no fields"
        problems.add((), f"{what}; start with `extend: default` to change the shipped stages, or with `stages:`")
        raise problems.error
    try:
        file = StagesFile.model_validate(text.data)
    except ValidationError as error:
        problems.add_all((), StagesFile, error)
        raise problems.error from None
    if len(file.stages) > _MOST_STAGES:
        problems.add(("stages",), f"has {len(file.stages)} stages; at most {_MOST_STAGES} are supported")
        raise problems.error
    return problems, file


def _changed(shipped: Entries, changes: Entries) -> Entries:
    """Entries with the changed fields replaced, and new entries at the end."""
    return {**shipped, **{name: {**shipped.get(name, {}), **fields} for name, fields in changes.items()}}


def _extended(shipped: StagesFile, file: StagesFile, problems: Problems) -> Entries:
    """The shipped entries with a file's changes, in its order."""
    for position, name in enumerate(file.drop):
        if name == PHASE4:
            problems.add(("drop", position), f"{PHASE4} can't be dropped: data_availability_checks records it")
        elif name not in shipped.stages:
            problems.add(("drop", position), f"no shipped stage {name!r}; {nearest(name, shipped.stages)}")
        elif name in file.stages:
            problems.add(("drop", position), f"{name} also has an entry in this file; keep one")
    changes = {}
    for name, fields in file.stages.items():
        meant = get_close_matches(name.lower(), shipped.stages, n=1, cutoff=0.8)
        if name not in shipped.stages and meant and "table" not in fields:
            problems.add(("stages", name), f"not a shipped stage; did you mean {meant[0]!r}? A new stage needs `table`")
        else:
            changes[name] = fields
    drop = set(file.drop) - file.stages.keys() - {PHASE4}
    entries = _changed(_without(shipped.stages, drop), changes)
    order = _order(list(entries), changes, problems)
    return {name: {field: value for field, value in entries[name].items() if field != "after"} for name in order}


def _without(shipped: Entries, drop: Collection[str]) -> Entries:
    """The entries without the dropped ones, whose upstream stages replace them in other entries."""

    def kept(upstream: Iterable[str]) -> Iterator[str]:
        for name in upstream:
            yield from kept(shipped[name].get("upstream", ())) if name in drop else (name,)

    return {
        name: {**fields, "upstream": list(dict.fromkeys(kept(fields.get("upstream", ()))))}
        for name, fields in shipped.items()
        if name not in drop
    }


def _order(names: Sequence[str], changes: Entries, problems: Problems) -> Sequence[str]:
    """The stages' names, with each stage that has `after` moved there."""
    for name, fields in changes.items():
        after = fields.get("after")
        if after is not None:
            before = [SCHEDULE, *(other for other in names if other != name)]
            if after in before:
                place = before.index(after)
                names = [*before[1 : place + 1], name, *before[place + 1 :]]
            else:
                problems.add(("stages", name, "after"), f"no other stage {after!r}; {nearest(after, before)}")
    return names


def _stages(entries: Entries, states: Entries, problems: Problems) -> Iterator[Stage]:
    """The stages of the valid entries."""
    found = {}
    for name, fields in states.items():
        try:
            found[name] = State.model_validate(_given(fields))
        except ValidationError as error:
            problems.add_all(("states", name), State, error)
    for name, fields in entries.items():
        given = _given(fields)
        excused_by = given.pop("excused_by", None)
        if excused_by is not None and excused_by not in list(states):
            place = ("stages", name, "excused_by")
            problems.add(place, f"no state {excused_by!r}; {nearest(excused_by, states)}")
        if "name" in given:
            problems.add(("stages", name, "name"), "unknown field; a stage's name is the key of its entry")
        try:
            yield Stage.model_validate({**given, "name": name, "excused_by": found.get(str(excused_by))})
        except ValidationError as error:
            problems.add_all(("stages", name), Stage, error)


def _given(fields: Fields) -> Fields:
    """The fields that have a value: an empty one removes the shipped value."""
    return {name: value for name, value in fields.items() if value is not None}


def _check_upstreams(entries: Entries, file: StagesFile, problems: Problems) -> None:
    names = list(entries)
    for name in names:
        for position, upstream in enumerate(_upstream(entries, name)):
            what = None
            if upstream == name:
                what = "a stage can't depend on itself"
            elif upstream == SCHEDULE:
                what = "every stage depends on the schedule; leave it out"
            elif upstream not in entries and upstream in file.drop:
                what = f"{upstream} is dropped in this file; remove it here"
            elif upstream not in entries:
                what = f"no stage {upstream!r}; {nearest(upstream, entries)}"
            elif _depends_on(entries, upstream, name):
                what = f"{upstream} and {name} depend on each other; remove one of the two"
            elif names.index(upstream) > names.index(name):
                how = "move its entry" if file.extend is None else f"write `after: {upstream}` in its entry"
                what = f"{upstream} comes later, but a stage must come after its upstream stages; {how}"
            if what:
                problems.add(("stages", name, "upstream", position), what)


def _upstream(entries: Entries, name: str) -> Sequence[str]:
    upstream = entries[name].get("upstream") if name in entries else None
    return [each for each in upstream if isinstance(each, str)] if isinstance(upstream, list) else []


def _depends_on(entries: Entries, name: str, other: str, seen: frozenset[str] = frozenset()) -> bool:
    """Whether a stage depends on another, directly or not."""
    nearer = set(_upstream(entries, name)) - seen
    return other in nearer or any(_depends_on(entries, each, other, seen | nearer) for each in nearer)
