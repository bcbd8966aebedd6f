"""The programs that serve a Python object or run a script: what each is told on its command line."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from posixpath import basename, dirname, join, normpath

from nba_monitoring.images.files import File
from nba_monitoring.images.image import Image


@dataclass(frozen=True, slots=True)
class Start:
    """A program that starts: a script, a module, or an object of a module that a server serves."""

    path: tuple[str, ...]
    """The folders of `sys.path` before Python's own."""
    cwd: str
    line: int
    """The line of the Dockerfile, or 0."""
    shown: str
    """The program in words: `gunicorn worker:app`."""
    script: str | None = None
    module: str | None = None
    code: str | None = None
    attribute: str = ""
    is_main: bool = False
    is_served: bool = False
    """The attribute is called for each request."""
    needs: tuple[str, ...] = ()
    """The libraries that the program itself comes from."""


@dataclass(slots=True)
class Shell:
    """Where a command runs."""

    image: Image
    variables: dict[str, str]
    cwd: str
    line: int
    arguments: tuple[str, ...] = ()
    found: list[Start] = field(default_factory=list)
    depth: int = 0

    def inner(self, arguments: Sequence[str] = ()) -> Shell:
        """A shell of its own, with its positional arguments."""
        return replace(self, variables=dict(self.variables), arguments=tuple(arguments), depth=self.depth + 1)

    def at(self, path: str) -> str:
        """A path as an absolute one."""
        return normpath(join(self.cwd, path))

    def text(self, path: str) -> str | None:
        """The text of a file; None if there is none that can be read."""
        node = self.image.files.get(self.at(path))
        content = node.read() if isinstance(node, File) else None
        return None if content is None else content.decode("utf-8", "replace")

    def start(self, first: str, shown: str, **what: object) -> None:
        """A program whose modules are first looked for in a folder, then on PYTHONPATH."""
        named = self.variables.get("PYTHONPATH")
        path = (first, *(self.at(entry) for entry in named.split(":"))) if named else (first,)
        self.found.append(Start(path, self.cwd, self.line, shown, **what))  # type: ignore[arg-type]


def options_of(words: Sequence[str], flags: frozenset[str]) -> tuple[dict[str, str], list[str]]:
    """The options of a command with their values, and its other words."""
    found, others, rest = dict[str, str](), list[str](), list(words)
    while rest:
        word = rest.pop(0)
        if word.startswith("--") and "=" in word:
            name, _, found[name] = word.partition("=")[0], "", word.partition("=")[2]
        elif word.startswith("-") and len(word) > 1:
            if word in flags or not rest:
                found[word] = ""
            elif not word.startswith("--") and len(word) > 2:
                found[word[:2]] = word[2:].lstrip("=")
            else:
                found[word] = rest.pop(0)
        elif word:
            others.append(word)
    return found, others


_FLAGS = frozenset(
    "--reload --preload --preload-app -D --daemon --spew --check-config --print-config --capture-output -R "
    "--no-sendfile "
    "--reuse-port --enable-stdio-inheritance --proxy-protocol --factory --proxy-headers --no-proxy-headers "
    "--access-log --no-access-log --server-header --no-server-header --use-colors --no-use-colors --date-header "
    "--no-date-header --debug --no-debug --no-reload --debugger --no-debugger --with-threads --without-threads "
    "--call -E --without-gossip --without-mingle --without-heartbeat -B --beat --master --enable-threads".split()
)
_WORKER_LIBRARIES = {"gevent": "gevent", "eventlet": "eventlet", "tornado": "tornado"}


