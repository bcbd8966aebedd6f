"""Starts a program: as a script, as a module, or by importing what a server serves."""

from __future__ import annotations

from collections.abc import Sequence

from nba_monitoring.images.calls import functions_called
from nba_monitoring.images.files import File
from nba_monitoring.images.findings import Kind, Problem
from nba_monitoring.images.imports import Program
from nba_monitoring.images.modules import Frame, Module
from nba_monitoring.images.servers import Start
from nba_monitoring.images.statements import Function


def start_program(program: Program, start: Start, dockerfile: str) -> tuple[Sequence[Problem], Sequence[Function]]:
    """What can't succeed at the start, and the functions that serve requests by themselves.

    `dockerfile` is where the start stands in the tree.
    """
    frame = Frame(Module("__main__", dockerfile))
    if start.script is not None or start.code is not None:
        return _run_file(program, start, frame), ()
    if start.is_main:
        return _run_module(program, start.module or "", frame, start.line), ()
    return _import_served(program, start, frame)


def _run_file(program: Program, start: Start, frame: Frame) -> Sequence[Problem]:
    file = program.finder.files.get(start.script) if start.script else File((start.code or "").encode())
    if not isinstance(file, File):
        error = f"can't open file '{start.script}'"
        return [program.missing(Kind.MODULE, start.script or "", frame, start.line, error)]
    name = "__main__" if start.is_main else "__config__"
    module = Module(name, start.script or frame.module.file, file, is_main=start.is_main)
    program.state.modules[name] = module
    return program.execute(module)


def _run_module(program: Program, name: str, frame: Frame, line: int) -> Sequence[Problem]:
    """Run a module as `python -m` does: after its packages, and a package by its `__main__`."""
    package = name.rpartition(".")[0]
    parent, problems = program.load(package, frame, line) if package else (None, [])
    found = program.finder.top(name) if parent is None else program.finder.inner(parent, name)
    if found is None or (package and parent is None):
        return program.load(name, frame, line)[1]
    if found.search is not None:
        module, problems = program.load(name, frame, line)
        found = program.finder.inner(module, f"{name}.__main__") if module else None
        if found is None:
            error = f"No module named {name}.__main__; '{name}' is a package and cannot be directly executed"
            return [*problems, program.missing(Kind.MODULE, f"{name}.__main__", frame, line, error)]
    # Relative imports in it are those of its real name, under which it isn't loaded.
    program.state.modules["__main__"] = found
    found.is_main = True
    return [*problems, *program.execute(found)]


def _import_served(program: Program, start: Start, frame: Frame) -> tuple[Sequence[Problem], Sequence[Function]]:
    module, problems = program.load(start.module or "", frame, start.line)
    if module is None:
        return problems, ()
    attribute = start.attribute.partition("(")[0].partition(".")[0]
    inside = Frame(module)
    if not attribute:
        # Flask's own names for a function that makes the program.
        return [*problems, *program.call("create_app", inside), *program.call("make_app", inside)], ()
    problems = [*problems, *program.name_of(module, attribute, frame, start.line)]
    if start.attribute.endswith(")"):
        problems += program.call(attribute, inside)
    served = [function for _, _, function in functions_called(program.state, attribute, inside)]
    return problems, served if start.is_served else ()
