"""What `check`, `history` and `incidents` print for other programs: one JSON object a line.

What they print for people is in `tables`, which a command imports only then: it takes a tenth of the time of a check of
one date.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import click
from pydantic_core import to_json

as_json_lines = click.option(
    "--json", "as_json", is_flag=True, help="One JSON object a line, with the table's columns as keys."
)


def print_json_lines(rows: Iterable[dict[str, Any]]) -> None:
    """Each row as JSON on a line of its own."""
    click.echo(b"".join(to_json(row) + b"\n" for row in rows), nl=False)
