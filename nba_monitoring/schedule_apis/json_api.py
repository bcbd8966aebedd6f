"""Ask a schedule service for JSON, and validate it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from http.client import responses
from typing import Annotated, TypeVar
from urllib.parse import urlencode, urlsplit

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import to_json

from nba_monitoring.http import Deadline, HttpError, HttpPolicy, fetch

DEFAULT_POLICY = HttpPolicy(redirects=3)

Params = Mapping[str, str | list[str]]


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


class JsonApi:
    """A schedule service at a base address, for one report; `headers` go with every request."""

    def __init__(self, base_url: str, policy: HttpPolicy, headers: Mapping[str, str] | None = None) -> None:
        self._base_url = base_url.rstrip("/")
        self._host = urlsplit(base_url).hostname
        self._policy = policy
        self._deadline = Deadline(policy.budget)
        self._headers = {"Accept": "application/json", **(headers or {})}

    def get(self, path: str, params: Params, answer: type[Answer]) -> Answer:
        """The validated answer. Raises ApiError for everything that the network or the other side does."""
        url = f"{self._base_url}{path}?{urlencode(params, doseq=True)}"
        try:
            response = fetch(url, self._policy, self._deadline, self._headers)
        except HttpError as error:
            raise ApiError(f"{self._host}: {error}") from None
        if response.status != HTTPStatus.OK:
            phrase = responses.get(response.status, "")
            raise ApiError(f"{self._host} answered {response.status} {phrase}".rstrip(), response.status)
        return _validated(response.body, answer, self._host)


def _validated(body: bytes, answer: type[Answer], host: str | None) -> Answer:
    try:
        return answer.model_validate_json(body)
    except ValidationError as error:
        if error.errors()[0]["type"] == "json_invalid":
            reason = error.errors()[0]["msg"].removeprefix("Invalid JSON: ")
            raise ApiError(f"{host} sent no valid JSON: {reason}") from None
        raise ApiError(f"{host} sent an unexpected answer: {_complaint(error)}") from None


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
