"""What a run's queries cost, in the unit that BigQuery charges by."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class BytesRead:
    """Bytes that queries read and are billed for: at least 10 MB a table and query, none where a cache answers."""

    queries: int = 0
    processed: int = 0
    billed: int = 0

    def plus(self, processed: int | None, billed: int | None) -> BytesRead:
        """The sum with one more query; a statement that changes no rows says nothing, which is none."""
        return BytesRead(self.queries + 1, self.processed + (processed or 0), self.billed + (billed or 0))
