"""Which of a program's own functions a call names, and which functions its request handlers reach.

No call graph: a call at the start is followed where its name says whose it is; a request is taken to reach every
function whose name a reached function mentions.
"""

from __future__ import annotations

from collections import ChainMap, defaultdict
from collections.abc import Iterable, Iterator, Mapping

from nba_monitoring.images.modules import Frame, Loaded, Module, Named
from nba_monitoring.images.statements import Bind, Block, Branch, Class, Function, Import, Try

_MOST_STEPS = 12
_MADE_BY = ("__new__", "__init__", "__post_init__", "__enter__", "__init_subclass__")


def names_of(block: Block) -> dict[str, Named]:
    """What the names of a module, class or function body stand for; the last definition counts."""
    found = dict[str, Named]()
    for each in block:
        match each:
            case Function(name=name) | Class(name=name):
                found[name] = each
            case Import(binds=binds):
                found.update(dict.fromkeys(binds, each))
            case Bind(names=names, callee=callee) if callee:
                found.update(dict.fromkeys(names, each))
            case Branch(body=body, orelse=orelse):
                found = {**names_of(orelse), **names_of(body), **found}
            case Try(body=body, handlers=handlers, orelse=orelse):
                inner = [names_of(handler.body) for handler in handlers]
                for one in (*inner, names_of(body), names_of(orelse)):
                    found.update(one)
    return found


def functions_called(loaded: Loaded, callee: str, frame: Frame) -> Iterator[tuple[Module, str, Function]]:
    """The functions that run when a name is called: module, class and function. None for what is not the program's."""
    parts = callee.split(".")
    if parts[0] in ("self", "cls") and frame.owner and len(parts) == 2:
        names = _names_in(loaded, frame.module)
        yield from _method(loaded, frame.module, names, names.get(frame.owner), parts[1])
        return
    module_names = _names_in(loaded, frame.module)
    own = _names(loaded, frame.function.body) if frame.function else {}
    yield from _called(loaded, frame.module, ChainMap(own, module_names), parts, 0)


def _names_in(loaded: Loaded, module: Module) -> dict[str, Named]:
    source = loaded.sources.get(module.name)
    return _names(loaded, source.code) if source else {}


def _names(loaded: Loaded, block: Block) -> dict[str, Named]:
    # By identity: comparing blocks would read them whole.
    if id(block) not in loaded.names:
        loaded.names[id(block)] = names_of(block)
    return loaded.names[id(block)]


def _called(
    loaded: Loaded, module: Module, names: Mapping[str, Named], parts: list[str], steps: int
) -> Iterator[tuple[Module, str, Function]]:
    found = names.get(parts[0])
    if steps > _MOST_STEPS:
        return
    match found:
        case Function() if len(parts) == 1:
            yield module, "", found
        case Class() if len(parts) <= 2:
            for method in _MADE_BY if len(parts) == 1 else parts[1:]:
                yield from _method(loaded, module, names, found, method)
        case Bind(callee=callee) if len(parts) == 2 and callee.split(".")[0] != parts[0]:
            yield from _called(loaded, module, names, [*callee.split("."), parts[1]], steps + 1)
        case Import():
            for target, rest in _imported(loaded, module, found, parts):
                yield from _called(loaded, target, _names_in(loaded, target), rest, steps + 1)


def _imported(
    loaded: Loaded, module: Module, statement: Import, parts: list[str]
) -> Iterator[tuple[Module, list[str]]]:
    """The module that an imported name leads to, and the names that are left."""
    name = statement.module
    if statement.level:
        name = ".".join(filter(None, (module.package(statement.level), name)))
    if statement.names is not None:
        at = statement.binds.index(parts[0]) if parts[0] in statement.binds else 0
        parts = [statement.names[at], *parts[1:]]
    elif statement.binds[0] != name.partition(".")[0]:
        parts = parts[1:]
    else:
        name, parts = parts[0], parts[1:]
    while len(parts) > 1 and f"{name}.{parts[0]}" in loaded.modules:
        name, parts = f"{name}.{parts[0]}", parts[1:]
    if parts and (target := loaded.modules.get(name)) is not None:
        yield target, parts


def _method(
    loaded: Loaded, module: Module, names: Mapping[str, Named], owner: Named | None, name: str
) -> Iterator[tuple[Module, str, Function]]:
    """A method of a class, or the one that it inherits."""
    if not isinstance(owner, Class):
        return
    method = _names(loaded, owner.body).get(name)
    if isinstance(method, Function):
        yield module, owner.name, method
        return
    for base in owner.bases:
        if base != owner.name:
            parts = base.split(".") if name in _MADE_BY else [*base.split("."), name]
            inherited = _called(loaded, module, names, parts, 1)
            yield from (each for each in inherited if each[2].name == name)


def reached(frames: Iterable[Frame], roots: Iterable[Function], mentioned: Iterable[str]) -> set[int]:
    """The ids of the functions that the roots reach; `mentioned` are the names that modules use at their top."""
    by_name = defaultdict[str, list[Frame]](list)
    for frame in frames:
        if frame.function is not None:
            by_name[frame.function.name].append(frame)
            if frame.owner and frame.function.name.startswith("__"):
                by_name[frame.owner].append(frame)
    found, waiting = set[int](), list(roots)
    names, used = set[str](), set(mentioned)
    # Methods whose class is not used yet.
    held = defaultdict[str, list[Function]](list)
    while waiting:
        function = waiting.pop()
        if id(function) in found:
            continue
        found.add(id(function))
        new = [name for name in function.mentions if name not in names]
        names.update(new)
        used.update(new)
        for name in new:
            waiting += held.pop(name, ())
            for frame in by_name.get(name, ()):
                if frame.function is not None:
                    (waiting if not frame.owner or frame.owner in used else held[frame.owner]).append(frame.function)
    return found
