"""What a RUN step does to an image, as far as its commands are known: installed libraries, and simple file commands."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from posixpath import basename, join, normpath

from packaging.utils import canonicalize_name

from nba_monitoring.images.files import UNKNOWN, File, Files, Folder, Library, Link, has_wildcard
from nba_monitoring.images.image import Image
from nba_monitoring.images.requirements import (
    Requirements,
    add_file,
    add_requirement,
    lock_file_names,
    pipfile_names,
    read_project,
)
from nba_monitoring.images.shell import assignments_of, simple_commands, without_redirections

SITE_PACKAGES = "/usr/local/lib/python3/site-packages"
_VALUED = frozenset(
    "-r --requirement -c --constraint -i --index-url --extra-index-url -f --find-links -t --target --prefix --root "
    "--trusted-host --cache-dir --timeout --retries --python-version --platform --only-binary --no-binary "
    "-w --wheel-dir "
    "--python -p --progress-bar --log --src --proxy --cert --python --index-strategy --group --extra".split()
)


@dataclass(slots=True)
class RunState:
    """Where a step runs, and the image that it changes."""

    image: Image
    variables: dict[str, str]
    cwd: str
    missing: list[str] = field(default_factory=list)
    """Requirement files that a step installs and the image lacks: the build fails."""

    @property
    def files(self) -> Files:
        """The image's files."""
        return self.image.files

    def path(self, word: str) -> str:
        """A word as an absolute path."""
        return one_version(normpath(join(self.cwd, word)))

    def read(self, path: str) -> str | None:
        """The text of a file; None if there is none, empty if nothing is known about it."""
        node = self.files.get(path)
        if not isinstance(node, File):
            return None
        content = node.read()
        if content is None:
            self.image.is_open = True
            return ""
        return content.decode("utf-8-sig", "replace")


def one_version(path: str) -> str:
    """A path with `python3.11` as `python3`: the image has one Python, whose exact version may not be known."""
    return re.sub(r"/python3\.\d+(?=/|$)", "/python3", path)


def run(text: str, state: RunState, depth: int = 0) -> None:
    """Run a shell text."""
    cwd = state.cwd
    for words in simple_commands(text, state.variables):
        run_command(words, state, depth)
    state.cwd = cwd


def run_command(words: list[str], state: RunState, depth: int = 0) -> None:
    """Run a command given as words."""
    assigned, command = assignments_of(words)
    if assigned and not command:
        state.variables.update(assigned)
        return
    if not command:
        return
    name, arguments = basename(command[0]), command[1:]
    if name in ("sudo", "exec", "env", "command") and arguments:
        run_command(arguments, state, depth)
    elif name == "cd" and arguments:
        state.cwd = state.path(arguments[0])
    elif name == "export":
        state.variables.update(assignments_of(arguments)[0])
    elif name in ("sh", "bash", "ash", "source", ".") and arguments:
        _run_script(arguments, state, depth)
    elif (change := _CHANGES.get(name)) is not None:
        change(command, state)
    else:
        _install(command, state)


def _run_script(arguments: list[str], state: RunState, depth: int) -> None:
    if arguments[0].startswith("-") and "c" in arguments[0] and len(arguments) > 1:
        text: str | None = arguments[1]
    else:
        path = next((word for word in arguments if not word.startswith("-")), "")
        text = state.read(state.path(path))
    if text and depth < 5:
        run(text, state, depth + 1)