def gunicorn(words: list[str], shell: Shell) -> None:
    """`gunicorn [OPTIONS] module:attribute`, and its configuration, which is a Python file."""
    extra = shell.variables.get("GUNICORN_CMD_ARGS", "").split()
    options, others = options_of([*extra, *words[1:]], _FLAGS)
    folder = shell.at(options.get("--chdir", "."))
    inside = replace(shell, cwd=folder)
    worker = options.get("-k", options.get("--worker-class", ""))
    needs = ["gunicorn", *([_WORKER_LIBRARIES[worker]] if worker in _WORKER_LIBRARIES else [])]
    needs += [worker.split(".")[0]] if "." in worker else []
    config = options.get("-c", options.get("--config", "")).removeprefix("file:")
    if not config and inside.text("gunicorn.conf.py") is not None:
        config = "gunicorn.conf.py"
    spec = others[0] if others else ""
    if config.startswith("python:"):
        shell.start(folder, f"gunicorn -c {config}", module=config.removeprefix("python:"), needs=("gunicorn",))
    elif config:
        text = shell.text(config) or ""
        named = re.search(r"^wsgi_app\s*=\s*[\"']([^\"']+)", text, re.MULTILINE)
        spec = spec or (named[1] if named else "")
        shell.start(folder, f"gunicorn -c {config}", script=shell.at(config), needs=("gunicorn",))
    for each in reversed(options.get("--pythonpath", "").split(",")):
        folder_before = [shell.at(each)] if each else []
        inside.variables["PYTHONPATH"] = ":".join([*folder_before, *filter(None, [inside.variables.get("PYTHONPATH")])])
    if spec:
        _serve(spec, inside, "gunicorn", needs)


def _serve(spec: str, shell: Shell, name: str, needs: Sequence[str], default: str = "application") -> None:
    """A server of an object, `module:attribute`, from the current folder."""
    module, _, attribute = spec.partition(":")
    shown = f"{name} {spec}"
    shell.start(shell.cwd, shown, module=module, attribute=attribute or default, is_served=True, needs=tuple(needs))


def server(name: str, library: str = "") -> Callable[[list[str], Shell], None]:
    """A server whose first other word is `module:attribute`."""

    def start(words: list[str], shell: Shell) -> None:
        options, others = options_of(words[1:], _FLAGS)
        folder = options.get("--app-dir", "")
        inside = replace(shell, cwd=shell.at(folder)) if folder else shell
        if others:
            called = "()" if ("--factory" in options or "--call" in options) and not others[0].endswith("()") else ""
            _serve(others[0] + called, inside, name, [library or name], "app")

    return start


def functions_framework(words: list[str], shell: Shell) -> None:
    """`functions-framework --target=NAME`."""
    options, _ = options_of(words[1:], _FLAGS)
    source = options.get("--source", shell.variables.get("FUNCTION_SOURCE", "main.py"))
    target = options.get("--target", shell.variables.get("FUNCTION_TARGET", "function"))
    at = shell.at(source)
    module = basename(at).removesuffix(".py")
    shown = f"functions-framework --target={target}"
    needs = ("functions-framework",)
    shell.start(dirname(at), shown, module=module, attribute=target, is_served=True, needs=needs)


def flask(words: list[str], shell: Shell) -> None:
    """`flask run`, whose program stands in an option, in FLASK_APP or in a file of a known name."""
    options, _ = options_of(words[1:], _FLAGS)
    spec = options.get("--app", options.get("-A", shell.variables.get("FLASK_APP", "")))
    if not spec:
        spec = next((name for name in ("wsgi", "app") if shell.text(f"{name}.py") is not None), "app")
    path, _, attribute = spec.partition(":")
    at = shell.at(dirname(path)) if "/" in path else shell.cwd
    module = basename(path).removesuffix(".py")
    shell.start(at, f"flask --app {spec}", module=module, attribute=attribute, is_served=True, needs=("flask",))


def celery(words: list[str], shell: Shell) -> None:
    """`celery -A module worker`."""
    options, _ = options_of(words[1:], _FLAGS)
    spec = options.get("-A", options.get("--app", ""))
    if spec:
        module, _, attribute = spec.partition(":")
        shell.start(shell.cwd, f"celery -A {spec}", module=module, attribute=attribute, needs=("celery",))


def script_runner(library: str) -> Callable[[list[str], Shell], None]:
    """A program that runs a script: `streamlit run FILE`."""

    def start(words: list[str], shell: Shell) -> None:
        path = next((word for word in words[1:] if word.endswith(".py")), None)
        if path is not None:
            at = shell.at(path)
            shell.start(dirname(at), f"{library} run {path}", script=at, is_main=True, needs=(library,))

    return start
