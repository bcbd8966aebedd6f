"""An image: its files, its variables, and what it starts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

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
    python: tuple[int, int] = DEFAULT_PYTHON
    scripts: dict[str, str] = field(default_factory=dict)
    """The commands of installed projects: name and `module:function`."""
    requirement_files: list[str] = field(default_factory=list)
    """Those that steps install, as paths in the tree where it has them."""
    is_open: bool = False
    """It may have libraries and modules that the Dockerfile doesn't show."""
    problems: list[BuildProblem] = field(default_factory=list)
    arguments: dict[str, str] = field(default_factory=dict)
    unset: set[str] = field(default_factory=set)
    last_copy: str = "/"
    """The folder that relative paths of the last COPY refer to."""

    @property
    def values(self) -> Mapping[str, str]:
        """The variables that instructions see."""
        return {**self.arguments, **self.variables}

    def child(self) -> Image:
        """A new stage on top of this one."""
        return replace(
            self,
            files=self.files.copy(),
            variables=dict(self.variables),
            scripts=dict(self.scripts),
            requirement_files=list(self.requirement_files),
            problems=list(self.problems),
            arguments={},
            unset=set(),
        )
