"""One client for Google's REST APIs. No error shows an address, a token or a body.

google-auth finds the credentials and adds the token, as its `AuthorizedSession` does. The requests are http.py's: the
session's own have no limit on bytes, count time from byte to byte, and are sent again after a 401.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode, urlsplit

import google.auth
from google.auth.credentials import Credentials
from google.auth.exceptions import DefaultCredentialsError, GoogleAuthError
from google.auth.transport.requests import Request

from nba_monitoring.http import (
    Deadline,
    HttpAnswer,
    HttpError,
    HttpPolicy,
    InvalidRequestError,
    NotSentError,
    fetch,
)
from nba_monitoring.json_answers import Answer, ApiError, validated

# A request in a check or a tick must not delay it for long, and the next check asks again anyway.
DEFAULT_POLICY = HttpPolicy(timeout=5, budget=5, retries=0, retry_unclear=False, max_bytes=1_000_000)

_SCOPE = "https://www.googleapis.com/auth/cloud-platform"
_GOOGLE = ".googleapis.com"


class GoogleApiError(ApiError):
    """Google gave no usable answer; the message says why and what to do."""

    def __init__(self, message: str, status: int | None = None, may_have_arrived: bool = False) -> None:
        """`may_have_arrived`: whether what was asked for may have been done."""
        super().__init__(message, status)
        self.may_have_arrived = may_have_arrived


@dataclass(frozen=True, slots=True)
class Service:
    """One of Google's services, and the role that lets an account read it."""

    title: str  # as errors name it
    url: str
    role: str


class GoogleApi:
    """A service for one run, which begins now: the policy's budget is for all of its requests, the token's included.

    A token goes only to an address of Google's, over TLS; any other address is a test's and gets none.
    """

    def __init__(self, service: Service, policy: HttpPolicy = DEFAULT_POLICY) -> None:
        self._service = service
        self._policy = policy
        self._deadline = Deadline(policy.budget)
        self._credentials: Credentials | None = None

    def get(self, path: str, answer: type[Answer], params: Mapping[str, str] | None = None) -> Answer:
        """The validated answer to a GET. Raises GoogleApiError."""
        query = f"?{urlencode(params)}" if params else ""
        response = self._asked("GET", path + query, None, self._service.role)
        return self._validated(response, answer)

    def post(self, path: str, answer: type[Answer], role: str) -> Answer:
        """The validated answer to a POST without values, which is never sent twice. Raises GoogleApiError.

        `role` is the one that lets an account do it.
        """
        return self._validated(self._asked("POST", path, b"{}", role), answer)

    def _asked(self, method: str, path: str, body: bytes | None, role: str) -> HttpAnswer:
        url = self._service.url.rstrip("/") + path
        headers = {"Accept": "application/json", **({"Content-Type": "application/json"} if body else {})}
        title = self._service.title
        try:
            self._deadline.run(lambda: self._sign(method, url, headers))
            response = fetch(url, self._policy, self._deadline, headers, body)
        except DefaultCredentialsError:
            raise GoogleApiError(f"{title}: no Google credentials; set GOOGLE_APPLICATION_CREDENTIALS") from None
        except GoogleAuthError as error:
            # Its own text may show what a token server answered.
            raise GoogleApiError(f"{title}: no access token could be fetched ({type(error).__name__})") from None
        except TimeoutError:
            raise GoogleApiError(self._no_answer) from None
        except HttpError as error:
            has_arrived = not isinstance(error, (NotSentError, InvalidRequestError))
            why = f"{title}: {error}" if self._deadline.left else self._no_answer
            raise GoogleApiError(why, may_have_arrived=has_arrived) from None
        if response.status != HTTPStatus.OK:
            raise GoogleApiError(
                f"{title} {_refusal(response, role)}",
                response.status,
                may_have_arrived=response.status >= HTTPStatus.INTERNAL_SERVER_ERROR,
            )
        return response

    def _validated(self, response: HttpAnswer, answer: type[Answer]) -> Answer:
        try:
            return validated(response.body, answer, self._service.title)
        except ApiError as error:
            raise GoogleApiError(str(error), response.status, may_have_arrived=True) from None

    def _sign(self, method: str, url: str, headers: dict[str, str]) -> None:
        if not _is_google(url):
            return
        if self._credentials is None:
            self._credentials = google.auth.default([_SCOPE])[0]
        self._credentials.before_request(Request(), method, url, headers)  # type: ignore[no-untyped-call]  # google-auth's own

    @property
    def _no_answer(self) -> str:
        return f"{self._service.title} did not answer within {self._policy.budget:g} s"


def _is_google(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme == "https" and (parts.hostname or "").endswith(_GOOGLE)


def _refusal(response: HttpAnswer, role: str) -> str:
    """Why a request was refused: 'refuses this account (403); grant it roles/cloudscheduler.viewer'."""
    match response.status:
        case HTTPStatus.UNAUTHORIZED:
            return "refuses the credentials (401); check the service account and its key"
        case HTTPStatus.FORBIDDEN:
            return _forbidden(_reason(response.body), role)
        case HTTPStatus.NOT_FOUND:
            return "has nothing of that name (404)"
        case HTTPStatus.TOO_MANY_REQUESTS:
            return "refuses more requests for now (429); its quota is used up"
    return f"answered {response.status_line}"


def _forbidden(reason: str | None, role: str) -> str:
    match reason:
        case "SERVICE_DISABLED":
            return "is not enabled in this project (403); enable its API"
        case "ACCESS_TOKEN_SCOPE_INSUFFICIENT":
            return "refuses the token (403); the machine's scopes must include cloud-platform"
        case "RATE_LIMIT_EXCEEDED":
            return "refuses more requests for now (403); its quota is used up"
    return f"refuses this account (403); grant it {role}"


def _reason(body: bytes) -> str | None:
    """The reason in one of Google's errors, by which several kinds of 403 can be told apart."""
    try:
        details: Any = json.loads(body)["error"]["details"]
        return next((str(detail["reason"]) for detail in details if "reason" in detail), None)
    except (ValueError, TypeError, LookupError, RecursionError):
        return None
