"""Where the morning page is written for people to read: a folder, or a bucket of Cloud Storage."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from nba_monitoring.reports.page import PageError, write_page
from nba_monitoring.setting_values import BUCKET

INDEX = "index.html"

# Seconds to connect, and between two bytes of the answer; and for all attempts.
_TIMEOUT = (5.0, 20.0)
_ALL_ATTEMPTS = 60.0


def publish(text: str, place: str) -> None:
    """Write the page as index.html to a folder or `gs://bucket/path`: whole, or the earlier one stays.

    Raises PageError.
    """
    if place.startswith(BUCKET):
        _upload(text, place.rstrip("/"))
    else:
        write_page(text, Path(place) / INDEX)


def _upload(text: str, place: str) -> None:
    # Imported here: Google's client takes half a second, and a folder needs none.
    from google.api_core.exceptions import GoogleAPICallError, GoogleAPIError
    from google.auth.exceptions import GoogleAuthError
    from google.cloud import storage
    from google.cloud.storage.retry import DEFAULT_RETRY
    from requests import RequestException

    bucket, _, folder = place.removeprefix(BUCKET).partition("/")
    address = f"{place}/{INDEX}"
    try:
        with closing(storage.Client(project=None)) as client:
            blob = client.bucket(bucket).blob(f"{folder}/{INDEX}" if folder else INDEX)
            # By default a public object is served from caches for an hour.
            blob.cache_control = "no-cache"
            blob.upload_from_string(
                text.encode(),
                content_type="text/html; charset=utf-8",
                timeout=_TIMEOUT,
                retry=DEFAULT_RETRY.with_timeout(_ALL_ATTEMPTS),
            )
    except GoogleAPICallError as error:
        raise PageError(f"{address}: {_refusal(error.code)}") from error
    except (GoogleAPIError, GoogleAuthError, RequestException, OSError) as error:
        raise PageError(f"{address}: can't be uploaded ({type(error).__name__})") from error


def _refusal(status: int | None) -> str:
    match status:
        case 403:
            return "Cloud Storage refuses this account (403); grant it roles/storage.objectUser on the bucket"
        case 404:
            return "no such bucket (404); check NBA_MONITORING_REPORT_TO"
    return f"Cloud Storage answered {status}; the next page is written tomorrow, or run season_report_job"
