"""The page in a folder, and in a bucket of a Cloud Storage on the loopback."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from nba_monitoring.reports import publishing
from nba_monitoring.reports.page import PageError
from nba_monitoring.reports.publishing import publish
from nba_monitoring_tests.loopback import Answer, LoopbackServer

PAGE = '<meta name="generator" content="nba-monitoring report"><h1>Bereit ✓</h1>'
UPLOAD = "/upload/storage/v1/b/morning-pages/o"


@pytest.fixture
def storage(monkeypatch: pytest.MonkeyPatch) -> Iterator[LoopbackServer]:
    for name in ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"):
        monkeypatch.delenv(name, raising=False)
    with LoopbackServer() as server:
        monkeypatch.setenv("STORAGE_EMULATOR_HOST", server.url)
        server.answer(UPLOAD, Answer.json({"name": "index.html", "bucket": "morning-pages"}))
        yield server


def test_a_folder_gets_the_page_as_its_index_and_keeps_what_is_not_ours(tmp_path: Path) -> None:
    folder = tmp_path / "made" / "pages"
    publish(PAGE.replace("✓", ""), str(folder))
    publish(PAGE, f"{folder}/")
    assert [found.name for found in folder.iterdir()] == ["index.html"]
    assert (folder / "index.html").read_text() == PAGE
    (folder / "index.html").write_text("<h1>The wiki</h1>")
    with pytest.raises(PageError, match="exists and is not a report; choose another file"):
        publish(PAGE, str(folder))
    assert (folder / "index.html").read_text() == "<h1>The wiki</h1>"


@pytest.mark.parametrize(
    ("place", "name"),
    [
        ("gs://morning-pages", "index.html"),
        ("gs://morning-pages/nba/today/", "nba/today/index.html"),
    ],
)
def test_a_bucket_gets_the_page_whole_in_one_request_and_no_cache_keeps_it(
    storage: LoopbackServer, place: str, name: str
) -> None:
    publish(PAGE, place)
    (request,) = storage.requests_to(UPLOAD)
    assert request.method == "POST"
    sent = request.body.decode()
    assert f'"name": "{name}"' in sent
    assert '"cacheControl": "no-cache"' in sent
    assert "content-type: text/html; charset=utf-8" in sent
    assert PAGE in sent


def test_an_upload_is_sent_again_after_a_503(storage: LoopbackServer, monkeypatch: pytest.MonkeyPatch) -> None:
    ready = Answer.json({"name": "index.html"})
    storage.answer(UPLOAD, Answer(status=503), ready)
    publish(PAGE, "gs://morning-pages")
    assert len(storage.requests_to(UPLOAD)) == 2


@pytest.mark.parametrize(
    ("status", "complaint"),
    [
        (403, "Cloud Storage refuses this account (403); grant it roles/storage.objectUser on the bucket"),
        (404, "no such bucket (404); check NBA_MONITORING_REPORT_TO"),
        (412, "Cloud Storage answered 412; "),
    ],
)
def test_a_refused_upload_says_what_to_do(storage: LoopbackServer, status: int, complaint: str) -> None:
    storage.answer(UPLOAD, Answer.json({"error": {"message": "secret of the project"}}, status=status))
    with pytest.raises(PageError) as error:
        publish(PAGE, "gs://morning-pages/nba")
    assert str(error.value).startswith(f"gs://morning-pages/nba/index.html: {complaint}")
    assert "secret" not in str(error.value)


def test_a_storage_out_of_reach_is_given_up_in_time(storage: LoopbackServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publishing, "_ALL_ATTEMPTS", 0.1)
    storage.answer(UPLOAD, Answer(drop=True))
    with pytest.raises(PageError, match=r"gs://morning-pages/index.html: can't be uploaded \("):
        publish(PAGE, "gs://morning-pages")
