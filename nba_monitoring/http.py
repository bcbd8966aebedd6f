"""HTTP requests, bounded in time, attempts and bytes. No error and no log line shows an address, a header or a body.

Not urllib3's own retries and redirects: they read an answer to its end before they go on, however long it is, and
know of no deadline. Its time limits count from byte to byte, so a request runs in a thread that is cut off in time.
"""

from __future__ import annotations

import logging
import os
import socket
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from http.client import responses
from importlib.metadata import version
from pathlib import Path
from typing import TypeVar
from urllib.parse import unquote, urljoin, urlsplit

from requests.utils import DEFAULT_CA_BUNDLE_PATH, get_environ_proxies, select_proxy
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager, ProxyManager
from urllib3 import exceptions as urllib3_errors
from urllib3.util import make_headers, parse_url

_THREAD = "bounded call"
_HEADERS = {
    "User-Agent": f"nba-monitoring/{version('nba_monitoring')} (data availability monitor)",
    "Accept-Encoding": "gzip",
}
_REDIRECTS = (301, 302, 303, 307, 308)

Returned = TypeVar("Returned")


@dataclass(frozen=True, slots=True)
class HttpPolicy:
    """Limits of the requests to one service; times are in seconds."""

    timeout: float = 10  # one attempt, from connecting to the last byte
    budget: float = 30  # all requests of one report
    retries: int = 2  # attempts after the first
    backoff: float = 0.5  # before the first retry, and twice as long before each further one
    longest_wait: float = 10  # a service that asks for a longer wait (Retry-After) is not asked again
    retry_on: tuple[int, ...] = (429, 500, 502, 503, 504)
    retry_unclear: bool = True  # whether a request that may have arrived is sent again
    redirects: int = 0  # of a GET that are followed; any other redirect is the answer
    max_bytes: int = 5_000_000  # ESPN's answer for a date with 11 games has 139,000


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """An answer of any status. Header names are in lower case."""

    status: int
    body: bytes
    headers: Mapping[str, str]

    @property
    def status_line(self) -> str:
        """'503 Service Unavailable'."""
        return f"{self.status} {responses.get(self.status, '')}".rstrip()

    @property
    def retry_after(self) -> timedelta | None:
        """How long to wait before the next request; None if the answer does not say it in seconds."""
        wait = self.headers.get("retry-after", "").strip()
        # timedelta can't represent a number with more digits.
        return timedelta(seconds=int(wait)) if wait.isdecimal() and len(wait) <= 9 else None


class HttpError(Exception):
    """No usable answer. The text says why."""


class InvalidRequestError(HttpError):
    """The address or a header contains a character that can't be sent."""


class NotSentError(HttpError):
    """The request did not reach the other side."""


class NoAnswerError(HttpError):
    """No complete answer came; the request may have arrived."""


class Deadline:
    """Hard time limit on calls, independent of a library's own timeouts."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    @property
    def left(self) -> float:
        """Seconds; never negative."""
        return max(0.0, self._end - time.monotonic())

    def within(self, seconds: float) -> Deadline:
        """This deadline, or an earlier one in some seconds."""
        return Deadline(min(self.left, seconds))

    def run(self, call: Callable[[], Returned]) -> Returned:
        """What `call` returns or raises. Raises TimeoutError at the deadline, and leaves the call's thread behind."""
        outcome: Future[Returned] = Future()

        def settle() -> None:
            try:
                outcome.set_result(call())
            except BaseException as error:
                outcome.set_exception(error)

        # A daemon: a call that hangs must not keep the process from ending.
        threading.Thread(target=settle, name=_THREAD, daemon=True).start()
        return outcome.result(self.left)


def fetch(
    url: str,
    policy: HttpPolicy,
    deadline: Deadline,
    headers: Mapping[str, str] | None = None,
    body: bytes | None = None,
) -> HttpAnswer:
    """The answer, whatever its status, to a GET, or with a body to a POST. Raises HttpError.

    By the environment's proxy (`HTTPS_PROXY`, `NO_PROXY`), if there is one. TLS certificates are checked against the
    machine's own and `REQUESTS_CA_BUNDLE` (unset: certifi's).
    """
    headers = {**_HEADERS, **(headers or {})}
    retries = redirects = 0
    while True:
        wait = policy.backoff * 2**retries
        try:
            answer = _attempt(url, headers, body, policy, deadline)
        except (NotSentError, NoAnswerError) as error:
            may_retry = policy.retry_unclear or isinstance(error, NotSentError)
            if not may_retry or retries == policy.retries or wait >= deadline.left:
                raise
        else:
            target = answer.headers.get("location")
            if policy.redirects and body is None and target and answer.status in _REDIRECTS:
                redirects += 1
                if redirects > policy.redirects:
                    raise HttpError(f"more than {policy.redirects} redirects")
                url, headers = _redirected(url, target, headers)
                continue
            if answer.retry_after is not None:
                wait = answer.retry_after.total_seconds()
            may_retry = answer.status in policy.retry_on and retries < policy.retries
            if not may_retry or wait > policy.longest_wait or wait >= deadline.left:
                return answer
        time.sleep(wait)
        retries += 1


def _redirected(url: str, target: str, headers: Mapping[str, str]) -> tuple[str, dict[str, str]]:
    try:
        new_url = urljoin(url, target)
        is_same_origin = urlsplit(new_url)[:2] == urlsplit(url)[:2]
    except ValueError:
        raise HttpError("a redirect to an invalid address") from None
    return new_url, {name: value for name, value in headers.items() if is_same_origin or name != "Authorization"}


