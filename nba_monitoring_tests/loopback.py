"""An HTTP server on 127.0.0.1 that answers by script and remembers what it was asked.

    with LoopbackServer() as server:
        server.answer("/hook", Answer(status=500), Answer.json({"ok": True}))  # the last one repeats
        post(f"{server.url}/hook")
        assert server.requests[0].json == {"text": "..."}

A scripted answer can also be a function of the request. A path without a script gets `server.default` (404).
"""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Literal
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True)
class Request:
    """One request as it arrived. `query` and `form` have one list per name; header names are case-insensitive."""

    method: str
    path: str
    query: dict[str, list[str]]
    headers: Message
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def form(self) -> dict[str, list[str]]:
        return parse_qs(self.body.decode(), keep_blank_values=True)


@dataclass(frozen=True)
class Answer:
    """One scripted answer.

    `delay` is seconds before the first byte, `drip` seconds between pieces of 1 KB. `drop` closes the connection
    without an answer; `truncate_at` announces the whole body and closes after that many bytes; `announce_length` False
    omits Content-Length, so that the body ends with the connection. `endless` repeats "headers", "continue" (interim
    answers) or the "body" until the client hangs up, `drip` seconds apart.
    """

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    delay: float = 0.0
    drip: float = 0.0
    drop: bool = False
    truncate_at: int | None = None
    announce_length: bool = True
    endless: Literal["headers", "continue", "body"] | None = None

    @classmethod
    def json(cls, value: object, status: int = 200, **more: Any) -> Answer:
        headers = {"Content-Type": "application/json", **more.pop("headers", {})}
        return cls(json.dumps(value).encode(), status, headers, **more)


ScriptedAnswer = Answer | Callable[[Request], Answer]


class LoopbackServer:
    """Serves while entered; closing it ends answers still under way."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.requests: list[Request] = []
        self.default: ScriptedAnswer = Answer.json({"error": "no script for this path"}, status=404)
        self._scripts: dict[str, list[ScriptedAnswer]] = {}
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._http = _Http(self)
        if tls:
            self._http.socket = tls.wrap_socket(self._http.socket, server_side=True)
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.01,), daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_address[1]}"

    def answer(self, path: str, *answers: ScriptedAnswer) -> None:
        """Script a path again: one answer per request, in order; the last one serves every later request."""
        with self._lock:
            self._scripts[path] = list(answers)

    def requests_to(self, path: str) -> list[Request]:
        return [request for request in self.requests if request.path == path]

    def __enter__(self) -> LoopbackServer:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._closing.set()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    def _take(self, request: Request) -> Answer:
        with self._lock:
            self.requests.append(request)
            script = self._scripts.get(request.path, [])
            scripted = (script.pop(0) if len(script) > 1 else script[0]) if script else self.default
        return scripted if isinstance(scripted, Answer) else scripted(request)


class _Http(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, loopback: LoopbackServer) -> None:
        self.loopback = loopback
        super().__init__(("127.0.0.1", 0), _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up early is part of the tests; its traceback would only be noise."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Http

    def _respond(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        url = urlsplit(self.path)
        query = parse_qs(url.query, keep_blank_values=True)
        answer = self.server.loopback._take(Request(self.command, url.path, query, self.headers, body))
        closing = self.server.loopback._closing
        if closing.wait(answer.delay) or answer.drop:
            self.close_connection = True
            return
        if answer.endless:
            self._never_end(answer)
            return
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if answer.announce_length:
            self.send_header("Content-Length", str(len(answer.body)))
        self.close_connection = not answer.announce_length or answer.truncate_at is not None
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command == "HEAD":
            return
        sent = answer.body[: answer.truncate_at]
        piece = 1024 if answer.drip else max(len(sent), 1)
        for start in range(0, len(sent), piece):
            self.wfile.write(sent[start : start + piece])
            if closing.wait(answer.drip):
                return

    def _never_end(self, answer: Answer) -> None:
        self.close_connection = True
        status = f"HTTP/1.1 {answer.status} Endless\r\n".encode()
        start, piece = {
            "headers": (status, b"X-Padding: 1\r\n"),
            "continue": (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
            "body": (status + b"\r\n", answer.body),
        }[answer.endless or "body"]
        self.wfile.write(start)
        while not self.server.loopback._closing.wait(answer.drip):
            self.wfile.write(piece)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = _respond

    def log_message(self, format: str, *args: object) -> None:
        """Tests read `requests`, not a log."""
