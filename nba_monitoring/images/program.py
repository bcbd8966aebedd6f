"""Finds the Python programs that an image starts: from CMD and ENTRYPOINT through shells, wrappers and servers."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from posixpath import basename, dirname

from nba_monitoring.images.files import Folder
from nba_monitoring.images.image import Command, Image
from nba_monitoring.images.servers import (
    Shell,
    Start,
    celery,
    flask,
    functions_framework,
    gunicorn,
    options_of,
    script_runner,
    server,
)
from nba_monitoring.images.shell import assignments_of, simple_commands, without_redirections


def programs_of(image: Image, starts: Sequence[str] = ()) -> Sequence[Start]:
    """The programs of an image; `starts` are commands that replace its own."""
    shell = Shell(image, dict(image.values), image.workdir, 0)
    if starts:
        for text in starts:
            _run_text(_as_command(text, image), replace(shell, variables=dict(shell.variables)))
        return shell.found
    entrypoint, cmd = image.entrypoint, image.cmd
    shell.line = next((each.line for each in (cmd, entrypoint) if each), 0)
    if entrypoint is None:
        _run(cmd, shell)
    elif entrypoint.words is None:
        _run(entrypoint, shell)
    else:
        after = () if cmd is None else cmd.words if cmd.words is not None else ("/bin/sh", "-c", cmd.text)
        _run(replace(entrypoint, words=(*entrypoint.words, *after)), shell)
    return shell.found


def _as_command(text: str, image: Image) -> str:
    """`worker:app`, `main.py` and `jobs.nightly` without the program that runs them."""
    if re.fullmatch(r"[\w.]+:[\w.()]+", text):
        return f"python -c 'from {text.replace(':', ' import ').replace('()', '')}'"
    if re.fullmatch(r"\S+\.py", text):
        return f"python {text}"
    is_module = re.fullmatch(r"[A-Za-z_][\w.]*", text) and text not in image.scripts and text not in _PROGRAMS
    return f"python -m {text}" if is_module else text


def _run(command: Command | None, shell: Shell) -> None:
    if command is None:
        return
    if command.words is None:
        _run_text(command.text, shell)
    else:
        _run_words(list(command.words), shell)


def _run_text(text: str, shell: Shell) -> None:
    cwd = shell.cwd
    for words in simple_commands(text, shell.variables):
        _run_words(without_redirections(words), shell)
    shell.cwd = cwd


def _run_words(words: list[str], shell: Shell) -> None:
    while words:
        assigned, words = assignments_of(words)
        if assigned and not words:
            shell.variables.update(assigned)
        if not words:
            return
        if assigned:
            shell = replace(shell, variables={**shell.variables, **assigned})
        if words[0] in ("$@", "$*"):
            words, shell = [*shell.arguments, *words[1:]], shell.inner()
            continue
        skipped = _WRAPPERS.get(basename(words[0]))
        if skipped is None:
            break
        words = _unwrapped(words[1:], skipped)
    if words and shell.depth < 8:
        name = basename(words[0])
        program = _PROGRAMS.get(re.sub(r"(?<=python)[\d.]+$", "", name), _run_file)
        program(words, shell)


# Programs that start another one, and the number of words of their own before it.
_WRAPPERS: Mapping[str, int | str] = {
    **dict.fromkeys(
        ("exec", "env", "nohup", "tini", "dumb-init", "sudo", "nice", "time", "command", "opentelemetry-instrument",
         "ddtrace-run", "stdbuf", "xvfb-run", "setpriv", "catchsegv", "honcho-run"), 0
    ),
    **dict.fromkeys(("gosu", "su-exec", "timeout", "chpst"), 1),
    **dict.fromkeys(("poetry", "pipenv", "uv", "pdm", "rye", "hatch"), "run"),
    "newrelic-admin": "run-program",
}  # fmt: skip


def _unwrapped(words: list[str], skipped: int | str) -> list[str]:
    if isinstance(skipped, str):
        words = words[words.index(skipped) + 1 :] if skipped in words else []
    while words and words[0].startswith("-"):
        words = words[1:]
    return words[skipped:] if isinstance(skipped, int) else words


def _cd(words: list[str], shell: Shell) -> None:
    shell.cwd = shell.at(words[1]) if len(words) > 1 else shell.cwd


def _export(words: list[str], shell: Shell) -> None:
    shell.variables.update(assignments_of(words[1:])[0])


def _sh(words: list[str], shell: Shell) -> None:
    if len(words) > 2 and re.fullmatch(r"-\w*c\w*", words[1]):
        _run_text(words[2], shell.inner(words[4:]))
    else:
        rest = words[1:]
        while rest and rest[0].startswith("-"):
            rest = rest[1:]
        if rest and (text := shell.text(rest[0])) is not None:
            _run_text(text, shell.inner(rest[1:]))


def _run_file(words: list[str], shell: Shell) -> None:
    """A file of the image that is run itself, or the command of an installed project."""
    target = shell.image.scripts.get(basename(words[0]))
    if target is not None:
        module, _, attribute = target.partition(":")
        shell.start(dirname(words[0]) or "/usr/local/bin", words[0], module=module, attribute=f"{attribute}()")
        return
    if "/" not in words[0]:
        return
    text = shell.text(words[0]) or ""
    first = text.partition("\n")[0]
    if "python" in first and first.startswith("#!"):
        _script(words[0], shell)
    elif first.startswith("#!") or words[0].endswith(".sh"):
        _run_text(text, shell.inner(words[1:]))


def _script(path: str, shell: Shell) -> None:
    at = shell.image.files.real(shell.at(path)) or shell.at(path)
    if isinstance(shell.image.files.get(at), Folder):
        shell.start(at, f"python {path}", script=f"{at}/__main__.py", is_main=True)
    else:
        shell.start(dirname(at), f"python {path}", script=shell.at(path), is_main=True)


def _python(words: list[str], shell: Shell) -> None:
    rest = words[1:]
    while rest:
        word = rest.pop(0)
        if not word.startswith("-"):
            _script(word, shell)
            return
        letters = word.lstrip("-") if not word.startswith("--") else ""
        option = next((letter for letter in letters if letter in "cmWX"), "")
        value = letters.partition(option)[2] if option else ""
        value = value or (rest.pop(0) if option and rest else "")
        if option == "c":
            shell.start(shell.cwd, "python -c", code=value, is_main=True)
            return
        if option == "m":
            if value in _PROGRAMS and value not in ("sh", "bash", "cd"):
                _PROGRAMS[value]([value, *rest], shell)
            elif value and value not in ("pip", "venv", "ensurepip", "compileall"):
                shell.start(shell.cwd, f"python -m {value}", module=value, is_main=True)
            return


def _supervisord(words: list[str], shell: Shell) -> None:
    options, _ = options_of(words[1:], frozenset({"-n", "--nodaemon"}))
    text = shell.text(options.get("-c", options.get("--configuration", "/etc/supervisor/supervisord.conf"))) or ""
    for command in re.findall(r"^command\s*=\s*(.+)$", text, re.MULTILINE):
        _run_text(command, shell.inner())


def _nothing(words: list[str], shell: Shell) -> None:
    pass


_PROGRAMS: Mapping[str, Callable[[list[str], Shell], None]] = {
    **dict.fromkeys(("sh", "bash", "ash", "dash", "zsh", "source", "."), _sh),
    "cd": _cd,
    "export": _export,
    **dict.fromkeys(("python", "pypy", "pypy3"), _python),
    "gunicorn": gunicorn,
    "uvicorn": server("uvicorn"),
    "hypercorn": server("hypercorn"),
    "daphne": server("daphne"),
    "granian": server("granian"),
    "waitress-serve": server("waitress-serve", library="waitress"),
    "functions-framework": functions_framework,
    "functions-framework-python": functions_framework,
    "functions_framework": functions_framework,
    "flask": flask,
    "celery": celery,
    "streamlit": script_runner("streamlit"),
    "fastapi": script_runner("fastapi"),
    "supervisord": _supervisord,
    **dict.fromkeys(("echo", "set", "mkdir", "chmod", "sleep", "test", "["), _nothing),
}
