"""Commands as they run and how they ended."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

NBA_MONITORING = Path(sys.executable).with_name("nba-monitoring")


@dataclass(frozen=True)
class Outcome:
    """Exit status, standard output and standard error."""

    status: int
    out: str
    err: str

    @property
    def records(self) -> list[dict[str, Any]]:
        """What `--json` printed, an object a line."""
        return [json.loads(line) for line in self.out.splitlines()]


def run_process(*command: object) -> Outcome:
    """Run a command as a process of its own."""
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False)
    return Outcome(done.returncode, done.stdout, done.stderr)
