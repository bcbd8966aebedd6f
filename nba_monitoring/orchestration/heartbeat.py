"""The dead man's switch: an outside watcher that misses the heartbeat notices a daemon that is dead."""

from __future__ import annotations

import logging
import time

import requests
from pydantic import SecretStr

TIMEOUT_SECONDS = 10
ATTEMPTS = 3
PAUSE_SECONDS = 0.5


def beat(url: SecretStr) -> str | None:
    """Fetch the watcher's address. Returns what went wrong, without the address, which is a secret; None if nothing."""
    # urllib3 writes each address to the log that it fetches, and as a warning each that it tries again by itself.
    logging.getLogger("urllib3.connectionpool").setLevel(logging.INFO)
    failure = None
    for attempt in range(ATTEMPTS):
        time.sleep(PAUSE_SECONDS * attempt)
        try:
            answer = requests.get(url.get_secret_value(), timeout=TIMEOUT_SECONDS)
        except requests.RequestException as error:
            failure = type(error).__name__
        else:
            failure = None if answer.ok else f"the watcher answered {answer.status_code}"
            if answer.status_code < 500:
                return failure
    return failure
