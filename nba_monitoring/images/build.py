"""Follows a Dockerfile: what its last stage holds and starts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from posixpath import basename, join, normpath

from nba_monitoring.errors import MonitoringError
from nba_monitoring.images.copying import Copying
from nba_monitoring.images.files import File, Files, Folder
from nba_monitoring.images.image import DEFAULT_PYTHON, BuildProblem, Command, Image
from nba_monitoring.images.run_steps import RunState, one_version, run, run_command
from nba_monitoring.images.shell import docker_word, variables_in

try:
    import dockerfile
except ModuleNotFoundError as error:
    raise MonitoringError(
        "images: needs the package dockerfile, which is not installed because it has no wheel for Linux on ARM; "
        "run it on x86-64, or install Go and run `pip install dockerfile`"
    ) from error

# Images that bring Python or nothing, but no library.
_PLAIN = re.compile(
    r"(^|/)(python|pypy|debian|ubuntu|alpine|scratch|busybox|buildpack-deps|fedora|centos|rockylinux|amazonlinux|"
    r"almalinux|uv|wolfi-base|chainguard-base)$|distroless/"
)


class UnreadableDockerfileError(Exception):
    """A Dockerfile that can't be followed. The message says why."""


def build(text: str, context: Files) -> Image:
    """The image that a Dockerfile builds from a context. Raises UnreadableDockerfileError."""
    try:
        commands = dockerfile.parse_string(text)
    except (dockerfile.GoParseError, dockerfile.GoIOError, ValueError) as error:
        raise UnreadableDockerfileError(str(error)) from None
    return _Build(context).image(commands)


