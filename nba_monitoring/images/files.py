"""Files in memory: those of the build context, and those of an image."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from fnmatch import translate
from functools import cache
from pathlib import Path
from posixpath import join, normpath


@dataclass(frozen=True, slots=True)
class File:
    """A file. Without content, nothing is known about it: it may even be a folder."""

    content: Path | bytes | None
    origin: str = ""  # its path in the build context, or empty if a build step makes it

    def read(self) -> bytes | None:
        """The content; None if nothing is known about it."""
        return self.content.read_bytes() if isinstance(self.content, Path) else self.content


@dataclass(frozen=True, slots=True)
class Link:
    """A symbolic link."""

    target: str


@dataclass(frozen=True, slots=True)
class Library:
    """The trace of an installed library, which moves with its folder from stage to stage."""

    name: str


@dataclass(slots=True)
class Folder:
    """A folder. If it is open, it may hold more than is known."""

    entries: dict[str, Node] = field(default_factory=dict)
    is_open: bool = False

    def copy(self) -> Folder:
        """A deep copy; files are shared."""
        entries = {name: node.copy() if isinstance(node, Folder) else node for name, node in self.entries.items()}
        return Folder(entries, self.is_open)

    def add(self, other: Folder) -> None:
        """Merge another folder into this one."""
        self.is_open |= other.is_open
        for name, node in other.entries.items():
            mine = self.entries.get(name)
            if isinstance(node, Folder) and isinstance(mine, Folder):
                mine.add(node)
            else:
                self.entries[name] = node.copy() if isinstance(node, Folder) else node


Node = File | Link | Library | Folder
UNKNOWN = File(None)
_MOST_LINKS = 40  # as Linux


def parts_of(path: str) -> list[str]:
    """The names of a path's parts, without `.` and empty ones; `..` is resolved."""
    return [part for part in normpath(join("/", path)).split("/") if part]


@dataclass(slots=True)
class Files:
    """A root folder with the operations of a file system. Paths are absolute, with `/`."""

    root: Folder = field(default_factory=Folder)

    def real(self, path: str, follow_last: bool = True) -> str | None:
        """The path with its links followed; None if links go in a circle."""
        waiting, at, links = list(reversed(path.split("/"))), list[str](), 0
        while waiting:
            part = waiting.pop()
            if part in ("", "."):
                continue
            if part == "..":
                del at[-1:]
                continue
            node = self._entry(at, part)
            if isinstance(node, Link) and (follow_last or any(waiting)):
                links += 1
                if links > _MOST_LINKS:
                    return None
                if node.target.startswith("/"):
                    at = []
                waiting.extend(reversed(node.target.split("/")))
            else:
                at.append(part)
        return "/" + "/".join(at)

    def _entry(self, at: list[str], name: str) -> Node | None:
        node: Node | None = self.root
        for part in (*at, name):
            if not isinstance(node, Folder):
                return None
            node = node.entries.get(part)
        return node

    def get(self, path: str, follow_last: bool = True) -> Node | None:
        """The node of a path: UNKNOWN inside an open folder, None if it isn't there or is a dangling link."""
        real = self.real(path, follow_last)
        if real is None:
            return None
        node: Node = self.root
        for part in real.split("/"):
            if not part:
                continue
            if node is UNKNOWN or (isinstance(node, File) and node.content is None):
                return UNKNOWN
            if not isinstance(node, Folder):
                return None
            inner = node.entries.get(part)
            if inner is None:
                return UNKNOWN if node.is_open else None
            node = inner
        return node

    def folder(self, path: str) -> Folder:
        """The folder of a path, made if necessary."""
        node = self.root
        for part in parts_of(self.real(path) or path):
            inner = node.entries.get(part)
            if not isinstance(inner, Folder):
                inner = Folder(is_open=isinstance(inner, File) and inner.content is None)
                node.entries[part] = inner
            node = inner
        return node

    def put(self, path: str, node: Node) -> None:
        """Put a node at a path. A folder is merged into a folder that is there."""
        parts = parts_of(path)
        if isinstance(node, Folder):
            self.folder(path).add(node)
        elif parts:
            self.folder("/" + "/".join(parts[:-1])).entries[parts[-1]] = node

    def remove(self, path: str) -> None:
        """Remove what is at a path, if anything."""
        parts = parts_of(self.real(path, follow_last=False) or path)
        parent = self.get("/" + "/".join(parts[:-1]))
        if parts and isinstance(parent, Folder):
            parent.entries.pop(parts[-1], None)

    def copy(self) -> Files:
        """A deep copy."""
        return Files(self.root.copy())

    def walk(self, path: str = "/") -> Iterator[tuple[str, Node]]:
        """All files, links and libraries below a path, with their paths. Links are not followed."""
        node = self.get(path)
        if isinstance(node, Folder):
            for name, inner in node.entries.items():
                at = join(path, name)
                if isinstance(inner, Folder):
                    yield from self.walk(at)
                else:
                    yield at, inner

    def matches(self, pattern: str) -> list[str]:
        """The paths that a pattern of `COPY` or of a shell names, in order. Wildcards stay within one part."""
        found = ["/"]
        for part in parts_of(pattern):
            if not has_wildcard(part):
                found = [join(at, part) for at in found]
                continue
            expression = wildcard(part)
            folders = [(at, self.get(at)) for at in found]
            found = [
                join(at, name)
                for at, node in folders
                if isinstance(node, Folder)
                for name in sorted(node.entries)
                if expression.fullmatch(name)
            ]
        return found


def has_wildcard(path: str) -> bool:
    """Whether a path is a pattern."""
    return any(sign in path for sign in "*?[")


@cache
def wildcard(part: str) -> re.Pattern[str]:
    """A pattern for one part of a path, where `[^a]` excludes as in Go and `[!a]` as in a shell."""
    return re.compile(translate(part.replace("[^", "[!")))
