"""The proxy in front of the web interface: real Caddy, Dagster's own web servers, and pages of others in Chromium."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

from nba_monitoring_tests.chromium import CHROMIUM, NO_CHROMIUM, running_chromium
from nba_monitoring_tests.deploy.files import DEPLOY
from nba_monitoring_tests.loopback import Answer, LoopbackServer
from nba_monitoring_tests.orchestration.served import Served, ServedMonitor
from nba_monitoring_tests.services import PATIENCE_SECONDS, free_port

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext

pytestmark = [pytest.mark.daemon, pytest.mark.xdist_group("postgres"), pytest.mark.timeout(900)]

CADDY = Path(sys.executable).with_name("caddy")
OPERATOR, VIEWER, PASSWORD = "kim", "lee", "s3cret"
LIMITS = "{ instance { concurrencyLimits { concurrencyKey } } }"
MUTATION = 'mutation { setConcurrencyLimit(concurrencyKey: "%s", limit: 1) }'
# What a page can send to another origin without asking it first, each under a name of its own.
ATTACK = """<title>busy</title><form id="form" method="post" enctype="text/plain" target="frame"></form>
<iframe name="frame"></iframe><script>
const at = name => `${TARGET}/graphql?query=` + encodeURIComponent(MUTATION.replace('%s', NAME + name));
const open = {mode: 'no-cors', credentials: 'include'};
async function attack() {
  await fetch(TARGET + '/server_info', open).catch(() => 0);
  await fetch(at('get'), open).catch(() => 0);
  await fetch(at('post'), {...open, method: 'POST', body: 'x'}).catch(() => 0);
  const image = new Image();
  await new Promise(done => { image.onload = image.onerror = done; image.src = at('image'); });
  form.action = at('form'); form.submit();
  await new Promise(done => setTimeout(done, 2000));
  await new Promise(done => {
    const socket = new WebSocket(TARGET.replace('http', 'ws') + '/graphql', 'graphql-ws');
    socket.onopen = () => { document.body.dataset.socket = 'open'; done(); };
    socket.onerror = done;
  });
  document.title = 'done';
}
attack();
</script>"""


@dataclass(frozen=True)
class Proxy:
    """The shipped Caddyfile before a web server, and before one with `--read-only`."""

    dagster: Served
    url: str
    read_only_url: str

    def status_of(self, url: str, user: str = OPERATOR, password: str = PASSWORD, **headers: str) -> int:
        signed = "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            with urllib.request.urlopen(urllib.request.Request(url, headers={"Authorization": signed} | named)) as got:
                return int(got.status)
        except urllib.error.HTTPError as refused:
            return refused.code

    def mutate(self, url: str, name: str, user: str) -> Any:
        signed = "Basic " + base64.b64encode(f"{user}:{PASSWORD}".encode()).decode()
        body = json.dumps({"query": MUTATION % name}).encode()
        headers = {"Authorization": signed, "Content-Type": "application/json"}
        try:
            with urllib.request.urlopen(urllib.request.Request(f"{url}/graphql", body, headers)) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as refused:
            return json.load(refused)

    def limits(self, prefix: str) -> set[str]:
        """The limits that mutations have set, without what their names begin with."""
        found = self.dagster.graphql(LIMITS)["instance"]["concurrencyLimits"]
        names = {limit["concurrencyKey"] for limit in found}
        return {name.removeprefix(prefix) for name in names if name.startswith(prefix)}


@contextmanager
def running(command: list[str], environment: dict[str, str], log: Path) -> Iterator[None]:
    with log.open("wb") as written:
        process = subprocess.Popen(command, env=environment, stdout=written, stderr=written)
    try:
        yield
    finally:
        process.terminate()
        process.wait()


@pytest.fixture(scope="module")
def proxy(production: ServedMonitor, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    folder, dagster = tmp_path_factory.mktemp("proxy"), production.dagster
    hashed = subprocess.run(
        [CADDY, "hash-password", "--plaintext", PASSWORD], capture_output=True, text=True, check=True
    ).stdout.strip()
    (folder / "web_users").write_text(f"{OPERATOR} {hashed}\n")
    (folder / "web_viewers").write_text(f"{VIEWER} {hashed}\n")
    port, read_only_port, inner_port = free_port(), free_port(), free_port()
    text = (DEPLOY / "Caddyfile").read_text().replace("/run/secrets", str(folder))
    for shipped, ours in (("http://:3000 {", port), ("http://:3001 {", read_only_port)):
        assert shipped in text
        text = text.replace(shipped, f"http://:{ours} {{\n\tbind 127.0.0.1")
    (folder / "Caddyfile").write_text(text)
    environment = {
        "WEB": dagster.url.removeprefix("http://"),
        "WEB_READ_ONLY": f"127.0.0.1:{inner_port}",
        "HOME": str(folder),
    }
    web = [sys.executable, "-m", "dagster_webserver", "-h", "127.0.0.1", "-p", str(inner_port), "--read-only"]
    with ExitStack() as stack:
        caddy = [str(CADDY), "run", "--config", str(folder / "Caddyfile"), "--adapter", "caddyfile"]
        stack.enter_context(running(caddy, environment, folder / "caddy.log"))
        workspace = ["-w", str(dagster.home / "workspace.yaml")]
        stack.enter_context(running([*web, *workspace], dagster.environment, folder / "web.log"))
        made = Proxy(dagster, f"http://127.0.0.1:{port}", f"http://127.0.0.1:{read_only_port}")
        dagster.wait_for("the proxy", lambda: made.status_of(f"{made.url}/server_info") == 200)
        answers = f"{made.read_only_url}/server_info"
        dagster.wait_for("the read-only web server", lambda: made.status_of(answers, VIEWER) == 200)
        yield made


@pytest.fixture(scope="module")
def browser() -> Iterator[BrowserContext]:
    """Signed in wherever it is asked to."""
    if CHROMIUM is None:
        pytest.skip(NO_CHROMIUM)
    with running_chromium() as opened:
        context = opened.new_context(http_credentials={"username": OPERATOR, "password": PASSWORD})
        context.set_default_timeout(PATIENCE_SECONDS * 1000)
        yield context


def test_nobody_gets_in_without_a_password(proxy: Proxy) -> None:
    page = f"{proxy.url}/server_info"
    assert proxy.status_of(page) == 200
    assert proxy.status_of(page, password="guessed") == 401
    assert proxy.status_of(page, VIEWER) == 401
    assert proxy.status_of(f"{proxy.read_only_url}/server_info", OPERATOR) == 401


def attack(browser: BrowserContext, target: str, name: str, host: str) -> tuple[set[int], str | None]:
    """Open a page of another site that does what it can. Gives the statuses it got, and "open" for a web socket."""
    statuses = set[int]()
    parts = {"TARGET": json.dumps(target), "MUTATION": json.dumps(MUTATION), "NAME": json.dumps(name)}
    script = "".join(f"const {key} = {value};" for key, value in parts.items())
    with LoopbackServer() as elsewhere:
        elsewhere.default = Answer(
            ATTACK.replace("<script>", f"<script>{script}").encode(), headers={"Content-Type": "text/html"}
        )
        page = browser.new_page()
        try:
            # So that the browser knows the password.
            page.goto(f"{target}/server_info")
            page.on("response", lambda got: statuses.add(got.status) if got.url.startswith(target) else None)
            page.goto(elsewhere.url.replace("127.0.0.1", host))
            page.wait_for_function("document.title === 'done'")
            return statuses, page.locator("body").get_attribute("data-socket")
        finally:
            page.close()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"], ids=["another port", "another site"])
def test_a_page_of_another_origin_changes_nothing(proxy: Proxy, browser: BrowserContext, host: str) -> None:
    """Without the proxy, it changes as much as it likes."""
    name = f"{host}-"
    assert attack(browser, proxy.dagster.url, f"bare-{name}", host) == ({200}, "open")
    assert proxy.limits(f"bare-{name}") == {"get", "post", "image", "form"}
    statuses, socket = attack(browser, proxy.url, name, host)
    assert statuses == {403}
    assert socket is None
    assert proxy.limits(name) == set()


def test_a_link_to_a_mutation_changes_nothing_and_one_to_a_page_opens_it(proxy: Proxy, browser: BrowserContext) -> None:
    mutation = f"{proxy.url}/graphql?query={quote(MUTATION % 'link')}"
    with LoopbackServer() as elsewhere:
        links = f'<a id="mutation" href="{mutation}">m</a> <a id="page" href="{proxy.url}/assets">p</a>'
        elsewhere.default = Answer(links.encode(), headers={"Content-Type": "text/html"})
        page = browser.new_page()
        page.goto(elsewhere.url)
        with page.expect_response(lambda answer: "/graphql" in answer.url) as got:
            page.click("#mutation")
        assert got.value.status == 405
        page.goto(elsewhere.url)
        page.click("#page")
        # The page writes each name twice, and one of them, which it measures, is hidden.
        page.get_by_text("data_availability_checks").first.wait_for(state="attached")
        page.close()
    assert proxy.limits("link") == set()


def test_a_mutation_by_get_is_refused_however_its_address_is_written(proxy: Proxy) -> None:
    query = quote(MUTATION % "get")
    for path in ("/graphql", "//graphql", "/GRAPHQL", "/%67raphql", "/./graphql", "/x/../graphql", "/graphql/"):
        assert proxy.status_of(f"{proxy.url}{path}?query={query}") == 405
    assert proxy.limits("get") == set()


def test_an_old_browser_that_only_sends_its_origin_is_refused_too(proxy: Proxy) -> None:
    page = f"{proxy.url}/server_info"
    assert proxy.status_of(page, Origin="http://elsewhere.example") == 403
    assert proxy.status_of(page, Origin="null") == 403
    assert proxy.status_of(page, Origin=proxy.url) == 200


def test_an_operator_changes_what_a_viewer_only_looks_at(proxy: Proxy) -> None:
    assert proxy.mutate(proxy.url, "operator", OPERATOR)["data"]["setConcurrencyLimit"] is True
    assert "UnauthorizedError" in str(proxy.mutate(proxy.read_only_url, "viewer", VIEWER))
    assert proxy.limits("operator") == {""}
    assert proxy.limits("viewer") == set()
