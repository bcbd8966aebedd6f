"""What is installed is pinned with hashes, and nothing else is installed anywhere."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from nba_monitoring_tests.deploy.files import DEPLOY
from nba_monitoring_tests.orchestration.served import PROJECT

FILES = sorted((PROJECT / "requirements").glob("*.txt"))
PYPROJECT = tomllib.loads((PROJECT / "pyproject.toml").read_text())
PIN = re.compile(
    r"^(?P<name>[\w.-]+)(?:\[[\w,-]+\])?==(?P<version>[^ ;]+)(?: ; [^\\]+?)? \\\n"
    r"(?:    --hash=sha256:\w{64}(?: \\)?\n?)+",
    re.M,
)


def pins(file: Path) -> dict[str, str]:
    """The versions by name. What is not a pin with hashes fails."""
    text = "".join(line for line in file.read_text().splitlines(keepends=True) if not line.startswith("#"))
    assert PIN.sub("", text).strip() == "", f"{file.name}: not pinned, or without a hash"
    return {canonicalize_name(found["name"]): found["version"] for found in PIN.finditer(text)}


def of(name: str) -> dict[str, str]:
    return pins(PROJECT / "requirements" / f"{name}.txt")


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_package_has_a_version_and_hashes(file: Path) -> None:
    assert pins(file)


def test_all_environments_have_the_same_versions() -> None:
    assert of("runtime").items() <= of("production").items() <= of("dev").items()
    assert of("e2e").items() <= of("dev").items()


def test_what_the_project_asks_for_is_what_is_pinned() -> None:
    """After a change of pyproject.toml: make lock."""
    project, groups = PYPROJECT["project"], PYPROJECT["dependency-groups"]
    extras = project["optional-dependencies"]
    wanted = {
        "runtime": project["dependencies"],
        "production": [*project["dependencies"], *extras["postgres"], *extras["k8s"]],
        "dev": [line for line in extras["dev"] if not line.startswith("nba_monitoring[")],
        **groups,
    }
    for environment, lines in wanted.items():
        found = of(environment)
        for requirement in map(Requirement, lines):
            version = found.get(canonicalize_name(requirement.name))
            assert version is not None, f"{environment}: {requirement.name}"
            assert requirement.specifier.contains(version, prereleases=True), f"{environment}: {requirement.name}"
    assert PYPROJECT["build-system"]["requires"] == groups["build"]


@pytest.mark.parametrize(
    "path",
    [
        "Makefile",
        "deploy/Dockerfile",
        *sorted(str(path.relative_to(PROJECT)) for path in (PROJECT / ".github" / "workflows").glob("*.yml")),
    ],
)
def test_nothing_is_installed_without_hashes_but_our_own_package(path: str) -> None:
    text = (PROJECT / path).read_text()
    flags = {found[1]: found[2] for found in re.finditer(r"^(\w+) :?= (.*)$", text, re.M)}
    for _ in flags:
        text = re.sub(r"\$\((\w+)\)", lambda found: flags.get(found[1], found[0]), text)
    commands = re.findall(r"pip (?:install|wheel) .*", text)
    assert [
        command
        for command in commands
        if "--require-hashes" not in command and not {"--no-deps", "--no-build-isolation"} <= set(command.split())
    ] == []


def test_the_bill_of_materials_lists_what_is_installed() -> None:
    done = subprocess.run([sys.executable, DEPLOY / "sbom.py"], capture_output=True, text=True, check=True)
    assert f"pkg:pypi/dagster@{of('production')['dagster']}" in done.stdout
    assert "pkg:deb/debian/libc6@" in done.stdout
