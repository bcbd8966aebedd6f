"""Answers of other services in JSON, validated field by field."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, TypeVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import to_json


class ApiError(Exception):
    """A service gave no usable answer; the message says why. `status` is the HTTP status, if any."""

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


class ApiModel(BaseModel):
    """The fields of an answer that are used, with strict types. All other fields are ignored."""

    model_config = ConfigDict(strict=True, extra="ignore", frozen=True)


Answer = TypeVar("Answer", bound=ApiModel)

# A code or a status, which appears in messages.
ShortText = Annotated[str, Field(min_length=1, max_length=60)]
# No game is before the league's first season or after this century, and not every calendar can convert such dates.
Instant = Annotated[AwareDatetime, Field(ge=datetime(1946, 1, 1, tzinfo=UTC), lt=datetime(2101, 1, 1, tzinfo=UTC))]


def validated(body: bytes, answer: type[Answer], service: str | None) -> Answer:
    """The answer in a body. Raises ApiError, which names the service and the first wrong field."""
    try:
        return answer.model_validate_json(body)
    except ValidationError as error:
        if error.errors()[0]["type"] == "json_invalid":
            reason = error.errors()[0]["msg"].removeprefix("Invalid JSON: ")
            raise ApiError(f"{service} sent no valid JSON: {reason}") from None
        raise ApiError(f"{service} sent an unexpected answer: {_complaint(error)}") from None


def part(value: object, shape: type[Answer]) -> Answer | str:
    """One part of an answer, validated on its own so that a bad one does not cost the others; or what is wrong."""
    try:
        # As JSON again: a strict model reads an instant from text only in JSON.
        return shape.model_validate_json(to_json(value))
    except ValidationError as error:
        return _complaint(error)


def _complaint(error: ValidationError) -> str:
    found = error.errors(include_url=False, include_context=False, include_input=False)
    place = ".".join(str(step) for step in found[0]["loc"])
    more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
    return f"{place or 'answer'}: {found[0]['msg']}{more}"
