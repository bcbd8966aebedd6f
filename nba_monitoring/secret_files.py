"""Secrets by file: what a variable would hold stands in the file that VARIABLE_FILE names, as containers get them."""

from __future__ import annotations

import os
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

SUFFIX = "_FILE"


@dataclass(frozen=True, slots=True)
class SecretFile:
    """The file that holds a variable's secret, as its own variable names it."""

    variable: str
    path: str
    is_doubled: bool  # the secret is in the variable as well

    def read(self) -> str:
        """The secret, without blanks around it. Raises ValueError, without a word of the secret."""
        named = self.variable + SUFFIX
        if self.is_doubled:
            raise ValueError(f"set, and so is {named}; keep one of them")
        # What stands in the wrong variable is the secret itself.
        if not self.path.startswith("/"):
            raise ValueError(f"{named} is not an absolute path; it names the file that holds the secret")
        try:
            secret = Path(self.path).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise ValueError(f"{named}: {self.path} can't be read: {error.strerror}") from None
        except ValueError:  # its own words quote bytes of the file
            raise ValueError(f"{named}: {self.path} is not a file of UTF-8 text") from None
        if not secret:
            raise ValueError(f"{named}: {self.path} is empty")
        return secret


def secret_files(variables: Collection[str], given: Collection[str]) -> dict[str, SecretFile]:
    """The files that the environment names, by the variable that each stands for; `given` are those set themselves."""
    paths = {variable: os.environ.get(variable + SUFFIX, "").strip() for variable in variables}
    return {name: SecretFile(name, path, is_doubled=name in given) for name, path in paths.items() if path}
