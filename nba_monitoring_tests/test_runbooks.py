"""Each stage and each kind of monitor alert has its page in docs/runbooks, and what a page says to run can be run."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import click
import duckdb
import pytest

from nba_monitoring.alerts.chain_alerts import ALERTED
from nba_monitoring.alerts.messages.monitor_messages import break_message
from nba_monitoring.cli.main import cli
from nba_monitoring.core.chain import chain
from nba_monitoring.core.chain_facts import DagsterSeen, Facts, FailingRun, HeartbeatSeen, ServicesSeen
from nba_monitoring.core.checked import Checked
from nba_monitoring.sample import write_sample
from nba_monitoring.warehouse import open_warehouse
from nba_monitoring_tests.alerts.gallery import NOT_CHECKED, gallery
from nba_monitoring_tests.alerts.test_messages import REWRITE, same_as_kept
from nba_monitoring_tests.days import DAY, eastern
from nba_monitoring_tests.morning import settings_for
from nba_monitoring_tests.runbooks import FOLDER, HEADINGS, INDEX, PAGES, TO_WRITE, index, made, skeleton


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """The sample, with the monitor's own tables."""
    path = tmp_path_factory.mktemp("runbooks") / "sample.duckdb"
    write_sample(path, datetime(2026, 3, 1, tzinfo=UTC))
    with open_warehouse(settings_for(path).warehouse) as warehouse:
        list(warehouse.bring_up_to_date())
    with duckdb.connect(path, read_only=True) as connection:
        yield connection


def text_of(page: str) -> str:
    return (FOLDER / f"{page}.md").read_text(encoding="utf-8")


def blocks(page: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", text_of(page), re.DOTALL)


@pytest.mark.parametrize("page", PAGES)
def test_every_stage_and_kind_of_monitor_alert_has_a_page(page: str) -> None:
    path: Path = FOLDER / f"{page}.md"
    wanted = made(page, text_of(page)) if path.exists() else skeleton(page)
    assert same_as_kept(path, wanted), f"missing, or unlike the stage table; run with {REWRITE}=1 and write its words"


@pytest.mark.parametrize("page", PAGES)
def test_a_page_answers_the_five_questions_in_order(page: str) -> None:
    text = text_of(page)
    assert [line for line in text.splitlines() if line.startswith("## ")] == list(HEADINGS)
    assert TO_WRITE not in text
    parts = re.split(r"^## .*$", text, flags=re.MULTILINE)[1:]
    assert all(part.strip() for part in parts)
    assert "--json" in parts[2]
    assert "```sql" in parts[2]


def test_no_page_is_left_of_what_is_gone_and_the_index_lists_all() -> None:
    assert same_as_kept(FOLDER / f"{INDEX}.md", index()), f"the index is older than the pages; run with {REWRITE}=1"
    assert {path.stem for path in FOLDER.iterdir()} == {*PAGES, INDEX}


@pytest.mark.parametrize("page", PAGES)
def test_the_queries_of_a_page_run(page: str, sample: duckdb.DuckDBPyConnection) -> None:
    for query in blocks(page, "sql"):
        sample.execute(query)


@pytest.mark.parametrize("page", PAGES)
def test_the_commands_of_a_page_are_the_monitors(page: str) -> None:
    lines = [line for block in blocks(page, "sh") for line in block.splitlines()]
    ours = [shlex.split(line.partition(" | ")[0])[1:] for line in lines if line.startswith("nba-monitoring ")]
    assert ours
    for line in ours:
        name, command, arguments = cli.resolve_command(click.Context(cli), line)
        assert command is not None
        command.make_context(name, arguments)


def test_every_break_of_the_chain_that_is_alerted_names_a_page() -> None:
    long_ago, now = eastern(2), eastern(14, 46)
    facts = Facts(
        {DAY: Checked(eastern(11), (NOT_CHECKED,))},
        dagster=DagsterSeen(
            {"SCHEDULER": long_ago}, ("recheck_until_covered",), (FailingRun("season_report", long_ago),)
        ),
        heartbeat=HeartbeatSeen(long_ago, error="404"),
        services=ServicesSeen(long_ago),
    )
    found = chain(facts, now)
    assert {link.name for link in found.links if link.breaks} >= set(ALERTED)
    pages = {known.key: break_message(known).runbook for known in found.breaks(*ALERTED) if known.over is not None}
    assert {key for key, page in pages.items() if page not in PAGES} == set()


def test_every_alert_names_a_page_that_exists() -> None:
    named = {name: message.runbook for name, message in gallery().items() if name != "test"}
    assert {name for name, page in named.items() if page not in PAGES} == set()
