"""An image: its files, its variables, and what it starts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from nba_monitoring.images.files import Files

# If the Dockerfile doesn't tell.
DEFAULT_PYTHON = (3, 11)


@dataclass(frozen=True, slots=True)
class Command:
    """CMD or ENTRYPOINT: words, or a text for the shell."""

    words: tuple[str, ...] | None
    text: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class BuildProblem:
    """A step that fails: what is missing, and the step's line."""

    missing: str
    line: int
    what: str


@dataclass(slots=True)
class Image:
    """A stage: its files, variables and command."""

    files: Files = field(default_factory=Files)
    variables: dict[str, str] = field(default_factory=dict)
    workdir: str = "/"
    entrypoint: Command | None = None
    cmd: Command | None = None
    base: str = ""
    python: tuple[int, int] = DEFAULT_PYTHON
    scripts: dict[str, str] = field(default_factory=dict)
    requirement_files: list[str] = field(default_factory=list)
    is_open: bool = False
    """It may have libraries and modules that the Dockerfile doesn't show."""
    problems: list[BuildProblem] = field(default_factory=list)
    arguments: dict[str, str] = field(default_factory=dict)
    unset: set[str] = field(default_factory=set)
    last_copy: tuple[str, int] = ("/", 0)
    """The folder that relative paths of the last COPY refer to, and its line."""

    @property
    def values(self) -> Mapping[str, str]:
        """The variables that instructions see."""
        return {**self.arguments, **self.variables}

    def child(self) -> Image:
        """A new stage on top of this one."""
        return Image(
            self.files.copy(),
            dict(self.variables),
            self.workdir,
            self.entrypoint,
            self.cmd,
            self.base,
            self.python,
            dict(self.scripts),
            list(self.requirement_files),
            self.is_open,
            last_copy=self.last_copy,
        )
