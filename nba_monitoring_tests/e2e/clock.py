"""A clock that is moved for all of Dagster's processes at once."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

# What each process imports before anything else, and the file that it reads there.
IMPORTS = Path(__file__).parent / "moved_clock"
_OFFSET = "offset"


class MovedClock:
    """Runs as the real one does, from another instant on."""

    def __init__(self, folder: Path, now: datetime) -> None:
        self._offset = folder / _OFFSET
        self._show(now)

    @property
    def environment(self) -> dict[str, str]:
        """What a process needs to live by it."""
        return {"MOVED_CLOCK": str(self._offset), "PYTHONPATH": str(IMPORTS)}

    def now(self) -> datetime:
        """What the processes' clocks show (UTC)."""
        return datetime.fromtimestamp(datetime.now(UTC).timestamp() + float(self._offset.read_text()), UTC)

    def move_to(self, instant: datetime) -> None:
        """Forward only, since the processes don't expect a clock that goes back; a later clock stays."""
        if instant > self.now():
            self._show(instant)

    def _show(self, instant: datetime) -> None:
        draft = self._offset.with_suffix(".draft")
        draft.write_text(str(instant.timestamp() - datetime.now(UTC).timestamp()))
        draft.replace(self._offset)
