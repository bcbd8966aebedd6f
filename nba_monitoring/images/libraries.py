"""Which library an import needs, and which libraries another one brings along.

`libraries.toml` has what is common in services and data pipelines. For a library that it doesn't have, an import with a
similar name counts as its own.
"""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Collection
from functools import cache
from pathlib import Path

from packaging.utils import canonicalize_name

# Python's own modules that not all supported versions have: (since, until).
_SINCE_UNTIL = {
    **dict.fromkeys("asynchat asyncore distutils imp smtpd".split(), ((3, 0), (3, 11))),
    **dict.fromkeys(
        "aifc audioop cgi cgitb chunk crypt imghdr lib2to3 mailcap msilib nis nntplib ossaudiodev pipes sndhdr spwd "
        "sunau telnetlib uu xdrlib".split(),
        ((3, 0), (3, 12)),
    ),
    "tomllib": ((3, 11), (4, 0)),
    "zoneinfo": ((3, 9), (4, 0)),
    "graphlib": ((3, 9), (4, 0)),
    "annotationlib": ((3, 14), (4, 0)),
    "compression": ((3, 14), (4, 0)),
}


def is_standard(module: str, python: tuple[int, int]) -> bool:
    """Whether a top-level module is Python's own in a version."""
    if module in _SINCE_UNTIL:
        since, until = _SINCE_UNTIL[module]
        return since <= python <= until
    return module in sys.stdlib_module_names


_TABLES = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
PROVIDERS: dict[str, list[str]] = _TABLES["modules"]
BRINGS: dict[str, list[str]] = _TABLES["brings"]
_COMMON = frozenset(name for names in BRINGS.values() for name in names)
# Packages that several libraries share: what is below them decides.
_SHARED = frozenset({"google", "google.cloud", "azure", "opentelemetry", "ruamel", "zope"})
_NAMED = frozenset(name for names in PROVIDERS.values() for name in names)


def is_shared(module: str) -> bool:
    """Whether several libraries put modules into this one, so that the names imported from it have to be looked up."""
    return module in _SHARED


def is_known(module: str) -> bool:
    """Whether a top-level module is that of a library in the tables."""
    name = canonicalize_name(module)
    return module in PROVIDERS or module in _SHARED or name in BRINGS or name in _COMMON


def provider_of(module: str) -> str:
    """The library that usually provides a module."""
    return _providers(module)[0]


@cache
def _providers(module: str) -> list[str]:
    parts = module.split(".")
    for length in range(len(parts), 0, -1):
        known = PROVIDERS.get(".".join(parts[:length]))
        if known:
            return known
    if parts[0] in _SHARED and len(parts) > 1:
        length = 3 if parts[:2] == ["google", "cloud"] else 2
        return [canonicalize_name(re.sub(r"_v\d\w*$", "", "-".join(parts[:length])))]
    return [canonicalize_name(parts[0])]


class Installed:
    """The libraries of an image, with those that they bring along."""

    def __init__(self, names: Collection[str], is_open: bool = False) -> None:
        """If it is open, the image may have any other library too."""
        self.is_open = is_open
        self.names = _with_brought(names)
        self._unlisted = [name for name in names if name not in BRINGS and name not in _NAMED]

    def find(self, module: str, exactly: bool = False) -> str | None:
        """The library that provides a module, or that has a similar name unless `exactly`; None if none does."""
        providers = _providers(module)
        found = next((name for name in providers if name in self.names), None)
        top = module.partition(".")[0]
        if found is None and module in _SHARED:
            found = next((name for name in self.names if name.startswith(f"{top}-")), None)
        if found or exactly:
            return found
        return next((name for name in self._unlisted if _similar(name, top)), None)

    def may_bring(self, library: str) -> str | None:
        """An installed library that may bring another one along, because nothing is known about it; else None."""
        if library not in _COMMON:
            return None
        return next((name for name in self._unlisted if not name.startswith("google-cloud-")), None)


def _with_brought(names: Collection[str]) -> frozenset[str]:
    found, waiting = set[str](), list(names)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            family = "google-cloud-" if name.startswith("google-cloud-") else ""
            waiting.extend(BRINGS.get(name, BRINGS.get(family, [])))
    return frozenset(found)


def _similar(library: str, module: str) -> bool:
    """Whether the names share a word, as in `acme-tools` and `acme`."""
    words = [set(re.split(r"[-_.]", name.lower())) for name in (library, module)]
    return bool(words[0] & words[1]) or module.lower().strip("_") in (
        re.sub(r"[-_.]", "", library),
        re.sub(r"^py(thon)?-?|-?py(thon)?$", "", library),
    )
