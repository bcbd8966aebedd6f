"""Requirement files and project files: the libraries that pip installs because of them."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from posixpath import dirname, join

from packaging.markers import Marker, UndefinedEnvironmentName
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

ReadText = Callable[[str], str | None]
_ARCHIVE = re.compile(r"(?:^|/)([A-Za-z0-9][\w.]*?(?:[-_][A-Za-z]\w*)*)-\d[^/]*\.(?:whl|tar\.gz|zip)$")


@dataclass(slots=True)
class Requirements:
    """What a requirement file or a command asks for."""

    names: list[str] = field(default_factory=list)
    """Libraries by their normalized names."""
    projects: list[str] = field(default_factory=list)
    """Folders with a project of their own, as paths in the image."""
    missing: list[str] = field(default_factory=list)
    """Requirement files that are not there."""
    files: set[str] = field(default_factory=set)
    """Requirement files that were asked for."""


def add_file(path: str, read: ReadText, python: tuple[int, int], cwd: str, found: Requirements) -> None:
    """Add a requirement file, with those that it includes. Paths in it are relative to the file, projects to `cwd`."""
    if path in found.files:
        return
    found.files.add(path)
    text = read(path)
    if text is None:
        found.missing.append(path)
        return
    for raw in re.sub(r"\\\r?\n", " ", text).splitlines():
        line = re.sub(r"(^|\s)#.*$", "", raw).strip()
        option = re.match(r"(-r|--requirement|-e|--editable|-c|--constraint)[\s=]*(.+)", line)
        if option and option[1] in ("-r", "--requirement"):
            add_file(join(dirname(path), option[2].strip()), read, python, cwd, found)
        elif option and option[1] in ("-e", "--editable"):
            add_requirement(option[2].strip(), python, cwd, found)
        elif line and not line.startswith("-"):
            # Options of a single requirement, such as --hash, come last.
            add_requirement(re.split(r"\s--", line)[0].strip(), python, cwd, found)


def add_requirement(text: str, python: tuple[int, int], cwd: str, found: Requirements) -> None:
    """Add one requirement as pip reads it: a name with versions and markers, an address, an archive or a folder."""
    named = re.search(r"[#&]egg=([\w.-]+)", text)
    archive = _ARCHIVE.search(text.split("#", maxsplit=1)[0])
    try:
        requirement = Requirement(text)
        if requirement.marker is None or _applies(requirement.marker, python):
            found.names.append(canonicalize_name(requirement.name))
    except InvalidRequirement:
        if named or archive:
            found.names.append(canonicalize_name((named or archive or [""])[1]))
        elif "://" in text:
            repository = re.search(r"/([\w.-]+?)(?:\.git)?(?:@[^/]*)?/?$", text.split("#", maxsplit=1)[0])
            found.names += [canonicalize_name(repository[1])] if repository else []
        elif text.startswith((".", "/")) or "/" in text:
            found.projects.append(join(cwd, re.sub(r"\[[^]]*\]$", "", text)))


def _applies(marker: Marker, python: tuple[int, int]) -> bool:
    version = ".".join(map(str, python))
    environment = {
        "python_version": version,
        "python_full_version": f"{version}.0",
        "sys_platform": "linux",
        "platform_system": "Linux",
        "os_name": "posix",
        "platform_machine": "x86_64",
        "extra": "",
    }
    try:
        return marker.evaluate(environment)
    except UndefinedEnvironmentName:
        return True


@dataclass(frozen=True, slots=True)
class Project:
    """A project that pip can install: what it requires, its commands, and the folder of its modules."""

    requires: tuple[str, ...]
    scripts: Mapping[str, str]
    source: str


def read_project(folder: str, read: ReadText) -> Project | None:
    """The project of a folder; None if it has none that can be read."""
    text = read(join(folder, "pyproject.toml"))
    if text is None:
        setup = read(join(folder, "setup.py")) or read(join(folder, "setup.cfg"))
        if setup is None:
            return None
        block = re.search(r"install_requires\s*=\s*\[(.*?)\]", setup, re.DOTALL)
        requires = re.findall(r"[\"']([^\"']+)[\"']", block[1]) if block else []
        scripts = dict(re.findall(r"[\"']?([\w-]+)\s*=\s*([\w.]+:\w+)[\"']?", setup))
        return Project(tuple(requires), scripts, "src" if re.search(r"package_dir.*src", setup) else "")
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return None
    project = data.get("project", {})
    tool = data.get("tool", {})
    poetry = tool.get("poetry", {})
    requires = [
        *project.get("dependencies", ()),
        *(name for name in poetry.get("dependencies", {}) if name != "python"),
    ]
    scripts = {**project.get("scripts", {}), **poetry.get("scripts", {})}
    scripts = {name: target for name, target in scripts.items() if isinstance(target, str)}
    where = tool.get("setuptools", {}).get("packages", {})
    source = where.get("find", {}).get("where", [""])[0] if isinstance(where, dict) else ""
    return Project(tuple(requires), scripts, source)


def lock_file_names(text: str) -> Sequence[str]:
    """The libraries of a `poetry.lock`, `uv.lock` or `pdm.lock`."""
    try:
        packages = tomllib.loads(text).get("package", [])
    except tomllib.TOMLDecodeError:
        return []
    return [canonicalize_name(each["name"]) for each in packages if isinstance(each, dict) and "name" in each]


def pipfile_names(text: str) -> Iterator[str]:
    """The libraries of a `Pipfile`."""
    try:
        yield from map(canonicalize_name, tomllib.loads(text).get("packages", {}))
    except tomllib.TOMLDecodeError:
        return
