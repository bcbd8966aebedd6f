"""Runs the imports of a program without running the program: file by file, in Python's order."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from nba_monitoring.images.calls import functions_called
from nba_monitoring.images.expressions import truth
from nba_monitoring.images.files import File
from nba_monitoring.images.findings import ERRORS, IMPORT_ERRORS, NOT_FOUND, Kind, Problem
from nba_monitoring.images.libraries import is_shared, provider_of
from nba_monitoring.images.modules import Finder, Frame, Loaded, Module
from nba_monitoring.images.path_values import PathValues
from nba_monitoring.images.statements import (
    Bind,
    Block,
    Branch,
    ByName,
    Call,
    Class,
    Fake,
    Function,
    Handler,
    Import,
    PathChange,
    PathVariable,
    Source,
    Statement,
    Try,
    names_set,
)

_ALWAYS = frozenset(
    "__name__ __file__ __doc__ __path__ __package__ __spec__ __loader__ __dict__ __all__ __version__".split()
)


@dataclass(slots=True)
class Program:
    """The modules that a program has loaded, and what was found on the way."""

    finder: Finder
    read: Callable[[File, tuple[int, int]], Source]
    cwd: str
    environment: Mapping[str, str]
    is_own: Callable[[str], bool]
    """Whether a top-level module that the image lacks is one of the tree's own."""
    state: Loaded = field(default_factory=Loaded)
    frames: list[Frame] = field(default_factory=list)
    caught: list[tuple[Problem, Frame]] = field(default_factory=list)
    doubtful: set[str] = field(default_factory=set)
    """The names that tell whether an import behind an `except` succeeded."""
    by_name: list[tuple[str, int]] = field(default_factory=list)
    libraries: set[str] = field(default_factory=set)
    unclaimed: dict[str, str] = field(default_factory=dict)
    """Modules that may be there, with the reason why nothing is claimed about them."""
    called: set[int] = field(default_factory=set)
    """The functions that run at the start, by id."""
    _failed: dict[str, list[Problem]] = field(default_factory=dict)
    _paths: dict[str, PathValues] = field(default_factory=dict)
    _results: dict[int, list[Problem]] = field(default_factory=dict)
    is_start: bool = True
    """Calls are followed. After the start, functions are run one by one."""

    def load(self, name: str, frame: Frame, line: int) -> tuple[Module | None, list[Problem]]:
        """Import a module by its absolute name, its packages first."""
        problems, parent = list[Problem](), None
        parts = name.split(".")
        for length in range(1, len(parts) + 1):
            full = ".".join(parts[:length])
            module = self.state.modules.get(full)
            if module is None:
                if parent is not None and parent.has_any_name and parent.search is None:
                    if parent.library:
                        return self._library(name, frame, line, problems)
                    return Module(name, has_any_name=True), problems
                module = self.finder.top(full) if parent is None else self.finder.inner(parent, full)
                if module is None:
                    return self._not_found(full, name, parent, frame, line, problems)
                self.state.modules[full] = module
                self._failed[full] = []
                self._failed[full] = self.execute(module)
                if parent is not None:
                    parent.bound.add(parts[length - 1])
            problems += self._failed.get(full, [])
            parent = module
        return parent, problems

    def _not_found(
        self, full: str, name: str, parent: Module | None, frame: Frame, line: int, problems: list[Problem]
    ) -> tuple[Module | None, list[Problem]]:
        top = full.partition(".")[0]
        is_own = parent is None and self.is_own(top) and not self._is_unclaimed(top, name, is_own=True)
        if not is_own and (parent is None or (parent.content is None and self.finder.installed.find(name))):
            return self._library(name, frame, line, problems)
        why = f"; '{parent.name}' is not a package" if parent is not None and parent.search is None else ""
        error = f"No module named '{full}'{why}"
        return None, [*problems, self.missing(Kind.MODULE, full, frame, line, error, wanted=name)]

    def _is_unclaimed(self, top: str, name: str, is_own: bool = False) -> bool:
        doubt = self.finder.doubt(name, is_own)
        if doubt is not None:
            self.unclaimed.setdefault(top, doubt)
        return doubt is not None

    def _library(
        self, name: str, frame: Frame, line: int, problems: list[Problem]
    ) -> tuple[Module | None, list[Problem]]:
        library = self.finder.installed.find(name)
        if library is None and self._is_unclaimed(name.partition(".")[0], name):
            return Module(name, has_any_name=True), problems
        if library is None:
            error = f"No module named '{name if is_shared(name.partition('.')[0]) else name.partition('.')[0]}'"
            return None, [*problems, self.missing(Kind.DISTRIBUTION, provider_of(name), frame, line, error)]
        self.libraries.add(library)
        return Module(name, has_any_name=True, library=library), problems

    def missing(
        self,
        kind: Kind,
        missing: str,
        frame: Frame,
        line: int,
        error: str,
        names: frozenset[str] = NOT_FOUND,
        wanted: str = "",
    ) -> Problem:
        """An import that can't succeed, in the file that runs."""
        return Problem(kind, missing, frame.module.shown, line, error, names, wanted)

    def execute(self, module: Module) -> list[Problem]:
        """Run a module's own code once; the errors that nothing in it catches."""
        if module.content is None or module.file is None:
            module.is_loaded = True
            return []
        source = self.read(module.content, self.finder.python)
        self.state.sources[module.name] = source
        frame = Frame(module)
        if source.error is not None:
            line, message = source.error
            module.has_any_name = True
            names = ERRORS | {"SyntaxError", "ValueError"}
            return [self.missing(Kind.SYNTAX, module.shown, frame, line, f"{message}", names)]
        module.has_any_name |= source.has_any_name
        module.bound |= source.globals
        problems = self.run(source.code, frame)
        module.is_loaded = True
        return problems

    def run(self, block: Block, frame: Frame) -> list[Problem]:
        """Run statements; the errors that nothing catches. After an error the rest runs as if it were fixed."""
        problems = list[Problem]()
        for statement in block:
            problems += self._statement(statement, frame)
        return problems

    def _statement(self, statement: Statement, frame: Frame) -> Sequence[Problem]:
        bound = frame.module.bound if frame.function is None and not frame.owner else None
        match statement:
            case Import():
                problems = self._import(statement, frame)
                if bound is not None:
                    bound.update(statement.binds)
                return problems
            case Bind(names=names):
                if bound is not None:
                    bound.update(names)
            case Function(name=name):
                self.frames.append(Frame(frame.module, statement, owner=frame.owner, outer=frame.outer or statement))
                if bound is not None:
                    bound.add(name)
            case Class(name=name, body=body):
                problems = self.run(body, Frame(frame.module, frame.function, name, frame.outer))
                if bound is not None:
                    bound.add(name)
                return problems
            case Branch(test=test, body=body, orelse=orelse):
                known = None if test is None else truth(test, self.finder.python, frame.module.is_main)
                parts = [body] * (known is not False) + [orelse] * (known is not True)
                problems = [problem for part in parts for problem in self.run(part, frame)]
                return self._guarded(problems, frame) if not self.doubtful.isdisjoint(statement.names) else problems
            case Try():
                return self._try(statement, frame)
            case Call(callee=callee):
                return self.call(callee, frame) if self.is_start else ()
            case ByName(line=line):
                self.by_name.append((frame.module.shown, line))
            case Fake(name="*"):
                frame.module.has_any_name = True
            case Fake(name=name):
                self.state.modules.setdefault(name, Module(name, has_any_name=True))
            case PathVariable() | PathChange():
                self._change_path(statement, frame.module)
        return ()

    def _import(self, statement: Import, frame: Frame) -> list[Problem]:
        name = statement.module
        if statement.level:
            package = frame.module.package(statement.level)
            if package is None:
                missing = f"{'.' * statement.level}{statement.module or (statement.names or ('',))[0]}"
                known = not frame.module.is_main and "." in frame.module.name
                error = f"attempted relative import {'beyond top-level' if known else 'with no known parent'} package"
                return [self.missing(Kind.RELATIVE, missing, frame, statement.line, error, IMPORT_ERRORS)]
            name = f"{package}.{name}".rstrip(".")
        if statement.names and is_shared(name) and self.finder.top(name.partition(".")[0]) is None:
            found = [self._library(f"{name}.{each}", frame, statement.line, [])[1] for each in statement.names]
            return [problem for problems in found for problem in problems]
        module, problems = self.load(name, frame, statement.line)
        if module is None or statement.names is None:
            return problems
        for each in statement.names:
            if each == "*":
                problems += self._import_all(module, frame, statement.line)
            else:
                problems += self.name_of(module, each, frame, statement.line)
        return problems

    def name_of(self, module: Module, name: str, frame: Frame, line: int) -> list[Problem]:
        """The name of a `from` import: an attribute of the module, or a module in it."""
        if name in module.bound or module.has_any_name or name in _ALWAYS:
            return []
        full = f"{module.name}.{name}"
        if module.search is not None and (full in self.state.modules or self.finder.inner(module, full) is not None):
            return self.load(full, frame, line)[1]
        circular = "" if module.is_loaded else "partially initialized module "
        error = f"cannot import name '{name}' from {circular}'{module.name}'"
        error += "" if module.is_loaded else " (most likely due to a circular import)"
        return [self.missing(Kind.MODULE, full, frame, line, error, IMPORT_ERRORS)]

    def _import_all(self, module: Module, frame: Frame, line: int) -> list[Problem]:
        source = self.state.sources.get(module.name)
        exports = source.exports if source else None
        if frame.function is None:
            frame.module.bound |= set(exports or ()) | {name for name in module.bound if not name.startswith("_")}
            frame.module.has_any_name |= module.has_any_name
        if exports is None or module.search is None:
            return []
        inner = [
            name for name in exports if name not in module.bound and self.finder.inner(module, f"{module.name}.{name}")
        ]
        return [problem for name in inner for problem in self.name_of(module, name, frame, line)]

    def _try(self, statement: Try, frame: Frame) -> list[Problem]:
        bound = frame.module.bound
        kept, raised = set[str](bound), list[Problem]()
        for each in statement.body:
            problems = self._statement(each, frame)
            if not raised:
                kept = kept if problems else set(bound)
            raised += problems
        uncaught, ran = list[Problem](), set[int]()
        for problem in raised:
            handler = next((each for each in statement.handlers if each.catches(problem.names)), None)
            if handler is None:
                uncaught.append(problem)
                continue
            if id(handler) not in ran:
                ran.add(id(handler))
                if frame.function is None and not frame.owner:
                    # What comes after the failed import in the body doesn't run.
                    bound.intersection_update(kept)
                caught = [each for each in raised if handler.catches(each.names)]
                uncaught += self._handle(handler, caught, statement, frame)
        if not raised:
            uncaught += self.run(statement.orelse, frame)
        for handler in statement.handlers:
            # Another error may lead here, but not at a start that succeeds.
            if id(handler) not in ran and not self.is_start and not handler.only_imports:
                uncaught += self.run(handler.body, frame)
        return uncaught + self.run(statement.final, frame)

    def _guarded(self, problems: list[Problem], frame: Frame) -> list[Problem]:
        """The problems of an `if` that asks whether an import succeeded, without those of that import."""
        known = {problem.missing for problem, _ in self.caught}
        self.caught += [(problem, frame) for problem in problems if problem.missing in known]
        return [problem for problem in problems if problem.missing not in known]

    def _handle(self, handler: Handler, raised: list[Problem], statement: Try, frame: Frame) -> list[Problem]:
        problems = self.run(handler.body, frame)
        if handler.fails:
            return raised + problems
        if problems:
            # Both ways fail. The one that the tree could have is worth more than a library's.
            own = [each for each in raised if each.kind is Kind.MODULE]
            return own if own and all(each.kind is Kind.DISTRIBUTION for each in problems) else problems
        if not statement.is_replaced_by(handler):
            self.caught += [(problem, frame) for problem in raised]
            self.doubtful |= names_set((statement,))
        return []

    def call(self, callee: str, frame: Frame) -> list[Problem]:
        """Run the function that a call at the start names, if it is one of the program's own."""
        problems = list[Problem]()
        for module, owner, function in functions_called(self.state, callee, frame):
            target = Frame(module, function, owner=owner, outer=function)
            self.called.add(id(function))
            if id(function) not in self._results:
                self._results[id(function)] = []
                self._results[id(function)] = self.run(function.body, target)
            problems += self._results[id(function)]
        return problems

    def _change_path(self, statement: PathVariable | PathChange, module: Module) -> None:
        file = module.file or ""
        values = self._paths.setdefault(file, PathValues(file, self.cwd, self.finder.files, self.environment))
        if isinstance(statement, PathVariable):
            values.variables[statement.name] = values.value(statement.value)
            return
        for expression in statement.folders:
            folders = values.folders(expression)
            if folders is None:
                self.finder.is_open = True
                continue
            for folder in folders:
                self.finder.path.insert(0 if statement.is_before else len(self.finder.path), folder)
