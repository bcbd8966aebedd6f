"""Quiet by hand, from the command line to Slack."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
import time_machine

from nba_monitoring.alerts.channels.channel import NEW, Channels, Delivery, Receipt
from nba_monitoring.alerts.channels.sending import Sender
from nba_monitoring.alerts.incidents.cursor import from_cursor, to_cursor
from nba_monitoring.alerts.incidents.runs import FinishedRun
from nba_monitoring.alerts.incidents.state import AlertState
from nba_monitoring.alerts.message import Message
from nba_monitoring.alerts.notifier import Notifier
from nba_monitoring.cli.main import main
from nba_monitoring.core.record import Mute, mute_in_force
from nba_monitoring.core.stage_record import Trigger
from nba_monitoring.http import Deadline
from nba_monitoring.monitor import Monitor
from nba_monitoring.warehouse import open_warehouse
from nba_monitoring.warehouse.tables import MUTES
from nba_monitoring_tests.days import DAY, at
from nba_monitoring_tests.morning import Platform

pytestmark = pytest.mark.usefixtures("held_open")

REASON = "Phase 4 is rebuilt until noon"


class NoBackfills:
    """No backfill has been launched."""

    def is_over(self, backfill_id: str) -> bool:
        return True

    def runs(self, backfill_id: str) -> Iterable[FinishedRun]:
        return ()


class Morning:
    """Looks at a day on a warehouse, and what is heard of them. A list stands where Slack would."""

    kind = name = "list"

    def check(self, deadline: Deadline) -> bool:
        return True

    def acknowledgers(self, threads: Sequence[str], deadline: Deadline) -> Mapping[str, str]:
        return {}

    def __init__(self, platform: Platform) -> None:
        self.platform = platform
        self.heard: list[Message] = []
        self.state = AlertState.begin(at(7))

    def send(self, message: Message, deadline: Deadline, delivery: Delivery = NEW) -> Receipt:
        self.heard.append(message)
        return Receipt()

    def command(self, moment: datetime, *arguments: str) -> None:
        with time_machine.travel(moment), pytest.raises(SystemExit) as ended:
            main(arguments)
        assert ended.value.code == 0

    def look(self, moment: datetime) -> list[Message]:
        """What is said on one look, made and told through a cursor as the sensor does."""
        with open_warehouse(self.platform.settings.warehouse) as warehouse:
            monitor = Monitor(warehouse, self.platform.settings, DAY, DAY, moment)
            records = tuple(monitor.record(f"run-{moment.isoformat()}", Trigger.RECHECK))
        run = FinishedRun(int(moment.timestamp()), f"{moment:%H%M%S}--", DAY.isoformat(), moment, DAY, records)
        return self.tell(moment, run)

    def tell(self, moment: datetime, *runs: FinishedRun) -> list[Message]:
        sender = Sender(self.state, Channels(self), moment, logging.getLogger(__name__), Deadline(30))
        self.heard.clear()
        stages = self.platform.settings.stages
        notifier = Notifier(
            sender, NoBackfills(), stages, lambda subject: (), moment, lambda state: state, dagster=None
        )
        notifier.tick(runs, ())
        self.state = from_cursor(to_cursor(sender.state, moment), moment)
        return list(self.heard)


@pytest.fixture
def morning(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> Morning:
    platform.schedule(DAY, "ORL@MEM", "TOR@LAL")
    monkeypatch.setenv("NBA_MONITORING_WAREHOUSE", f"duckdb://{platform.path}")
    monkeypatch.setenv("NBA_MONITORING_SCHEDULE_APIS", "never")
    return Morning(platform)


@pytest.mark.slow
def test_a_muted_date_pages_nobody_and_is_recorded_all_the_same(
    morning: Morning, capsys: pytest.CaptureFixture[str]
) -> None:
    morning.command(at(7), "mute", "--date", "2026-01-18", "--reason", REASON)
    assert morning.look(at(8)) == []
    assert morning.look(at(11)) == []
    capsys.readouterr()
    morning.command(at(12), "history", "--from", "2026-01-18", "--to", "2026-01-18")
    shown = capsys.readouterr().out
    assert shown.count("MISSING_DATA") == 2
    assert shown.count("muted") == 2


@pytest.mark.slow
def test_unmuting_ends_a_mute_before_its_time(morning: Morning) -> None:
    morning.look(at(8))
    morning.command(at(8, 10), "mute", "--date", "2026-01-18", "--reason", REASON)
    assert morning.look(at(8, 30)) == []
    morning.command(at(8, 40), "unmute", "--date", "2026-01-18")
    (said,) = morning.look(at(9))
    assert said.title.startswith("Still: ")
    assert f"The mute has expired: {REASON}" in said.lines


def test_a_date_nobody_muted_is_not_touched_by_another_ones_mute(morning: Morning) -> None:
    morning.command(at(7), "mute", "--date", "2026-01-19", "--reason", REASON)
    assert len(morning.look(at(8))) == 1


@pytest.mark.slow
def test_a_range_of_dates_is_muted_and_unmuted_in_one_go(morning: Morning, capsys: pytest.CaptureFixture[str]) -> None:
    span = ("--from", "2026-01-17", "--to", "2026-01-19")
    morning.command(at(7), "mute", *span, "--reason", REASON)
    assert "Muted 2026-01-17 to 2026-01-19 until the end of each date" in capsys.readouterr().out
    assert morning.look(at(8)) == []
    morning.command(at(8, 10), "unmute", "--date", "2026-01-18")
    capsys.readouterr()
    morning.command(at(8, 20), "unmute", *span)
    assert capsys.readouterr().out.splitlines() == [
        "2026-01-17 is no longer muted in the unnamed environment.",
        "2026-01-19 is no longer muted in the unnamed environment.",
    ]
    morning.command(at(8, 30), "unmute", *span)
    assert capsys.readouterr().out == "No mute on 2026-01-17 to 2026-01-19 in the unnamed environment.\n"
    assert len(morning.look(at(9))) == 1


def test_who_muted_a_date_is_shown_beside_the_reason(morning: Morning, capsys: pytest.CaptureFixture[str]) -> None:
    morning.command(at(7), "mute", "--date", "2026-01-18", "--reason", REASON, "--by", "Ann")
    with time_machine.travel(at(8)), pytest.raises(SystemExit):
        main(["check", "--date", "2026-01-18"])
    assert f"Muted, no alerts: 2026-01-18 until the end of the date. {REASON} (Ann)" in capsys.readouterr().out
    with open_warehouse(morning.platform.settings.warehouse) as warehouse:
        (record,) = warehouse.history().records
    assert record.detail.mute is not None
    assert (record.detail.mute.reason, record.detail.mute.by) == (REASON, "Ann")


def test_mutes_of_a_version_without_names_are_read_and_added_to(morning: Morning) -> None:
    morning.platform.rows("CREATE SCHEMA IF NOT EXISTS nba_monitoring")
    morning.platform.rows(
        "CREATE TABLE nba_monitoring.mutes (check_date DATE, set_at TIMESTAMP, until TIMESTAMP, reason VARCHAR)"
    )
    morning.platform.rows(f"INSERT INTO nba_monitoring.mutes VALUES ('{DAY}', '2026-01-18 15:00', NULL, '{REASON}')")
    assert morning.look(at(8)) == []
    morning.command(at(8, 10), "mute", "--date", "2026-01-19", "--reason", REASON, "--by", "Ann")
    with open_warehouse(morning.platform.settings.warehouse) as warehouse:
        mutes = warehouse.mutes(DAY, DAY + timedelta(days=1))
    assert [mute.by for day in mutes for mute in mutes[day]] == [None, "Ann"]


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--date", "2026-01-18"], "Missing option '--reason'"),
        (["--date", "2026-01-18", "--reason", "  "], "--reason must not be empty"),
        (["--reason", REASON], "give --date, or --from and --to"),
        (["--from", "2026-01-18", "--reason", REASON], "--from and --to go together"),
        (["--date", "2026-01-18", "--reason", REASON, "--by", " "], "--by must not be empty"),
        (
            ["--date", "2026-01-18", "--reason", REASON, "--until", "2026-01-18T06:00-08:00"],
            "--until 2026-01-18 9:00 AM ET is in the past",
        ),
        (["--date", "2026-01-18", "--reason", REASON, "--until", "2026-01-18T09:00"], "has no UTC offset"),
        (
            ["--date", "2026-01-16", "--reason", REASON],
            "2026-01-16 is over: muting it has no effect; the earliest date to mute is 2026-01-17",
        ),
        (["--from", "2026-01-16", "--to", "2026-01-19", "--reason", REASON], "2026-01-16 is over"),
        (
            ["--from", "2026-01-18", "--to", "2026-01-20", "--reason", REASON, "--until", "2026-01-20T00:00-05:00"],
            "--until 2026-01-20 12:00 AM ET is before 2026-01-20: muting that date has no effect",
        ),
        (
            ["--from", "2026-01-18", "--to", "2027-01-17", "--reason", REASON],
            "this mutes 365 dates; add --yes if that is meant",
        ),
        (["--from", "2026-01-18", "--to", "2026-01-25", "--reason", REASON], "this mutes 8 dates; add --yes"),
    ],
)
def test_a_mute_that_says_too_little_is_refused(
    morning: Morning, capsys: pytest.CaptureFixture[str], arguments: list[str], complaint: str
) -> None:
    with time_machine.travel(at(7)), pytest.raises(SystemExit) as ended:
        main(["mute", *arguments])
    assert ended.value.code == 2
    assert complaint in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [
        ["--from", "2026-01-18", "--to", "2027-01-17", "--yes"],
        ["--from", "2026-01-18", "--to", "2026-01-24"],
        ["--from", "2026-01-18", "--to", "2026-01-20", "--until", "2026-01-20T00:01-05:00"],
        ["--date", "2026-01-17"],
    ],
    ids=["a year that is meant", "seven dates", "a minute of the last date", "yesterday's results"],
)
def test_a_mute_with_an_effect_that_is_meant_is_set(morning: Morning, arguments: list[str]) -> None:
    morning.command(at(7), "mute", *arguments, "--reason", REASON)
    with open_warehouse(morning.platform.settings.warehouse) as warehouse:
        (muted,) = warehouse.muted(at(7))
    assert muted.reason == REASON


def test_yesterday_s_results_can_be_muted_until_their_deadline(
    morning: Morning, capsys: pytest.CaptureFixture[str]
) -> None:
    with time_machine.travel(at(12)), pytest.raises(SystemExit) as ended:
        main(["mute", "--date", "2026-01-17", "--reason", REASON])
    assert ended.value.code == 2
    assert "the earliest date to mute is 2026-01-18" in capsys.readouterr().err


def test_what_is_muted_is_listed_until_it_is_over(morning: Morning, capsys: pytest.CaptureFixture[str]) -> None:
    morning.command(at(7), "mute", "--from", "2026-01-18", "--to", "2026-01-20", "--reason", REASON, "--by", "Ann")
    morning.command(at(7), "mute", "--date", "2026-01-22", "--until", "2026-01-22T15:00-05:00", "--reason", "a [test]")
    morning.command(at(7, 1), "unmute", "--date", "2026-01-19")
    capsys.readouterr()
    morning.command(at(8), "mutes")
    _, *lines = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert lines == [
        f"2026-01-18 the end of the date {REASON} Ann 2026-01-18 10:00",
        f"2026-01-20 the end of the date {REASON} Ann 2026-01-18 10:00",
        "2026-01-22 2026-01-22 3:00 PM ET a [test] - 2026-01-18 10:00",
    ]
    morning.command(at(15, 1, date(2026, 1, 22)), "mutes")
    assert capsys.readouterr().out == "Nothing is muted in the unnamed environment.\n"


def test_the_list_has_one_json_line_per_date_with_the_table_s_columns(
    morning: Morning, capsys: pytest.CaptureFixture[str]
) -> None:
    morning.command(at(7), "mute", "--from", "2026-01-18", "--to", "2026-01-19", "--reason", REASON, "--by", "Ann")
    capsys.readouterr()
    morning.command(at(13, day=date(2026, 1, 19)), "mutes", "--json")
    (row,) = map(json.loads, capsys.readouterr().out.splitlines())
    assert list(row) == list(MUTES.columns)
    assert (row["check_date"], row["until"], row["muted_by"]) == ("2026-01-19", None, "Ann")


@pytest.mark.slow
def test_a_mute_shows_wherever_people_look(
    morning: Morning, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    line = f"Muted, no alerts: 2026-01-18 to 2026-01-19 until 2026-01-19 3:00 PM ET. {REASON} (Ann)"
    until = ("--until", "2026-01-19T15:00-05:00")
    span = ("--from", "2026-01-18", "--to", "2026-01-19")
    morning.command(at(7), "mute", *span, *until, "--reason", REASON, "--by", "Ann")
    page = tmp_path / "report.html"
    looks = (("check", *span), ("check", *span, "--stages"), ("status",), ("health",), ("report", "--out", str(page)))
    for arguments in looks:
        with time_machine.travel(at(8)), pytest.raises(SystemExit):
            main(arguments)
        if arguments[0] != "report":
            assert line in capsys.readouterr().out.splitlines()
    assert line in page.read_text()
    for as_json in (("check", *span, "--stages", "--json"), ("status", "--json"), ("health", "--json")):
        with time_machine.travel(at(8)), pytest.raises(SystemExit):
            main(as_json)
        assert f"nba-monitoring: {line}" in capsys.readouterr().err.splitlines()
    with time_machine.travel(at(12, 1, date(2026, 1, 19))), pytest.raises(SystemExit):
        main(["status"])
    assert "Muted" not in capsys.readouterr().out


def test_the_newest_word_on_a_date_counts() -> None:
    muted = Mute(DAY, at(7), until=None, reason=REASON)
    ended = Mute(DAY, at(8), until=None, reason=None)
    assert mute_in_force([muted], at(9)) is muted
    assert mute_in_force([ended, muted], at(9)) is None
    assert mute_in_force([], at(9)) is None
