"""The field types of the table of stages, each with its validation.

SQL text becomes part of the monitor's statements. Text that would end its statement, start a comment or name a
parameter is refused, and so is text that BigQuery and DuckDB read differently.
"""

from __future__ import annotations

import re
from datetime import time, timedelta
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, PlainSerializer, WithJsonSchema


class Entry(BaseModel):
    """Part of the table of stages: frozen, without unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


# A stage's name becomes part of its asset's and its check's, where these mean something else.
TAKEN_NAMES = frozenset({"schedule", "scheduled_games", "data_availability_checks", "pipeline_status", "season_report"})

STAGE_NAME = r"^[a-z][a-z0-9_]*$"
_GROUP = r"^[A-Za-z0-9_]+$"  # Dagster's own rule
_CLOCK = r"^([01]?\d|2[0-3]):[0-5]\d$"
_SPAN = r"^(?=\d)(?:(\d+)h)?(?:(\d+)m)?$"

# What a command names of the dates to fill: one date, or the first and the last of several.
PLACEHOLDERS = ("date", "first", "last")
_PLACEHOLDER = re.compile(r"(?<!\$)\{([A-Za-z_]\w*)\}")


def _stage_name(text: str) -> str:
    if not re.fullmatch(STAGE_NAME, text):
        raise ValueError(f"{text!r} is not a stage name: use lowercase letters, digits and _, starting with a letter")
    if text in TAKEN_NAMES:
        raise ValueError(f"{text!r} is reserved; choose another name")
    return text


def _group(text: str) -> str:
    if not re.fullmatch(_GROUP, text):
        raise ValueError(f"{text!r} is not a group name: use letters, digits and _")
    return text


def _line(text: str) -> str:
    text = text.strip()
    if not text.isprintable() or not text:
        raise ValueError("must be one line of text (it is shown in alerts)")
    return text


def command_template(text: str) -> str:
    """The command, in one line. Raises ValueError if it has an unknown placeholder."""
    text = _line(text)
    for name in placeholders_in(text):
        if name not in PLACEHOLDERS:
            known = ", ".join(f"{{{each}}}" for each in PLACEHOLDERS)
            raise ValueError(f"unknown placeholder {{{name}}}; use {known}, or ${{{name}}} for a variable of the shell")
    return text


def placeholders_in(template: str) -> list[str]:
    """The names of a command's placeholders, such as 'date' for {date}. `${NAME}` is a variable of the shell."""
    return _PLACEHOLDER.findall(template)


def bound(template: str, **values: object) -> str:
    """A command with its placeholders replaced."""
    return _PLACEHOLDER.sub(lambda found: str(values[found[1]]), template)


def _clock(value: object) -> object:
    if isinstance(value, time):
        return value
    if not isinstance(value, str) or not re.fullmatch(_CLOCK, value):
        raise ValueError(f"{value!r} is not a time of day; write US Eastern time, such as 10:45 or 14:00")
    hour, minute = value.split(":")
    return time(int(hour), int(minute))


def parse_span(text: str) -> timedelta | None:
    """Return the duration written as 2h, 90m or 1h30m; None for anything else."""
    found = re.fullmatch(_SPAN, text)
    return None if found is None else timedelta(hours=int(found[1] or 0), minutes=int(found[2] or 0))


def _span(value: object) -> timedelta:
    span = value if isinstance(value, timedelta) else parse_span(value) if isinstance(value, str) else None
    if span is None:
        raise ValueError(f"{value!r} is not a duration; write it as 2h, 90m or 1h30m")
    return span


def _span_text(span: timedelta) -> str:
    hours, minutes = divmod(span // timedelta(minutes=1), 60)
    return f"{hours}h" * bool(hours) + f"{minutes}m" * bool(minutes or not hours)


StageName = Annotated[str, AfterValidator(_stage_name)]
Group = Annotated[str, AfterValidator(_group), WithJsonSchema({"type": "string", "pattern": _GROUP})]
Line = Annotated[str, AfterValidator(_line)]
CommandTemplate = Annotated[str, AfterValidator(command_template)]
# Not pydantic's own reading of times and spans, which takes a number for seconds.
Clock = Annotated[
    time,
    BeforeValidator(_clock),
    PlainSerializer(lambda clock: f"{clock:%H:%M}", when_used="json"),
    WithJsonSchema({"type": "string", "pattern": _CLOCK}),
]
Span = Annotated[
    timedelta,
    BeforeValidator(_span),
    PlainSerializer(_span_text, when_used="json"),
    WithJsonSchema({"type": "string", "pattern": _SPAN}),
]

_COLUMN = r"^[A-Za-z_][A-Za-z0-9_]*$"
_TABLE = r"^[A-Za-z_][A-Za-z0-9_]*\.[A-Za-z_][A-Za-z0-9_]*$"
_STRING = re.compile("'[^']*'")
_ONE_CONDITION = "write one condition over the table's own columns"
# Comments, parameters, the end of a statement, and the quotes that the two engines read differently: double quotes
# enclose a string in BigQuery and a column in DuckDB.
_REFUSED = {
    ";": _ONE_CONDITION,
    "--": "comments go into the YAML, after a #",
    "/*": "comments go into the YAML, after a #",
    "#": "comments go outside the quotes of the YAML",
    "@": "parameters are not supported",
    "$": "parameters are not supported",
    "?": "parameters are not supported",
    "{": _ONE_CONDITION,
    "}": _ONE_CONDITION,
    '"': "write text in single quotes",
    "`": "write columns without quotes",
    "\\": "BigQuery and DuckDB read it differently",
}


def _condition(text: str) -> str:
    text = text.strip()
    if not text:
        raise ValueError("must not be empty; write TRUE to count every row")
    for sign, why in _REFUSED.items():
        if sign in text:
            raise ValueError(f"must not contain '{sign}': {why}")
    if text.count("'") % 2:
        raise ValueError("has a single quote that is not closed")
    depth = 0
    for sign in _STRING.sub("", text):
        depth += (sign == "(") - (sign == ")")
        if depth < 0:
            break
    if depth:
        raise ValueError(f"has a parenthesis that is not {'closed' if depth > 0 else 'opened'}")
    return text


def _column(text: str) -> str:
    if not re.fullmatch(_COLUMN, text):
        raise ValueError(f"{text!r} is not a column name: use letters, digits and _, starting with a letter")
    return text


def _table(text: str) -> str:
    if not re.fullmatch(_TABLE, text):
        raise ValueError(f"{text!r} is not a table; write dataset.table")
    return text


Condition = Annotated[str, AfterValidator(_condition)]
Column = Annotated[str, AfterValidator(_column), WithJsonSchema({"type": "string", "pattern": _COLUMN})]
TableName = Annotated[str, AfterValidator(_table), WithJsonSchema({"type": "string", "pattern": _TABLE})]
