"""Quiet by hand, from the command line to Slack."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest
import time_machine

from nba_monitoring.alerts.delivery import Receipt
from nba_monitoring.alerts.message import Message, NextSteps
from nba_monitoring.alerts.notifier import Notifier
from nba_monitoring.alerts.state import AlertState
from nba_monitoring.alerts.triage import FinishedRun
from nba_monitoring.cli.main import main
from nba_monitoring.core.eastern import PACIFIC
from nba_monitoring.core.mutes import Mute, mute_in_force
from nba_monitoring.core.record import Trigger
from nba_monitoring.monitor import Monitor
from nba_monitoring.warehouse import open_warehouse
from nba_monitoring_tests.morning import FACTORS, NBAC, Platform
from nba_monitoring_tests.platform_tables import factor_rows, nbac_row

DAY = date(2026, 1, 18)
REASON = "Phase 4 is rebuilt until noon"


def at(hour: int, minute: int = 0) -> datetime:
    return datetime.combine(DAY, time(hour, minute), PACIFIC).astimezone(UTC)


class Morning:
    """Looks at a day on a warehouse, and what is heard of them. A list stands where Slack would."""

    def __init__(self, platform: Platform) -> None:
        self.platform = platform
        self.heard: list[Message] = []
        self.state = AlertState.from_cursor(None, at(7))

    way = "list"

    def send(
        self,
        message: Message,
        thread: str | None = None,
        delivery_id: str | None = None,
        unclear_since: datetime | None = None,
    ) -> Receipt:
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
        return self.tell(moment, FinishedRun(f"{moment:%H%M%S}--", DAY.isoformat(), moment, records))

    def tell(self, moment: datetime, *runs: FinishedRun) -> list[Message]:
        notifier = Notifier(self.state, self, lambda run_id, day: NextSteps())
        self.heard.clear()
        notifier.deliver(runs, moment)
        self.state = AlertState.from_cursor(notifier.state.to_cursor(moment), moment)
        return list(self.heard)


@pytest.fixture
def morning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Morning:
    platform = Platform(tmp_path / "warehouse.duckdb")
    platform.play_around(DAY)
    platform.add(NBAC, [nbac_row(DAY, "ORL", "MEM"), nbac_row(DAY, "TOR", "LAL")])
    monkeypatch.setenv("NBA_MONITORING_WAREHOUSE", f"duckdb://{platform.path}")
    return Morning(platform)


def cover(morning: Morning) -> None:
    morning.platform.add(FACTORS, factor_rows(DAY, "20260118_ORL_MEM", 30) + factor_rows(DAY, "20260118_TOR_LAL", 30))


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


def test_a_mute_that_runs_out_over_a_gap_ends_with_a_word(morning: Morning) -> None:
    morning.command(at(7), "mute", "--date", "2026-01-18", "--until", at(9).isoformat(), "--reason", REASON)
    assert morning.look(at(8)) == []
    (said,) = morning.look(at(9))
    assert "2 games ready" in said.title
    assert f"Was muted until now: {REASON}" in said.lines
    assert morning.look(at(9, 30)) == []


def test_unmuting_ends_a_mute_before_its_time(morning: Morning) -> None:
    morning.look(at(8))
    morning.command(at(8, 10), "mute", "--date", "2026-01-18", "--reason", REASON)
    assert morning.look(at(8, 30)) == []
    morning.command(at(8, 40), "unmute", "--date", "2026-01-18")
    (said,) = morning.look(at(9))
    assert said.title.startswith("Still: ")
    assert f"Was muted until now: {REASON}" in said.lines


def test_a_gap_that_closes_under_a_mute_is_told_once(morning: Morning) -> None:
    morning.command(at(7), "mute", "--date", "2026-01-18", "--reason", REASON)
    morning.look(at(8))
    cover(morning)
    (said,) = morning.look(at(8, 30))
    assert said.title.startswith("Recovered: ")
    assert f"Was muted until now: {REASON}" in said.lines
    assert morning.look(at(9)) == []


def test_a_mute_that_outlives_its_date_is_not_forgotten(morning: Morning) -> None:
    morning.command(at(7), "mute", "--date", "2026-01-18", "--reason", REASON)
    morning.look(at(8))
    next_morning = at(8) + timedelta(days=1)
    (said,) = morning.tell(next_morning)
    assert "2026-01-18 was not covered" in said.title
    assert REASON in said.fallback
    assert morning.tell(next_morning + timedelta(minutes=1)) == []


def test_a_date_nobody_muted_is_not_touched_by_another_ones_mute(morning: Morning) -> None:
    morning.command(at(7), "mute", "--date", "2026-01-19", "--reason", REASON)
    assert len(morning.look(at(8))) == 1


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--date", "2026-01-18"], "Missing option '--reason'"),
        (["--date", "2026-01-18", "--reason", "  "], "--reason: say why"),
        (["--reason", REASON], "Missing option '--date'"),
        (["--date", "2026-01-18", "--reason", REASON, "--until", "2026-01-18T06:00-08:00"], "has passed"),
        (["--date", "2026-01-18", "--reason", REASON, "--until", "2026-01-18T09:00"], "has no offset"),
    ],
)
def test_a_mute_that_says_too_little_is_refused(
    morning: Morning, capsys: pytest.CaptureFixture[str], arguments: list[str], complaint: str
) -> None:
    with time_machine.travel(at(7)), pytest.raises(SystemExit) as ended:
        main(["mute", *arguments])
    assert ended.value.code == 2
    assert complaint in capsys.readouterr().err


def test_the_newest_word_on_a_date_counts() -> None:
    muted = Mute(DAY, at(7), until=None, reason=REASON)
    ended = Mute(DAY, at(8), until=None, reason=None)
    assert mute_in_force([muted], at(9)) is muted
    assert mute_in_force([ended, muted], at(9)) is None
    assert mute_in_force([], at(9)) is None