class _Build:
    def __init__(self, context: Files) -> None:
        self.context = context
        self.stages: list[Image] = []
        self.names: dict[str, Image] = {}
        self.arguments: dict[str, str] = {}
        self.has_own_cmd = False

    def image(self, commands: Sequence[dockerfile.Command]) -> Image:
        for command in commands:
            name = command.cmd.upper()
            if name == "FROM":
                self._from(command)
            elif name == "ARG" and not self.stages:
                for argument, _, value in (word.partition("=") for word in command.value if "=" in word):
                    self.arguments[argument] = docker_word(value, self.arguments)
            elif name not in _STEPS:
                raise UnreadableDockerfileError(f"line {command.start_line}: unknown instruction {command.cmd}")
            elif not self.stages:
                raise UnreadableDockerfileError(f"line {command.start_line}: {name} before the first FROM")
            else:
                step = _STEPS[name]
                if step is not None:
                    step(self, self.stages[-1], command)
        if not self.stages:
            raise UnreadableDockerfileError("it has no FROM")
        # Only the stages that the last one is built from can fail: BuildKit skips the others.
        return self.stages[-1]

    def _from(self, command: dockerfile.Command) -> None:
        if not command.value:
            raise UnreadableDockerfileError(f"line {command.start_line}: FROM names no image")
        base = docker_word(command.value[0], self.arguments)
        if base.lower() in self.names:
            made = self.names[base.lower()].child()
        else:
            version = re.search(r":(?:python)?(\d+)\.(\d+)", base)
            made = Image()
            made.python = (int(version[1]), int(version[2])) if version and int(version[1]) == 3 else DEFAULT_PYTHON
            made.is_open = not _PLAIN.search(base.split("@")[0].rpartition(":")[0] or base) and not _PLAIN.search(base)
        self.has_own_cmd = False
        self.stages.append(made)
        self.names[str(len(self.stages) - 1)] = made
        if len(command.value) == 3 and command.value[1].upper() == "AS":
            self.names[command.value[2].lower()] = made

    def argument(self, image: Image, command: dockerfile.Command) -> None:
        for word in command.value:
            name, equals, value = word.partition("=")
            if equals:
                image.arguments[name] = docker_word(value, image.values)
            elif name in self.arguments:
                image.arguments[name] = self.arguments[name]
            else:
                image.unset.add(name)

    def environment(self, image: Image, command: dockerfile.Command) -> None:
        # All values of one ENV see the variables from before it.
        values, words = image.values, iter(command.value)
        for name, value in zip(words, words, strict=False):
            image.variables[name] = docker_word(value, values)

    def workdir(self, image: Image, command: dockerfile.Command) -> None:
        image.workdir = normpath(join(image.workdir, docker_word(" ".join(command.value), image.values)))
        image.files.folder(image.workdir)

    def entrypoint(self, image: Image, command: dockerfile.Command) -> None:
        image.entrypoint = _command(command)
        if not self.has_own_cmd:
            image.cmd = None

    def cmd(self, image: Image, command: dockerfile.Command) -> None:
        image.cmd = _command(command)
        self.has_own_cmd = True

    def run(self, image: Image, command: dockerfile.Command) -> None:
        state = RunState(image, dict(image.values), image.workdir)
        mounts = [flag for flag in command.flags if "type=bind" in flag]
        lent = [self._lend(image, flag) for flag in mounts]
        if command.json:
            run_command(list(command.value), state)
        else:
            run("\n".join([*command.value, *(each.content for each in command.heredocs)]), state)
        for path in filter(None, lent):
            image.files.remove(path)
        if not lent or all(lent):
            what = "the build fails: pip can't open {}"
            image.problems += [BuildProblem(path, command.start_line, what.format(path)) for path in state.missing]

    def _lend(self, image: Image, flag: str) -> str | None:
        """Put what a bind mount shows into the image, for the time of the step."""
        options = dict(each.partition("=")[::2] for each in flag.removeprefix("--mount=").split(","))
        target = next((options[name] for name in ("target", "dst", "destination") if name in options), "")
        stage = self.names.get(options.get("from", "").lower())
        node = (stage.files if stage else self.context).get(join("/", options.get("source", options.get("src", "."))))
        if not target or node is None or image.files.get(join(image.workdir, target)) is not None:
            return None
        image.files.put(join(image.workdir, target), node)
        return join(image.workdir, target)

    def copy(self, image: Image, command: dockerfile.Command) -> None:
        if len(command.value) < 2:
            raise UnreadableDockerfileError(
                f"line {command.start_line}: {command.cmd} needs a source and a destination"
            )
        flags = {flag.partition("=")[0]: flag.partition("=")[2] for flag in command.flags}
        excluded = [flag.partition("=")[2] for flag in command.flags if flag.startswith("--exclude")]
        *sources, target = (docker_word(word, image.values) for word in command.value)
        to = one_version(normpath(join(image.workdir, target)))
        is_folder = target.endswith("/") or basename(target) in (".", "..", "")
        unset = {name for word in command.value for name in variables_in(word)} & image.unset - image.values.keys()
        if unset:
            image.files.folder(to).is_open = True
            return
        origin, is_outside = self.context, False
        if "--from" in flags:
            stage = self.names.get(docker_word(flags["--from"], image.values).lower())
            origin, is_outside = (stage.files, False) if stage else (Files(), True)
        else:
            image.last_copy = image.workdir
        documents = {f"<<{mark}{each.name}": each for each in command.heredocs for mark in ("", "-")}
        copying = Copying(image, command, origin, to, is_folder, "--parents" in flags, tuple(excluded))
        if is_outside:
            copying.put_unknown(sources)
            return
        if len(sources) > 1 and not is_folder and not isinstance(image.files.get(to), Folder):
            what = f"the build fails: {target} must end with / to take more than one source"
            image.problems.append(BuildProblem(target, command.start_line, what))
        for source in sources:
            written = documents.get(source.replace('"', "").replace("'", ""))
            if written is not None:
                content = written.content.encode()
                image.files.put(join(to, written.name) if is_folder else to, File(content))
            elif command.cmd.upper() == "ADD" and ("://" in source or source.startswith("git@")):
                copying.put_unknown([source])
            else:
                copying.copy(source, from_stage="--from" in flags)


def _command(command: dockerfile.Command) -> Command | None:
    if command.json:
        return Command(tuple(command.value), line=command.start_line) if command.value else None
    return Command(None, " ".join(command.value), command.start_line)


_STEPS = {
    "ARG": _Build.argument,
    "ENV": _Build.environment,
    "WORKDIR": _Build.workdir,
    "ENTRYPOINT": _Build.entrypoint,
    "CMD": _Build.cmd,
    "RUN": _Build.run,
    "COPY": _Build.copy,
    "ADD": _Build.copy,
    **dict.fromkeys(
        ("LABEL", "EXPOSE", "USER", "VOLUME", "STOPSIGNAL", "HEALTHCHECK", "SHELL", "ONBUILD", "MAINTAINER")
    ),
}
