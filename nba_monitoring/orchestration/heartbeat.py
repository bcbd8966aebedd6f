"""Heartbeat to an outside watcher, which alerts when it stops."""

from __future__ import annotations

from pydantic import SecretStr

from nba_monitoring.http import Deadline, HttpError, HttpPolicy, fetch

# A redirect is not followed: a sign-in page behind it would look like success.
POLICY = HttpPolicy(timeout=5, max_bytes=100_000)


def send_heartbeat(url: SecretStr, deadline: Deadline, policy: HttpPolicy = POLICY) -> str | None:
    """Fetch the watcher's address. Returns what went wrong, without the address, which is a secret; None if nothing."""
    try:
        answer = fetch(url.get_secret_value(), policy, deadline)
    except HttpError as error:
        return str(error)
    if 300 <= answer.status < 400:
        return f"the watcher redirects ({answer.status}), and redirects are not followed"
    return None if answer.status < 300 else f"the watcher answered {answer.status}"