def _install(command: list[str], state: RunState) -> None:
    """Follow pip, uv, poetry, pipenv, conda and apt; other commands change nothing that is known."""
    name = re.sub(r"[\d.]+$", "", basename(command[0]))
    rest = command[1:]
    if name == "python" and rest[:1] == ["-m"] and rest[1:2] in (["pip"], ["uv"], ["poetry"], ["pipenv"]):
        name, rest = rest[1], rest[2:]
    if name == "uv" and rest[:1] == ["pip"]:
        name, rest = "pip", rest[1:]
    words = [word for word in rest if not word.startswith("-")]
    if name == "pip" and "install" in words[:2]:
        _pip_install(rest[rest.index("install") + 1 :], command[0], state)
    elif name == "pip" and words[:1] == ["wheel"]:
        _pip_install(rest[rest.index("wheel") + 1 :], command[0], state)
    elif name == "pipx" and words[:1] == ["install"]:
        _pip_install(words[1:], command[0], state)
    elif name in ("poetry", "uv", "pdm") and words[:1] in (["install"], ["sync"]):
        _lock_install(state)
    elif name == "pipenv" and words[:1] in (["install"], ["sync"]):
        _put_libraries(list(pipfile_names(state.read(state.path("Pipfile")) or "")), SITE_PACKAGES, state)
    elif name in ("conda", "mamba", "micromamba") and "install" in words:
        _put_libraries([re.split(r"[=<>]", word)[0] for word in words if word != "install"], SITE_PACKAGES, state)
    elif name in ("conda", "mamba", "micromamba"):
        state.image.is_open = True
    elif name in ("apt", "apt-get", "apk") and ({"install", "add"} & set(words)):
        _put_libraries([word[len("python3-") :] for word in words if word.startswith("python3-")], SITE_PACKAGES, state)
    elif name == "python" and rest[:2] in (["setup.py", "install"], ["setup.py", "develop"]):
        _install_project(state.cwd, SITE_PACKAGES, state)
    elif (name == "python" and rest[:2] in (["-m", "venv"], ["-m", "virtualenv"])) or name == "virtualenv":
        state.files.folder(join(state.path(words[-1]), "lib/python3/site-packages"))


def _pip_install(arguments: list[str], program: str, state: RunState) -> None:
    found, target, words = Requirements(), _site_packages(program, state), iter(without_redirections(arguments))
    for word in words:
        option, equals, value = word.partition("=") if word.startswith("--") else (word, "", "")
        if re.fullmatch(r"-[qvU]+r", word):
            option = "-r"
        elif re.match(r"-[rct].", word):
            option, equals, value = word[:2], "=", word[2:]
        if option in ("-e", "--editable"):
            value = value or next(words, "")
            add_requirement(value, state.image.python, state.cwd, found)
            continue
        if option in _VALUED:
            value = value if equals else next(words, "")
            if option in ("-r", "--requirement"):
                _add_file(value, state, found)
            elif option in ("-t", "--target", "-w", "--wheel-dir"):
                target = state.path(value)
            elif option in ("--prefix", "--root"):
                target = join(state.path(value), "lib/python3/site-packages")
        elif option == "--user":
            target = join(state.variables.get("HOME", "/root"), ".local/lib/python3/site-packages")
        elif not word.startswith("-"):
            _add_word(word, state, found)
    state.missing += found.missing
    _put_libraries(found.names, target, state)
    for project in found.projects:
        _install_project(project, target, state)


def _add_file(value: str, state: RunState, found: Requirements) -> None:
    node = state.files.get(state.path(value))
    state.image.requirement_files.append(node.origin if isinstance(node, File) and node.origin else state.path(value))
    add_file(state.path(value), state.read, state.image.python, state.cwd, found)


def _add_word(word: str, state: RunState, found: Requirements) -> None:
    if has_wildcard(word.split("[", maxsplit=1)[0]):
        # Wheels of another step: what is in the folder is installed.
        folder = state.files.get(state.path(word.rpartition("/")[0] or "."))
        if isinstance(folder, Folder):
            found.names += [node.name for node in folder.entries.values() if isinstance(node, Library)]
            state.image.is_open |= folder.is_open
            for name in folder.entries:
                add_requirement(f"./{name}", state.image.python, state.cwd, found) if name.endswith(".whl") else None
    else:
        add_requirement(word, state.image.python, state.cwd, found)


def _site_packages(program: str, state: RunState) -> str:
    """Where pip installs: in the environment of its own path, or in the first one on the PATH."""
    folders = [program.rpartition("/")[0]] if program.startswith("/") else []
    folders += state.variables.get("PATH", "").split(":")
    if environment := state.variables.get("VIRTUAL_ENV"):
        folders.insert(0, f"{environment}/bin")
    for folder in folders:
        site = join(normpath(join(folder, "..")), "lib/python3/site-packages")
        if folder.startswith("/") and isinstance(state.files.get(site), Folder):
            return site
    return SITE_PACKAGES


