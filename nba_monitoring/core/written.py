"""When a row was written, as SQL: the newest of the columns that say so."""

from __future__ import annotations

from collections.abc import Sequence


def written_sql(columns: Sequence[str]) -> str:
    """An instant, NULL where no column says one, in what BigQuery and DuckDB share."""
    if not columns:
        return "CAST(NULL AS TIMESTAMP)"
    instants = [f"CAST({column} AS TIMESTAMP)" for column in columns]
    if len(instants) == 1:
        return instants[0]
    # A NULL among them makes BigQuery's GREATEST NULL, and DuckDB's not.
    known = [", ".join([instant, *(other for other in instants if other != instant)]) for instant in instants]
    return f"GREATEST({', '.join(f'COALESCE({each})' for each in known)})"
