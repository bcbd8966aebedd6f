"""The tree that images are built from: its files, its Dockerfiles, and what `.dockerignore` excludes."""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from pathlib import Path, PurePosixPath
from posixpath import dirname, normpath

from nba_monitoring.images.files import File, Files, Folder, Link, Node

# Folders of tools, never part of an image's own program.
_SKIPPED = frozenset({".git", ".hg", ".venv", "node_modules", "__pycache__", ".tox", ".mypy_cache", ".ruff_cache"})


class Tree:
    """A folder that is the build context of its images. It is read once."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._contexts: dict[bytes, Files] = {}

    @cached_property
    def files(self) -> Files:
        """All files and links, without the folders of tools."""
        return Files(_folder(self.path, ""))

    @cached_property
    def dockerfiles(self) -> Sequence[str]:
        """The paths of all Dockerfiles, sorted."""
        return sorted(path[1:] for path, node in self.files.walk() if isinstance(node, File) and is_dockerfile(path))

    @cached_property
    def by_name(self) -> dict[str, list[str]]:
        """The paths of Python files, and of the folders that hold any, by the last part without its suffix."""
        found: defaultdict[str, list[str]] = defaultdict(list)
        folders = set[str]()
        for path, _ in self.files.walk():
            if path.endswith(".py"):
                found[PurePosixPath(path).stem].append(path)
                folder = dirname(path)
                while folder not in folders and folder != "/":
                    folders.add(folder)
                    found[PurePosixPath(folder).name].append(folder)
                    folder = dirname(folder)
        return found

    def has(self, path: str) -> bool:
        """Whether the tree has a file of this path."""
        return isinstance(self.files.get(f"/{path}"), File)

    def text_of(self, path: str) -> bytes | None:
        """A file's content; None if there is no such file."""
        node = self.files.get(f"/{path}")
        return node.read() if isinstance(node, File) else None

    def context_of(self, dockerfile: str) -> Files:
        """What a build of this Dockerfile can copy. As in BuildKit, its own ignore file replaces the general one."""
        rules = self.text_of(f"{dockerfile}.dockerignore")
        rules = self.text_of(".dockerignore") if rules is None else rules
        if not rules:
            return self.files
        if rules not in self._contexts:
            ignored = Ignored(rules.decode("utf-8-sig", "replace").splitlines())
            self._contexts[rules] = Files(_kept(self.files.root, "", ignored))
        return self._contexts[rules]


def is_dockerfile(path: str) -> bool:
    """Whether a file is named like a Dockerfile."""
    name = PurePosixPath(path).name.lower()
    named = name in ("dockerfile", "containerfile") or name.startswith("dockerfile.") or name.endswith(".dockerfile")
    return named and not name.endswith((".dockerignore", ".md", ".txt", ".py", ".bak", "~"))


def _folder(path: Path, at: str) -> Folder:
    made = Folder()
    with os.scandir(path) as entries:
        for entry in sorted(entries, key=lambda each: each.name):
            inside = f"{at}/{entry.name}"
            if entry.is_symlink():
                made.entries[entry.name] = Link(str(Path(entry.path).readlink()))
            elif not entry.is_dir():
                made.entries[entry.name] = File(Path(entry.path), inside[1:])
            elif entry.name not in _SKIPPED and not Path(entry.path, "pyvenv.cfg").exists():
                made.entries[entry.name] = _folder(Path(entry.path), inside)
    return made


def _kept(folder: Folder, at: str, ignored: Ignored) -> Folder:
    kept = Folder(is_open=folder.is_open)
    for name, node in folder.entries.items():
        inside = f"{at}/{name}" if at else name
        is_ignored = ignored.matches(inside)
        copied: Node = node
        if isinstance(node, Folder):
            # An exception (!) can keep files of an ignored folder.
            copied = _kept(node, inside, ignored)
            if is_ignored and not copied.entries:
                continue
        elif is_ignored:
            continue
        kept.entries[name] = copied
    return kept


class Ignored:
    """The rules of a `.dockerignore`. The last one that matches a path, or a folder around it, decides."""

    def __init__(self, lines: Iterable[str]) -> None:
        self.rules = list(_rules(lines))

    def matches(self, path: str) -> bool:
        """Whether a path, relative to the context, is excluded."""
        parts = path.split("/")
        around = ["/".join(parts[:length]) for length in range(len(parts), 0, -1)]
        is_ignored = False
        for keeps, pattern in self.rules:
            # Only a rule that would change the result is tried.
            if keeps == is_ignored and any(pattern.fullmatch(each) for each in around):
                is_ignored = not keeps
        return is_ignored


def _rules(lines: Iterable[str]) -> Iterator[tuple[bool, re.Pattern[str]]]:
    for line in lines:
        rule = line.strip()
        if not rule or line.startswith("#"):
            continue
        keeps = rule.startswith("!")
        rule = normpath(rule.removeprefix("!").strip()).lstrip("/")
        yield keeps, re.compile(_expression(rule))


def _expression(rule: str) -> str:
    """A rule as a regular expression: `**` is any number of folders, `*` stays within one part."""
    made, at = "", 0
    while at < len(rule):
        sign = rule[at]
        if rule.startswith("**", at):
            at += 2
            if rule.startswith("/", at):
                at += 1
                made += "(.*/)?"
            else:
                made += ".*"
            continue
        if sign == "\\" and at + 1 < len(rule):
            at += 1
            made += re.escape(rule[at])
        elif sign == "[" and "]" in rule[at + 2 :]:
            end = rule.index("]", at + 2)
            made += rule[at : end + 1]
            at = end
        else:
            made += {"*": "[^/]*", "?": "[^/]"}.get(sign, re.escape(sign))
        at += 1
    return made
