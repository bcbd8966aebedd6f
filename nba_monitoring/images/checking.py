"""Checks one image after the other; each file of the tree is parsed once for all of them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from posixpath import join

from nba_monitoring.images.build import UnreadableDockerfileError, build
from nba_monitoring.images.calls import reached
from nba_monitoring.images.files import UNKNOWN, File, Files, Library
from nba_monitoring.images.findings import Finding, Found, ImageStatus, Kind, Problem, When, status_of, worst_first
from nba_monitoring.images.fixes import Fixes
from nba_monitoring.images.image import Image
from nba_monitoring.images.imports import Program
from nba_monitoring.images.libraries import Installed, is_known, provider_of
from nba_monitoring.images.modules import Finder, Frame, Module, search_path
from nba_monitoring.images.program import programs_of
from nba_monitoring.images.servers import Start
from nba_monitoring.images.source import read_source
from nba_monitoring.images.starting import start_program
from nba_monitoring.images.statements import Function, Source
from nba_monitoring.images.tree import Tree
from nba_monitoring.services_file import ImageEntry

# Imports nest as deep as Python's own do, with several calls for each.
_DEPTH = 20_000


@dataclass(frozen=True, slots=True)
class ImageReport:
    """The verdict on an image. `modules` and `libraries` are what its programs import, sorted."""

    image: str
    status: ImageStatus
    findings: Sequence[Finding]
    notes: Sequence[str]
    programs: Sequence[str]
    modules: Sequence[str]
    libraries: Sequence[str]


class ImageChecker:
    """Checks the images of a tree."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self._sources: dict[tuple[Path | bytes, tuple[int, int]], Source] = {}

    def check(self, entry: ImageEntry) -> ImageReport:
        """Check one image."""
        with _deep_recursion():
            return _Check(self.tree, entry, self.read).report()

    def read(self, file: File, python: tuple[int, int]) -> Source:
        """A Python file of the tree or of a Dockerfile."""
        content = file.content
        if content is None:
            return Source(has_any_name=True)
        if (content, python) not in self._sources:
            self._sources[content, python] = read_source(file.read() or b"", python)
        return self._sources[content, python]


@contextmanager
def _deep_recursion() -> Iterator[None]:
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(max(limit, _DEPTH))
    try:
        yield
    finally:
        sys.setrecursionlimit(limit)


