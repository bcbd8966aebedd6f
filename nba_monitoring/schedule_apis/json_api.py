"""Ask a schedule service for JSON, and validate it."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from urllib.parse import urlencode, urlsplit

from nba_monitoring.http import Deadline, HttpError, HttpPolicy, fetch
from nba_monitoring.json_answers import Answer, ApiError, validated

DEFAULT_POLICY = HttpPolicy(redirects=3)

Params = Mapping[str, str | list[str]]


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
            raise ApiError(f"{self._host} answered {response.status_line}", response.status)
        return validated(response.body, answer, self._host)