def _put_libraries(names: Sequence[str], target: str, state: RunState) -> None:
    for name in map(canonicalize_name, names):
        state.files.put(join(target, f"{name}.dist-info"), Library(name))


def _install_project(folder: str, target: str, state: RunState) -> None:
    project = read_project(folder, state.read)
    if project is None:
        state.image.is_open = True
        return
    found = Requirements()
    for each in project.requires:
        add_requirement(each, state.image.python, folder, found)
    _put_libraries(found.names, target, state)
    state.image.scripts.update(project.scripts)
    source = join(folder, project.source or "src")
    node = state.files.get(source)
    node = node if isinstance(node, Folder) else state.files.get(folder)
    if isinstance(node, Folder):
        for name, inner in list(node.entries.items()):
            is_module = name.endswith(".py") and name != "setup.py"
            if is_module or (isinstance(inner, Folder) and any(each.endswith(".py") for each in inner.entries)):
                state.files.put(join(target, name), inner)


def _lock_install(state: RunState) -> None:
    for name in ("uv.lock", "poetry.lock", "pdm.lock"):
        if (text := state.read(state.path(name))) is not None:
            _put_libraries(lock_file_names(text), SITE_PACKAGES, state)
    if state.read(state.path("pyproject.toml")) is not None:
        _install_project(state.cwd, SITE_PACKAGES, state)


def _words(command: Sequence[str]) -> list[str]:
    return [word for word in without_redirections(command[1:]) if not word.startswith("-")]


def _make_folder(command: list[str], state: RunState) -> None:
    for word in _words(command):
        state.files.folder(state.path(word))


def _touch(command: list[str], state: RunState) -> None:
    for word in _words(command):
        if state.files.get(state.path(word)) is None:
            state.files.put(state.path(word), File(b""))


def _remove(command: list[str], state: RunState) -> None:
    for word in _words(command):
        for path in state.files.matches(state.path(word)):
            state.files.remove(path)


def _copy(command: list[str], state: RunState) -> None:
    *sources, target = _words(command) or [""]
    to = state.path(target)
    for source in [path for word in sources for path in state.files.matches(state.path(word))]:
        node = state.files.get(source)
        if node is None:
            continue
        at = join(to, basename(source)) if isinstance(state.files.get(to), Folder) else to
        if source.endswith("/.") or f"{sources[0]}".endswith("/."):
            at = to
        state.files.put(at, node.copy() if isinstance(node, Folder) else node)
        if command[0].endswith("mv"):
            state.files.remove(source)


def _link(command: list[str], state: RunState) -> None:
    words = _words(command)
    if len(words) == 2:
        at = state.path(words[1])
        at = join(at, basename(words[0])) if isinstance(state.files.get(at), Folder) else at
        state.files.put(at, Link(words[0]))


def _print_to(command: list[str], state: RunState) -> None:
    if ">" in command and command.index(">") + 1 < len(command):
        path = state.path(command[command.index(">") + 1])
        if not path.startswith("/dev/"):
            state.files.put(path, UNKNOWN)


def _download(command: list[str], state: RunState) -> None:
    """A clone or an unpacked archive: the folder may hold anything."""
    words = _words(command)
    after = [command[at + 1] for at, word in enumerate(command[:-1]) if word in ("-C", "-d", "-o", "-O")]
    if after:
        state.files.put(state.path(after[0]), UNKNOWN if command[0] in ("curl", "wget") else Folder(is_open=True))
    elif words[:1] == ["clone"]:
        state.files.put(state.path(re.sub(r"\.git$", "", basename(words[-1]))), Folder(is_open=True))
    elif command[0] in ("tar", "unzip"):
        state.files.folder(state.cwd).is_open = True


_CHANGES: dict[str, Callable[[list[str], RunState], None]] = {
    "mkdir": _make_folder,
    "touch": _touch,
    "rm": _remove,
    "cp": _copy,
    "mv": _copy,
    "ln": _link,
    "echo": _print_to,
    "printf": _print_to,
    "cat": _print_to,
    **dict.fromkeys(("git", "tar", "unzip", "curl", "wget", "gsutil"), _download),
}
