"""COPY and ADD, as BuildKit does them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from posixpath import basename, dirname, join, normpath
from typing import TYPE_CHECKING

from nba_monitoring.images.files import UNKNOWN, Files, Folder, Link, Node, has_wildcard, wildcard
from nba_monitoring.images.image import BuildProblem, Image
from nba_monitoring.images.run_steps import one_version

if TYPE_CHECKING:
    import dockerfile

# Where a base image has files of its own.
_SYSTEM = frozenset("bin boot dev etc home lib lib64 media mnt opt proc root run sbin srv sys tmp usr var".split())
_ARCHIVE = (".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz")


@dataclass(slots=True)
class Copying:
    """One COPY or ADD."""

    image: Image
    command: dockerfile.Command
    origin: Files
    to: str
    is_folder: bool
    keeps_parents: bool
    excluded: tuple[str, ...]

    def put_unknown(self, sources: Sequence[str]) -> None:
        """Put something that can't be seen here: nothing is claimed about it."""
        for source in sources:
            name = basename(source.rstrip("/"))
            if self.is_folder and "." in name and not source.endswith(("/", ".git")):
                self.image.files.put(join(self.to, name), UNKNOWN)
            elif isinstance(self.image.files.get(self.to), Folder) or self.is_folder or "." not in basename(self.to):
                self.image.files.folder(self.to).is_open = True
            else:
                self.image.files.put(self.to, UNKNOWN)

    def copy(self, source: str, from_stage: bool) -> None:
        """Copy what a source names."""
        source = one_version(source)
        found = self._found(source)
        if not found and from_stage and not self._is_known(source):
            self.put_unknown([source])
        elif not found and not self._may_be_empty(source):
            what = f"the build fails: {source} is not in the {'stage' if from_stage else 'build context'}"
            self.image.problems.append(BuildProblem(source, self.command.start_line, what))
        for path, node in found:
            self._put(path, node)

    def _found(self, source: str) -> Iterator[tuple[str, Node]] | list[tuple[str, Node]]:
        pattern = join("/", source)
        if self.keeps_parents and "**" in source:
            before = pattern.partition("**")[0]
            last = wildcard(basename(pattern))
            return [(path, node) for path, node in self.origin.walk(before) if last.fullmatch(basename(path))]
        paths = self.origin.matches(pattern) if has_wildcard(source) else [normpath(pattern)]
        # A source that is itself a link is followed; links inside a folder are copied as they are.
        nodes = [(path, self.origin.get(path)) for path in paths]
        return [(path, node) for path, node in nodes if node is not None]

    def _may_be_empty(self, source: str) -> bool:
        """BuildKit lets a pattern match nothing, if the folder before its wildcard is there."""
        parts = join("/", source).split("/")
        first = next((at for at, part in enumerate(parts) if has_wildcard(part)), None)
        return first is not None and isinstance(self.origin.get("/".join(parts[:first]) or "/"), Folder)

    def _is_known(self, source: str) -> bool:
        """Whether a stage's files tell that something is not there: not where its base image has files of its own."""
        first = join("/", source).split("/")[1]
        return first not in _SYSTEM and isinstance(self.origin.get(dirname(join("/", source.rstrip("/")))), Folder)

    def _put(self, path: str, node: Node) -> None:
        files, at = self.image.files, self.to
        if self.keeps_parents:
            at = join(self.to, path.partition("/./")[2] or path.lstrip("/"))
        elif self.command.cmd.upper() == "ADD" and path.endswith(_ARCHIVE):
            files.folder(self.to).is_open = True
            return
        elif not isinstance(node, Folder) and (self.is_folder or isinstance(files.get(at), Folder)):
            at = join(at, basename(path))
        if isinstance(node, Folder):
            node = _without(node, self.excluded)
            # A link at the destination is followed.
            files.folder(at).add(node)
        else:
            existing = files.get(at, follow_last=False)
            files.put((files.real(at) or at) if isinstance(existing, Link) else at, node)


def _without(folder: Folder, excluded: Sequence[str]) -> Folder:
    if not excluded:
        return folder
    kept = Folder(is_open=folder.is_open)
    for name, node in folder.entries.items():
        if not any(wildcard(basename(each)).fullmatch(name) for each in excluded):
            kept.entries[name] = _without(node, excluded) if isinstance(node, Folder) else node
    return kept
