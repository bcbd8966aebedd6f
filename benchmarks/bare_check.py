"""The baseline: Python and DuckDB alone, running the statements of a check.

    python bare_check.py WAREHOUSE.duckdb STATEMENTS.pickle FIRST_DATE LAST_DATE [reads]

It writes what the check writes, with the same statements, unless `reads` is given. It imports nothing of the project,
so the project's imports count for the check alone.
"""

from __future__ import annotations

import pickle
import sys
from datetime import date, timedelta
from pathlib import Path

import duckdb


def main(database: str, statements: Path, first: date, last: date, keep: bool) -> None:
    rows = 0
    with duckdb.connect(database) as connection:
        for sql, parameters in pickle.loads(statements.read_bytes()):  # noqa: S301 the benchmark's own file
            # Some begin with a comment.
            is_read = any(line.startswith("SELECT") for line in sql.splitlines())
            if is_read or keep:
                rows += len(connection.execute(sql, parameters).fetchall())
    for offset in range((last - first).days + 1):
        print(first + timedelta(days=offset), rows)


if __name__ == "__main__":
    database, statements, first, last = sys.argv[1:5]
    main(
        database, Path(statements), date.fromisoformat(first), date.fromisoformat(last), keep=sys.argv[5:] != ["reads"]
    )
