"""What the environment has besides plain values: secrets in files, and variables that nobody reads.

A container gets a secret as a file: VARIABLE_FILE is the path of the file with VARIABLE's value.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from nba_monitoring.files import require_regular

SUFFIX = "_FILE"

_OURS = "NBA_MONITORING_"
# Read by the tests, by CI and by the compose file.
_READ_ELSEWHERE = {
    f"{_OURS}{name}" for name in ("EVIDENCE", "REWRITE_SNAPSHOTS", "DAGSTER_CHART", "IMAGE", "IMAGE_TEST")
}
# Kubernetes sets these in every pod beside a service called nba-monitoring, or nba-monitoring-code.
_OF_KUBERNETES = re.compile(
    rf"{_OURS}(\w+_)?(SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT(_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)?)"
)


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
            require_regular(Path(self.path))
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


def unknown_variables(known: Collection[str]) -> Iterator[tuple[str, str]]:
    """Each variable that is named like the monitor's own, set and not `known`, with the nearest known one."""
    own = [name.removeprefix(_OURS) for name in known if name.startswith(_OURS)]
    for name, value in sorted(os.environ.items()):
        given = name.upper()
        if not given.startswith(_OURS) or given in known or not value.strip():
            continue
        if given not in _READ_ELSEWHERE and not _OF_KUBERNETES.fullmatch(given):
            (nearest,) = get_close_matches(given.removeprefix(_OURS), own, n=1, cutoff=0)
            yield name, f"{_OURS}{nearest}"
