"""Asking a schedule service for JSON: bounded in time, tries and size, and validated."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from importlib.metadata import version
from types import TracebackType
from typing import Annotated, TypeVar
from urllib.parse import urlsplit

import requests
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import to_json
from requests.adapters import HTTPAdapter
from urllib3 import Retry
from urllib3 import exceptions as urllib3_errors

# ESPN's answer for a date with 11 games is 139 KB.
LARGEST_BODY = 5_000_000
MOST_REDIRECTS = 3

Params = Mapping[str, str | list[str]]


@dataclass(frozen=True, slots=True)
class HttpPolicy:
    """How patient to be with a service, in seconds."""

    connect_timeout: float = 5
    read_timeout: float = 10
    retries: int = 2  # tries after the first
    backoff: float = 0.5
    longest_wait: int = 10  # what a Retry-After header may ask for at most
    budget: float = 30  # for all requests of one report: then none is begun, and a body that drips in is given up


DEFAULT_POLICY = HttpPolicy()


class ApiError(Exception):
    """A service gave no usable answer; the message says why, for a person. `status` is the HTTP status, if any."""

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


class ApiModel(BaseModel):
    """The part of an answer that is used. Types must be right; what is not named is not looked at."""

    model_config = ConfigDict(strict=True, extra="ignore", frozen=True)


Answer = TypeVar("Answer", bound=ApiModel)

# A code or a status, which ends up in messages.
ShortText = Annotated[str, Field(min_length=1, max_length=60)]
# Before the league's first season or after the century stands no game, only a date that no calendar can convert.
Instant = Annotated[AwareDatetime, Field(ge=datetime(1946, 1, 1, tzinfo=UTC), lt=datetime(2101, 1, 1, tzinfo=UTC))]


class JsonApi:
    """A schedule service at a base address; `headers` go with every request."""

    def __init__(self, base_url: str, policy: HttpPolicy, headers: Mapping[str, str] | None = None) -> None:
        self._base_url = base_url.rstrip("/")
        self._host = urlsplit(base_url).hostname
        self._policy = policy
        self._deadline = time.monotonic() + policy.budget
        self._session = _session(policy)
        self._session.headers.update(headers or {})

    def __enter__(self) -> JsonApi:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._session.close()

    def get(self, path: str, params: Params, answer: type[Answer]) -> Answer:
        """The validated answer. Raises ApiError for whatever the network or the other side does."""
        self._check_budget()
        timeout = (self._policy.connect_timeout, self._policy.read_timeout)
        try:
            with self._session.get(self._base_url + path, params=params, timeout=timeout, stream=True) as response:
                if response.status_code != HTTPStatus.OK:
                    raise ApiError(f"{self._host} answered {_named(response.status_code)}", response.status_code)
                body = self._read(response)
        # ValueError: an address in a redirect, or a header value, that can't be sent.
        except (requests.RequestException, urllib3_errors.HTTPError, ValueError) as error:
            raise ApiError(self._why(error)) from None
        return _validated(body, answer, self._host)

    def _read(self, response: requests.Response) -> bytes:
        body = bytearray()
        # read1 returns what has arrived, so that a dripping body is seen before a whole chunk has come together.
        while piece := response.raw.read1(65536, decode_content=True):
            body += piece
            if len(body) > LARGEST_BODY:
                raise ApiError(f"{self._host} sent more than {LARGEST_BODY // 1_000_000} MB, which is no schedule")
            self._check_budget()
        return bytes(body)

    def _check_budget(self) -> None:
        if time.monotonic() > self._deadline:
            raise ApiError(f"{self._host} took longer than the {self._policy.budget:g} s that it is given")

    def _why(self, error: Exception) -> str:
        match _cause(error):
            case urllib3_errors.NameResolutionError():
                return f"{self._host}: no such host name, or no network"
            case urllib3_errors.NewConnectionError(__cause__=OSError(strerror=str(reason))):
                return f"{self._host} can't be reached: {reason}"
            case urllib3_errors.ConnectTimeoutError():
                return f"{self._host} can't be reached within {self._policy.connect_timeout:g} s"
            case urllib3_errors.ReadTimeoutError():
                return f"{self._host} gave no answer within {self._policy.read_timeout:g} s"
            case urllib3_errors.ProtocolError():
                return f"{self._host} broke the connection off before the end of its answer"
            case urllib3_errors.SSLError() as cause:
                return f"{self._host}: no secure connection: {cause}"
            case requests.TooManyRedirects():
                return f"{self._host} redirected more than {MOST_REDIRECTS} times"
            # Not its text, which can hold a header's value and so the key.
            case cause:
                return f"{self._host}: request failed ({type(cause).__name__})"


def _session(policy: HttpPolicy) -> requests.Session:
    retry = Retry(
        total=policy.retries,
        status_forcelist=(429, 500, 502, 503, 504),
        backoff_factor=policy.backoff,
        retry_after_max=policy.longest_wait,
        raise_on_status=False,
    )
    session = requests.Session()
    session.max_redirects = MOST_REDIRECTS
    session.headers["User-Agent"] = f"nba-monitoring/{version('nba_monitoring')} (data availability monitor)"
    session.headers["Accept"] = "application/json"
    for scheme in ("https://", "http://"):
        session.mount(scheme, HTTPAdapter(max_retries=retry))
    return session


def _cause(error: Exception) -> object:
    """What urllib3 found wrong, from under requests' own exceptions."""
    if isinstance(error, requests.RequestException):
        error = next((arg for arg in error.args if isinstance(arg, urllib3_errors.HTTPError)), error)
    return error.reason if isinstance(error, urllib3_errors.MaxRetryError) else error


def _named(status: int) -> str:
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)


def _validated(body: bytes, answer: type[Answer], host: str | None) -> Answer:
    try:
        return answer.model_validate_json(body)
    except ValidationError as error:
        if error.errors()[0]["type"] == "json_invalid":
            reason = error.errors()[0]["msg"].removeprefix("Invalid JSON: ")
            raise ApiError(f"{host} sent something that is not JSON: {reason}") from None
        raise ApiError(f"{host} sent an answer of another shape: {_complaint(error)}") from None


def part(value: object, shape: type[Answer]) -> Answer | str:
    """One part of an answer, validated by itself so that a bad one costs no other; or what is wrong with it."""
    try:
        # As JSON again: a strict model takes text for an instant in JSON only.
        return shape.model_validate_json(to_json(value))
    except ValidationError as error:
        return _complaint(error)


def _complaint(error: ValidationError) -> str:
    found = error.errors(include_url=False, include_context=False, include_input=False)
    place = ".".join(str(step) for step in found[0]["loc"])
    more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
    return f"{place or 'answer'}: {found[0]['msg']}{more}"
