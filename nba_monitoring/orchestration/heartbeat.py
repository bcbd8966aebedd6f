"""The dead man's switch: an outside watcher that misses the heartbeat notices a daemon that is dead."""

from __future__ import annotations

import requests
from pydantic import SecretStr
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

TIMEOUT_SECONDS = 10


def beat(url: SecretStr) -> str | None:
    """Fetch the watcher's address. Returns what went wrong, without the address, which is a secret; None if nothing."""
    address = url.get_secret_value()
    with requests.Session() as session:
        retries = Retry(total=2, backoff_factor=0.5, status_forcelist=[500, 502, 503, 504])
        session.mount(address, HTTPAdapter(max_retries=retries))
        try:
            answer = session.get(address, timeout=TIMEOUT_SECONDS)
        except requests.RequestException as error:
            return type(error).__name__
    return None if answer.ok else f"the watcher answered {answer.status_code}"