class _Check:
    def __init__(self, tree: Tree, entry: ImageEntry, read: Callable[[File, tuple[int, int]], Source]) -> None:
        self.tree, self.entry, self.read = tree, entry, read
        self.found: list[Found] = []
        self.notes: dict[str, None] = {}
        self.modules: set[str] = set()
        self.libraries: set[str] = set()

    def report(self) -> ImageReport:
        context = self._context()
        text = self.tree.text_of(self.entry.dockerfile) or b""
        try:
            image = build(text.decode("utf-8-sig", "replace"), context)
        except UnreadableDockerfileError as error:
            return self._report(ImageStatus.UNREADABLE, (), (f"The Dockerfile can't be read: {error}",), ())
        for step in image.problems:
            problem = Problem(Kind.COPY_SOURCE, step.missing, self.entry.dockerfile, step.line, step.what, frozenset())
            self.found.append(Found(When.BUILD, problem))
        starts = programs_of(image, self.entry.starts)
        path = list[str]()
        for start in starts:
            path += self._run(start, image)
        if not starts:
            self.notes[
                "No Python program found in CMD or ENTRYPOINT: name it in the field `starts:` of services.yaml"
            ] = None
        findings = self._findings(Fixes(self.tree, image, context, list(dict.fromkeys(path))))
        return self._report(
            status_of(findings, bool(starts)), findings, tuple(self.notes), tuple(start.shown for start in starts)
        )

    def _report(
        self, status: ImageStatus, findings: Sequence[Finding], notes: Sequence[str], programs: Sequence[str]
    ) -> ImageReport:
        modules, libraries = sorted(self.modules), sorted(self.libraries)
        return ImageReport(self.entry.dockerfile, status, findings, notes, programs, modules, libraries)

    def _context(self) -> Files:
        context = self.tree.context_of(self.entry.dockerfile)
        if self.entry.made_before_build:
            context = context.copy()
            for made in self.entry.made_before_build:
                if made.endswith("/"):
                    context.folder(join("/", made)).is_open = True
                else:
                    context.put(join("/", made), UNKNOWN)
        return context

    def _run(self, start: Start, image: Image) -> Sequence[str]:
        """Run one program; returns the folders in which it looks for its own modules."""
        libraries, site = set[str](), dict[str, None]()
        for at, node in image.files.walk():
            if isinstance(node, Library):
                libraries.add(node.name)
                site[at.rpartition("/")[0]] = None
        installed = Installed(libraries, image.is_open)
        finder = Finder(image.files, search_path(start.path, list(site)), installed, image.python)
        program = Program(finder, self.read, start.cwd, image.values, self._is_own)
        self.libraries |= {name for name in start.needs if name in installed.names}
        for name in start.needs:
            if name not in installed.names and not image.is_open:
                error = f"{start.shown.split()[0]} is not installed"
                library, file = provider_of(name), self.entry.dockerfile
                self._add(When.BOOT, Problem(Kind.DISTRIBUTION, library, file, start.line, error, frozenset()))
        problems, roots = start_program(program, start, self.entry.dockerfile)
        self._add(When.BOOT, *problems)
        program.is_start = False
        by_name = list(self._load_by_name(program, image))
        self._run_functions(program, [*roots, *by_name])
        self.modules |= {each.name for each in program.state.modules.values() if each.content is not None}
        self.libraries |= program.libraries
        for file, line in program.by_name:
            if not self.entry.loads_by_name:
                note = (
                    f"{file}:{line} imports by a name that is only known when it runs: list the files in loads_by_name"
                )
                self.notes[note] = None
        for name, why in program.unclaimed.items():
            self.notes[f"No module {name!r} was found, but {why}"] = None
        return [folder for folder in finder.path if folder.startswith("/")]

    def _is_own(self, module: str) -> bool:
        """Whether a module that isn't found is one of the tree's own, not a library."""
        return not is_known(module) and module in self.tree.by_name

    def _add(self, when: When, *problems: Problem) -> None:
        self.found += [Found(when, problem) for problem in problems]

    def _load_by_name(self, program: Program, image: Image) -> Iterator[Function]:
        """Load the files that the program loads by name; yields their functions."""
        for pattern in self.entry.loads_by_name:
            for at, node in list(image.files.walk()):
                named = at if pattern.startswith("/") else node.origin if isinstance(node, File) else ""
                if not at.endswith(".py") or not (
                    fnmatch(named, pattern) or fnmatch(named, f"{pattern.rstrip('/')}/*")
                ):
                    continue
                folder = next((each for each in program.finder.path if at.startswith(f"{each.rstrip('/')}/")), None)
                if folder is None:
                    continue
                name = at[len(folder.rstrip("/")) + 1 :].removesuffix(".py").removesuffix("/__init__").replace("/", ".")
                before = len(program.frames)
                problems = program.load(name, Frame(Module(name, at, node if isinstance(node, File) else None)), 1)[1]
                self._add(When.CALL, *problems)
                yield from (frame.function for frame in program.frames[before:] if frame.function is not None)

    def _run_functions(self, program: Program, roots: Sequence[Function]) -> None:
        """Run the functions of all loaded modules one by one, as a request would."""
        raised, at, seen = list[tuple[Problem, Frame]](), 0, set[int]()
        while at < len(program.frames):
            frame = program.frames[at]
            at += 1
            if frame.function is not None and frame.function.imports and id(frame.function) not in seen:
                seen.add(id(frame.function))
                raised += [(problem, frame) for problem in program.run(frame.function.body, frame)]
        registered = {name for source in program.state.sources.values() for name in source.registered}
        handlers = [
            frame.function
            for frame in program.frames
            if frame.function is not None
            and (frame.function.is_handler or frame.function.name in registered or id(frame.function) in program.called)
        ]
        mentioned = {name for source in program.state.sources.values() for name in source.mentions}
        reaches = reached(program.frames, [*roots, *handlers], mentioned)
        from_requests = reached(
            program.frames, [*roots, *(each for each in handlers if id(each) not in program.called)], mentioned
        )
        for problem, frame in raised:
            if id(frame.function) in program.called and id(frame.function) not in from_requests:
                continue
            self._add_from(When.CALL, problem, frame, reaches)
        for problem, frame in program.caught:
            self._add_from(When.OPTIONAL, problem, frame, reaches)

    def _add_from(self, when: When, problem: Problem, frame: Frame, reaches: set[int]) -> None:
        is_reached = frame.function is None or not {id(frame.function), id(frame.outer)}.isdisjoint(reaches)
        if problem.kind is Kind.DISTRIBUTION and not is_reached:
            self.notes[
                f"{problem.missing} is in no requirement; imported in a function that no request reaches "
                f"({problem.file}:{problem.line})"
            ] = None
        else:
            self._add(when, problem)

    def _findings(self, fixes: Fixes) -> Sequence[Finding]:
        ignored, made = {each.missing: each.reason for each in self.entry.ignore}, list[Finding]()
        unused = dict(ignored)
        for group in worst_first(self.found):
            first = group[0]
            unused.pop(first.problem.missing, None)
            if first.problem.missing in ignored:
                continue
            places = list(dict.fromkeys(f"{each.problem.file}:{each.problem.line}" for each in group))
            fix = fixes.fix(first.problem)
            problem = first.problem
            made.append(Finding(first.when, problem.kind, problem.missing, places[0], len(places), fix, problem.error))
        for missing in unused:
            self.notes[f"ignore: {missing} is not missing; remove the entry"] = None
        return made
