"""Secrets from files, as containers get them: VARIABLE_FILE is the path of the file with VARIABLE's value."""

from __future__ import annotations

import os
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

SUFFIX = "_FILE"


@dataclass(frozen=True, slots=True)
class SecretFile:
    """The file with a variable's secret."""

    variable: str
    path: str
    is_doubled: bool  # the variable itself is set too

    def read(self) -> str:
        """The secret, without surrounding blanks. Raises ValueError, without any part of the secret."""
        named = self.variable + SUFFIX
        if self.is_doubled:
            raise ValueError(f"both it and {named} are set; keep one")
        # The variable may contain the secret itself.
        if not self.path.startswith("/"):
            raise ValueError(f"{named} must be the absolute path of the file with the secret")
        try:
            secret = Path(self.path).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise ValueError(f"{named}: {self.path} can't be read: {error.strerror}") from None
        except ValueError:  # its text quotes bytes of the file
            raise ValueError(f"{named}: {self.path} is not UTF-8 text") from None
        if not secret:
            raise ValueError(f"{named}: {self.path} is empty")
        return secret


def secret_files(variables: Collection[str], given: Collection[str]) -> dict[str, SecretFile]:
    """The files that the environment names, by the variable they replace; `given` are the variables that are set."""
    paths = {variable: os.environ.get(variable + SUFFIX, "").strip() for variable in variables}
    return {name: SecretFile(name, path, is_doubled=name in given) for name, path in paths.items() if path}
