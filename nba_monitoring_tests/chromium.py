"""A headless Chromium that is installed on the machine, driven by playwright."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
NO_CHROMIUM = "no Chromium on this machine: apt-get install chromium"


@contextmanager
def running_chromium() -> Iterator[Browser]:
    """A browser that ends with the context."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 there need not be one

    with sync_playwright() as started:
        # Chromium's own sandbox does not start for root.
        opened = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        try:
            yield opened
        finally:
            opened.close()
