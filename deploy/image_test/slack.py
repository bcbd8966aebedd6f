"""A stand-in for Slack that accepts everything and prints each message's text, one JSON object per line."""

import itertools
import json
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

_TS = itertools.count(1)


class _Slack(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        answer: dict[str, Any] = {"ok": True, "channel": "C024BE91L", "ts": f"{next(_TS)}.0001"}
        if self.path == "/api/chat.postMessage":
            print(json.dumps({"text": json.loads(body)["text"]}), flush=True)
        elif self.path == "/api/users.conversations":
            answer = {"ok": True, "channels": [{"id": "C024BE91L", "name": "nba-alerts"}]}
        elif self.path.startswith("/api/conversations."):
            answer = {"ok": True, "messages": []}
        sent = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(sent)))
        self.end_headers()
        self.wfile.write(sent)

    def log_message(self, format: str, *args: object) -> None:
        """The messages are the log."""


HTTPServer(("", 8080), _Slack).serve_forever()
