"""Apprise addresses, kept out of the log: Apprise and urllib3 would write them there, and they contain secrets."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from apprise import NotifyBase


def service_at(address: str) -> NotifyBase | None:
    """The service at an address, which follows no redirect; None if Apprise can't use the address."""
    # Imported here: it takes half a second, which only users with an address should wait.
    from apprise import Apprise, AppriseAsset

    log = logging.getLogger("apprise")
    # Its results still have what it logs: with the details, which tell whether a request was sent.
    log.propagate = False
    log.setLevel(logging.DEBUG)
    if not log.handlers:
        log.addHandler(logging.NullHandler())
    logging.getLogger("urllib3.connectionpool").setLevel(logging.INFO)
    # A redirect does not count as delivery.
    return Apprise.instantiate(address, asset=AppriseAsset(http_redirects=False))
