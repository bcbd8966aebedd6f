"""How a setting is read from its text. Each function returns the value, or raises ValueError with what is wrong."""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit

from pydantic import ByteSize, SecretStr, TypeAdapter, ValidationError

from nba_monitoring.apprise_addresses import service_at
from nba_monitoring.core.games import SeasonType
from nba_monitoring.core.stage_fields import placeholders_in

# BigQuery bills at least 10 MiB per table and query.
LEAST_BYTES_BILLED = 10 * 2**20

BUCKET = "gs://"

# What an alert is about: its stage or its kind of monitor alert, and its status.
RUNBOOK_PLACEHOLDERS = ("stage", "status")

_BUCKET = re.compile(r"gs://[a-z0-9][a-z0-9._-]{1,220}[a-z0-9](/[^?#\s]*)?")
_USER_INFO = re.compile(r"(\w[\w+.-]*://)?.*@", re.DOTALL)
# Older projects have an id under a domain: example.com:my-project.
_PROJECT = re.compile(r"([a-z0-9.-]+:)?[a-z][a-z0-9-]{4,28}[a-z0-9]")
_PUBLIC_OPTIONS = re.compile(r"location=[\w-]*")


def _without_secrets(address: str) -> str:
    """An address for an error message, without a password before an @ or in its options."""
    place, mark, options = _USER_INFO.sub(r"\1***@", address).partition("?")
    return place + mark + (options if not options or _PUBLIC_OPTIONS.fullmatch(options) else "***")


def warehouse_url(value: str) -> str:
    """An address of a DuckDB file or a BigQuery project."""
    try:
        parts = urlsplit(value)
    except ValueError:
        # urlsplit's own errors quote parts of the address.
        raise ValueError("must be an address: duckdb:///path/to/file.duckdb or bigquery://PROJECT") from None
    shown = repr(_without_secrets(value))
    if parts.scheme == "duckdb":
        if parts.netloc or len(parts.path) < 2:
            raise ValueError(f"{shown} needs three slashes and a path, as in duckdb:///path/to/file.duckdb")
        if "\0" in unquote(parts.path):
            raise ValueError(f"{shown} has %00, which no path can contain")
    elif parts.scheme == "bigquery":
        if not parts.netloc or "@" in parts.netloc or parts.path not in ("", "/"):
            raise ValueError(
                f"{shown} needs a project and nothing after it, as in bigquery://PROJECT?location=us-west2"
            )
    else:
        raise ValueError(f"{shown} is neither duckdb:///path/to/file.duckdb nor bigquery://PROJECT?location=us-west2")
    known = {"location"} if parts.scheme == "bigquery" else set()
    # An option without a value may be the rest of a password with an unescaped question mark.
    options = [option.partition("=") for option in parts.query.split("&") if option]
    unknown = sorted({name if equals else "***" for name, equals, _ in options} - known)
    if unknown:
        raise ValueError(
            f"unknown option {', '.join(unknown)}; {parts.scheme}:// takes {', '.join(known) or 'no options'}"
        )
    return value


def http_url(value: str) -> str:
    """An HTTP address. Errors never show it."""
    # The address may be a secret, and urlsplit's own errors quote parts of it.
    try:
        parts = urlsplit(value)
        is_http = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_http = False
    if not is_http or any(letter.isspace() for letter in value):
        raise ValueError("must be an http:// or https:// address")
    return value


def runbook_url(value: str) -> str:
    """An HTTP address that may contain {stage} and {status}."""
    for name in placeholders_in(value):
        if name not in RUNBOOK_PLACEHOLDERS:
            known = " and ".join(f"{{{each}}}" for each in RUNBOOK_PLACEHOLDERS)
            raise ValueError(f"unknown placeholder {{{name}}}; use {known}")
    return http_url(value)


def secret_http_url(value: SecretStr) -> SecretStr:
    """The same, kept secret."""
    http_url(value.get_secret_value())
    return value


def notify_urls(value: object) -> object:
    """The addresses, checked by Apprise. Errors give the position of a bad one, which may contain a password."""
    if not isinstance(value, str):
        return value
    addresses = [address for address in map(str.strip, value.split(",")) if address]
    for position, address in enumerate(addresses, start=1):
        if "://" not in address or service_at(address) is None:
            raise ValueError(
                f"address {position} of {len(addresses)} is not one Apprise supports (see appriseit.com); "
                "write a comma inside an address as %2C"
            )
    return addresses


def report_to(value: str) -> str:
    """A folder, or a bucket of Cloud Storage with or without a path in it."""
    if value.startswith(BUCKET):
        if not _BUCKET.fullmatch(value):
            raise ValueError(f"{value!r} is not an address in Cloud Storage, such as gs://bucket/path")
    elif not value.startswith("/"):
        raise ValueError(f"{value!r} is neither the absolute path of a folder nor gs://bucket/path")
    return value


def google_project(value: str) -> str:
    """The id of a project of Google Cloud, which becomes part of an address."""
    if not _PROJECT.fullmatch(value):
        raise ValueError(f"{value!r} is not the id of a Google Cloud project, such as nba-props-platform")
    return value


def emulator_host(value: str) -> str:
    """An emulator's address, given with or without its scheme."""
    return http_url(value if "://" in value else f"http://{value}")


def environment(value: str) -> str:
    """The name of an environment."""
    # It precedes the title of each message, and a phone shows only some 40 characters.
    if len(value) > 30 or not value.isprintable():
        raise ValueError("must be one line of at most 30 characters")
    return value


def season_types(value: object) -> object:
    """Parts of the season, given with commas between them."""
    if not isinstance(value, str):
        return value
    named = [part.strip() for part in value.split(",")]
    unknown = [part for part in named if part not in set(SeasonType)]
    if unknown:
        raise ValueError(f"{', '.join(map(repr, unknown))}: not a part of the season; use {', '.join(SeasonType)}")
    return named


def max_bytes_billed(value: object) -> int:
    """A number of bytes, given with or without a unit."""
    try:
        size = TypeAdapter(ByteSize).validate_python(value)
    except ValidationError:
        raise ValueError(f"{value!r} is not a size; write 10737418240 or 10 GiB") from None
    if size < LEAST_BYTES_BILLED:
        raise ValueError(f"{value!r} is below 10 MiB, BigQuery's minimum per query; every query would be refused")
    return size
