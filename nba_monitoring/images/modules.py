"""Finds modules in an image as Python's own finders do: along `sys.path`, packages before files before namespaces."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from posixpath import join

from nba_monitoring.images.files import File, Files, Folder
from nba_monitoring.images.libraries import Installed, is_standard, provider_of
from nba_monitoring.images.statements import Bind, Class, Function, Import, Source

STANDARD, SITE = "<standard library>", "<site-packages>"
# Loaded before the program, so that a file of the same name is never found.
_LOADED = frozenset(sys.builtin_module_names) | frozenset(
    "abc codecs encodings genericpath io os posixpath site stat zipimport".split()
)
_COMPILED = (".cpython-", ".abi3.so", ".so", ".pyc")


@dataclass(slots=True)
class Module:
    """A module: found in the image, or known to exist elsewhere.

    `search` are a package's folders. A module that `has_any_name` is not looked into.
    """

    name: str
    file: str | None = None
    content: File | None = None
    search: Sequence[str] | None = None
    has_any_name: bool = False
    library: str = ""
    bound: set[str] = field(default_factory=set)
    is_loaded: bool = False
    is_main: bool = False

    def package(self, level: int) -> str | None:
        """The package that a relative import with so many dots starts from; None if there is none."""
        parts = self.name.split(".") if self.search is not None else self.name.split(".")[:-1]
        return ".".join(parts[: len(parts) - level + 1]) or None if level <= len(parts) else None

    @property
    def shown(self) -> str:
        """Its file's path in the tree or, if a build step makes it, in the image."""
        return (self.content.origin if self.content else "") or self.file or ""


# What a name can stand for.
Named = Function | Class | Import | Bind


@dataclass(slots=True)
class Loaded:
    """The modules that a program has loaded, as `sys.modules`, and the files of those that are its own."""

    modules: dict[str, Module] = field(default_factory=dict)
    sources: dict[str, Source] = field(default_factory=dict)
    names: dict[int, dict[str, Named]] = field(default_factory=dict)
    """What the names of a block stand for, by the block's id."""


@dataclass(frozen=True, slots=True)
class Frame:
    """The code that runs: a module's own, or a function's."""

    module: Module
    function: Function | None = None
    owner: str = ""
    """The class of a method."""
    outer: Function | None = None
    """The function that the code belongs to, however deep inside it."""


@dataclass(slots=True)
class Finder:
    """Where a program looks for modules."""

    files: Files
    path: list[str]
    installed: Installed
    python: tuple[int, int]
    is_open: bool = False
    """A folder of `sys.path` is not known."""

    def top(self, name: str) -> Module | None:
        """A top-level module; None if there is none. Libraries are not looked for."""
        if name in _LOADED:
            return Module(name, has_any_name=True)
        portions = list[str]()
        for entry in self.path:
            if entry == STANDARD:
                if is_standard(name, self.python):
                    return Module(name, has_any_name=True)
            elif entry == SITE:
                if self.installed.find(name, exactly=bool(portions)):
                    return None
            else:
                found = self._in(entry, name, name, portions)
                if found is not None:
                    return found
        return Module(name, search=portions) if portions else None

    def doubt(self, name: str, is_own: bool) -> str | None:
        """Why a module that isn't found may be there all the same; None if it can't. `is_own`: it is no library."""
        if self.is_open:
            return "sys.path has a folder that can't be worked out"
        if self.installed.is_open:
            return "the image may have libraries that can't be read here"
        library = None if is_own else self.installed.may_bring(provider_of(name))
        return library and f"{library} may install it"

    def inner(self, package: Module, name: str) -> Module | None:
        """A module of a package."""
        portions = list[str]()
        for entry in package.search or ():
            found = self._in(entry, name.rpartition(".")[2], name, portions)
            if found is not None:
                return found
        return Module(name, search=portions) if portions else None

    def _in(self, entry: str, last: str, name: str, portions: list[str]) -> Module | None:
        folder = self.files.get(entry)
        if not isinstance(folder, Folder):
            return Module(name, has_any_name=True) if isinstance(folder, File) and folder.content is None else None
        at = join(entry, last)
        inner = self._node(folder, entry, last)
        if isinstance(inner, Folder):
            start = self._node(inner, at, "__init__.py")
            if isinstance(start, File):
                return Module(name, join(at, "__init__.py"), start, [at])
        for ending in inner_endings(folder, last):
            node = self._node(folder, entry, last + ending)
            if isinstance(node, File) and ending == ".py":
                return Module(name, f"{at}.py", node)
            if isinstance(node, File):
                return Module(name, f"{at}{ending}", has_any_name=True)
        if isinstance(inner, Folder):
            if inner.is_open:
                return Module(name, has_any_name=True, search=[at])
            portions.append(at)
        elif folder.is_open:
            return Module(name, has_any_name=True)
        return None

    def _node(self, folder: Folder, path: str, name: str) -> object:
        node = folder.entries.get(name)
        if node is None and not folder.is_open:
            return None
        if isinstance(node, File | Folder):
            return node
        # A link, which may be broken.
        return self.files.get(join(path, name)) if node is not None else None


def search_path(first: Sequence[str], site: Sequence[str]) -> list[str]:
    """`sys.path` with the program's own folders first."""
    return [*first, STANDARD, SITE, *site]


def inner_endings(folder: Folder, name: str) -> Sequence[str]:
    """The endings of a folder's files that can be a module of a name, in Python's order."""
    if f"{name}.py" in folder.entries and not any(f"{name}{ending}" in folder.entries for ending in _COMPILED[1:3]):
        return (".py",)
    found = [each[len(name) :] for each in folder.entries if each.startswith(f"{name}.")]
    endings = [ending for kind in _COMPILED[:3] for ending in found if ending.startswith(kind)]
    return [*endings, *(ending for ending in (".py", ".pyc") if ending in found)]
