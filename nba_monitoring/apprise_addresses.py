"""Addresses of Apprise, taken in without a word in the log: Apprise and urllib3 write addresses there, and secrets."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from apprise import NotifyBase


def service_at(address: str) -> NotifyBase | None:
    """The service at an address, which follows no redirect; None for what Apprise can't use."""
    # Imported here: it takes half a second, which only those who have set an address need wait.
    from apprise import Apprise, AppriseAsset

    log = logging.getLogger("apprise")
    # Its results still hold what it logs.
    log.propagate = False
    if not log.handlers:
        log.addHandler(logging.NullHandler())
    logging.getLogger("urllib3.connectionpool").setLevel(logging.INFO)
    # The page behind a redirect is no delivery.
    return Apprise.instantiate(address, asset=AppriseAsset(http_redirects=False))