def _attempt(
    url: str, headers: Mapping[str, str], body: bytes | None, policy: HttpPolicy, deadline: Deadline
) -> HttpAnswer:
    limit = min(policy.timeout, deadline.left)
    if not limit:
        raise NotSentError("no time was left for the request")
    attempt = _Attempt()
    try:
        return Deadline(limit).run(lambda: attempt.run(url, headers, body, limit, policy.max_bytes))
    except HttpError:
        raise
    except (TimeoutError, urllib3_errors.HTTPError, OSError, ValueError) as error:
        raise _failure(error, attempt.is_connected) from None
    finally:
        attempt.end()


class _Attempt:
    """One connection, with one request."""

    def __init__(self) -> None:
        self.is_connected = False
        self._sockets: list[socket.socket] = []
        self._has_ended = False
        self._lock = threading.Lock()

    def run(
        self, url: str, headers: Mapping[str, str], body: bytes | None, timeout: float, max_bytes: int
    ) -> HttpAnswer:
        with self._manager(url) as manager:
            response = manager.request(
                "GET" if body is None else "POST",
                url,
                body=body,
                headers=headers,
                timeout=timeout,
                retries=False,
                redirect=False,
                preload_content=False,
            )
            is_ok = response.status == HTTPStatus.OK
            try:
                content = response.read(max_bytes + 1)
            except urllib3_errors.ProtocolError:
                if is_ok:
                    raise NoAnswerError("the answer was cut off") from None
                content = b""  # of a refusal, the status is enough
            if is_ok and len(content) > max_bytes:
                raise HttpError(f"an answer of more than {max_bytes / 1_000_000:g} MB")
            named = {name.lower(): value for name, value in response.headers.items()}
            return HttpAnswer(response.status, content[:max_bytes], named)

    def end(self) -> None:
        """Cut the connection off, so that a thread that still waits for it ends too."""
        with self._lock:
            self._has_ended = True
            for opened in self._sockets:
                with suppress(OSError):
                    opened.shutdown(socket.SHUT_RDWR)
                opened.close()

    def _keep(self, opened: socket.socket) -> socket.socket:
        with self._lock:
            if self._has_ended:
                opened.close()
                raise TimeoutError
            # TLS takes the socket itself away; its duplicate is the same connection.
            self._sockets.append(opened.dup())
        return opened

    def _manager(self, url: str) -> PoolManager:
        tls = _tls() if url.lower().startswith("https:") else None
        proxy = select_proxy(url, get_environ_proxies(url))
        if proxy:
            proxy = proxy if "://" in proxy else f"http://{proxy}"
            auth = parse_url(proxy).auth
            signed = make_headers(proxy_basic_auth=unquote(auth)) if auth else None
            manager: PoolManager = ProxyManager(proxy, proxy_headers=signed, ssl_context=tls)
        else:
            manager = PoolManager(ssl_context=tls)
        pools = {"http": HTTPConnectionPool, "https": HTTPSConnectionPool}
        manager.pool_classes_by_scheme = {scheme: self._watched(pool) for scheme, pool in pools.items()}
        return manager

    def _watched(self, pool: type[HTTPConnectionPool]) -> type[HTTPConnectionPool]:
        """A pool whose connections this attempt knows before their first byte."""
        attempt = self

        class Connection(pool.ConnectionCls):  # type: ignore[misc, name-defined]  # HTTP's or HTTPS's
            def _new_conn(self) -> socket.socket:
                return attempt._keep(super()._new_conn())

            def connect(self) -> None:
                super().connect()
                attempt.is_connected = True

        return type(pool.__name__, (pool,), {"ConnectionCls": Connection})


def _tls() -> ssl.SSLContext:
    context = ssl.create_default_context()
    bundle = os.environ.get("REQUESTS_CA_BUNDLE") or DEFAULT_CA_BUNDLE_PATH
    context.load_verify_locations(**{"capath" if Path(bundle).is_dir() else "cafile": bundle})
    return context


def _failure(error: Exception, is_connected: bool) -> HttpError:
    if isinstance(error, urllib3_errors.DecodeError):
        return HttpError("an answer that can't be unpacked")
    if isinstance(error, ValueError):
        return InvalidRequestError("an address or a header with an invalid character")
    kind = NoAnswerError if is_connected else NotSentError
    return kind(_reason(error))


def _reason(error: BaseException) -> str:
    """Named by its kind: its own text may contain a secret."""
    match error:
        case urllib3_errors.ProxyError(original_error=cause):
            return f"the proxy failed: {_reason(cause)}"
        case urllib3_errors.SSLError(args=(ssl.SSLCertVerificationError() as cause, *_)):
            return f"its TLS certificate is not valid ({cause.verify_message})"
        case urllib3_errors.SSLError(args=(ssl.SSLError() as cause, *_)):
            return f"TLS failed ({cause.reason or 'no reason given'})"
        case urllib3_errors.NameResolutionError():
            return "no such host name, or no network"
        case OSError(strerror=str(reason)) | urllib3_errors.NewConnectionError(__cause__=OSError(strerror=str(reason))):
            return reason[:1].lower() + reason[1:]
        case TimeoutError() | urllib3_errors.TimeoutError():
            return "timed out"
        case urllib3_errors.ProtocolError():
            return "the connection was dropped"
    return type(error).__name__


def _is_of_others(record: logging.LogRecord) -> bool:
    return record.threadName != _THREAD


# Both write addresses into the log, which may be secrets.
for _name in ("urllib3.connection", "urllib3.connectionpool"):
    logging.getLogger(_name).addFilter(_is_of_others)
