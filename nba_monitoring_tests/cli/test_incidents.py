"""The ledger on the command line: shown, acknowledged, closed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
import time_machine

from nba_monitoring.core.incidents import EndedAs, Incident, IncidentDetail
from nba_monitoring.core.stages import Due
from nba_monitoring.core.status import Severity, Status
from nba_monitoring.warehouse import open_warehouse
from nba_monitoring_tests.cli.conftest import Command
from nba_monitoring_tests.morning import Platform

FOUND = Incident(
    incident_id="nba-2026-01-18",
    check_date=date(2026, 1, 18),
    due=Due.BEFORE_TIP,
    stage="phase4",
    status=Status.MISSING_DATA,
    severity=Severity.ERROR,
    found_at=datetime(2026, 1, 18, 16, 5, tzinfo=UTC),
    told_at=datetime(2026, 1, 18, 16, 6, tzinfo=UTC),
    first_tip_at=datetime(2026, 1, 18, 17, 0, tzinfo=UTC),
    detail=IncidentDetail(thread="1.0001"),
)
RECOVERED = replace(
    FOUND,
    incident_id="nba-2026-01-17",
    check_date=date(2026, 1, 17),
    found_at=datetime(2026, 1, 17, 16, 0, tzinfo=UTC),
    told_at=datetime(2026, 1, 17, 16, 1, tzinfo=UTC),
    acknowledged_at=datetime(2026, 1, 17, 16, 4, tzinfo=UTC),
    acknowledged_by="Ann",
    ended_at=datetime(2026, 1, 17, 18, 5, tzinfo=UTC),
    ended_as=EndedAs.RECOVERED,
    first_tip_at=datetime(2026, 1, 17, 18, 0, tzinfo=UTC),
)
NOON = datetime(2026, 1, 18, 20, tzinfo=UTC)


@pytest.fixture
def ledger(platform: Platform) -> Platform:
    with open_warehouse(platform.settings.warehouse) as warehouse:
        warehouse.put_incidents([FOUND, RECOVERED])
    return platform


def kept(platform: Platform, incident_id: str) -> Incident:
    with open_warehouse(platform.settings.warehouse) as warehouse:
        return next(found for found in warehouse.incidents().records if found.incident_id == incident_id)


def test_one_row_per_incident_with_its_times(ledger: Platform, command: Command) -> None:
    done = command("incidents")
    assert done.status == 0
    _, recovered, found = done.out.splitlines()
    recovery = "recovered: phase4 MISSING_DATA (ERROR) 2026-01-17 11:00 0:03 2:05 0:00 0:01 2:00 1:59 -0:05"
    assert recovered.split() == ["nba-2026-01-17", *recovery.split()]
    still_open = "open: phase4 MISSING_DATA (ERROR) 2026-01-18 11:05 - - 0:05 0:01 0:55 0:54 -"
    assert found.split() == ["nba-2026-01-18", *still_open.split()]


def test_json_has_the_table_s_columns_and_the_minutes(ledger: Platform, command: Command) -> None:
    recovered, found = command("incidents", "--json").records
    assert list(recovered)[:4] == ["incident_id", "check_date", "due", "stage"]
    assert (found["status"], found["ended_at"], found["detail"]["thread"]) == ("MISSING_DATA", None, "1.0001")
    assert {name: value for name, value in recovered.items() if name.startswith("minutes_")} == {
        "minutes_to_detect": 0.0,
        "minutes_to_tell": 1.0,
        "minutes_to_acknowledge": 3.0,
        "minutes_to_recover": 125.0,
        "minutes_left_found": 120.0,
        "minutes_left_told": 119.0,
        "minutes_left_ended": -5.0,
    }
    assert found["minutes_to_recover"] is None
    assert found["environment"] == ""


@pytest.mark.parametrize(
    ("options", "shown"),
    [
        (["--open"], ["nba-2026-01-18"]),
        (["--to", "2026-01-17"], ["nba-2026-01-17"]),
        (["--from", "2026-01-18"], ["nba-2026-01-18"]),
        (["--open", "--to", "2026-01-17"], []),
    ],
)
def test_incidents_are_picked_by_date_and_by_being_open(
    ledger: Platform, command: Command, options: list[str], shown: list[str]
) -> None:
    assert [row["incident_id"] for row in command("incidents", "--json", *options).records] == shown


def test_no_incidents_is_a_sentence(platform: Platform, command: Command) -> None:
    done = command("incidents", "--open")
    assert (done.status, done.out.startswith("No incidents.")) == (0, True)


def test_a_row_that_cant_be_read_is_named_beside_the_others(ledger: Platform, command: Command) -> None:
    ledger.rows("UPDATE nba_monitoring.incidents SET status = 'FINE' WHERE check_date = '2026-01-18'")
    done = command("incidents", "--json")
    assert [row["incident_id"] for row in done.records] == ["nba-2026-01-17"]
    assert "nba_monitoring.incidents: can't read the row with incident_id 'nba-2026-01-18'" in done.err
    assert done.err.rstrip().endswith("; skipped")


def test_ack_acknowledges_an_incident_by_name(ledger: Platform, command: Command) -> None:
    with time_machine.travel(NOON, tick=False):
        done = command("ack", "nba-2026-01-18", "--by", " Ann ", "--note", "rebuilding")
    said = "Acknowledged nba-2026-01-18 as Ann in the unnamed environment. No more reminders.\n"
    assert (done.status, done.out) == (0, said)
    acknowledged = replace(
        FOUND, acknowledged_at=NOON, acknowledged_by="Ann", detail=replace(FOUND.detail, note="rebuilding")
    )
    assert kept(ledger, "nba-2026-01-18") == acknowledged
    assert "open, acknowledged by Ann: rebuilding" in " ".join(command("incidents").out.split())


def test_an_acknowledged_incident_stays_with_who_acknowledged_it(ledger: Platform, command: Command) -> None:
    with time_machine.travel(NOON, tick=False):
        command("ack", "nba-2026-01-18", "--by", "Ann")
        done = command("ack", "nba-2026-01-18", "--by", "Bo")
    said = "nba-2026-01-18 was already acknowledged by Ann at 2026-01-18 3:00 PM ET. No change.\n"
    assert (done.status, done.out) == (0, said)
    assert kept(ledger, "nba-2026-01-18").acknowledged_by == "Ann"


def test_close_ends_an_incident_by_name(ledger: Platform, command: Command) -> None:
    with time_machine.travel(NOON, tick=False):
        done = command("close", "nba-2026-01-18", "--by", "Ann", "--note", "a known gap")
    assert (done.status, done.out) == (0, "Closed nba-2026-01-18 as Ann in the unnamed environment.\n")
    closed = replace(
        FOUND,
        ended_at=NOON,
        ended_as=EndedAs.CLOSED,
        detail=replace(FOUND.detail, note="a known gap", closed_by="Ann"),
    )
    assert kept(ledger, "nba-2026-01-18") == closed
    assert command("incidents", "--open", "--json").records == []


@pytest.mark.parametrize("arguments", [("ack", "--by", "Ann"), ("close", "--by", "Ann", "--note", "over")])
def test_an_incident_that_has_ended_is_left_as_it_is(
    ledger: Platform, command: Command, arguments: tuple[str, ...]
) -> None:
    done = command(*arguments, "nba-2026-01-17")
    assert done.status == 0
    assert done.out.startswith("nba-2026-01-17 has already ended (recovered, 2026-01-17 1:05 PM ET). Nothing to ")
    assert kept(ledger, "nba-2026-01-17") == RECOVERED


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (
            ["ack", "nba-2026-01-19", "--by", "Ann"],
            "nba_monitoring.incidents: no incident 'nba-2026-01-19' in the unnamed",
        ),
        (["close", "x", "--by", "Ann", "--note", "y"], "`nba-monitoring incidents --open` lists open incidents"),
        (["ack", "nba-2026-01-18"], "Missing option '--by'"),
        (["ack", "nba-2026-01-18", "--by", " "], "--by must not be empty"),
        (["close", "nba-2026-01-18", "--by", "Ann"], "Missing option '--note'"),
        (["close", "nba-2026-01-18", "--by", "Ann", "--note", ""], "--note must not be empty"),
        (["incidents", "--from", "2026-01-18", "--to", "2026-01-17"], "--from 2026-01-18 is later than --to"),
    ],
)
def test_an_impossible_request_gets_an_error_and_changes_nothing(
    ledger: Platform, command: Command, arguments: list[str], complaint: str
) -> None:
    done = command(*arguments)
    assert (done.status, done.out) == (2, "")
    assert complaint in done.err
    assert kept(ledger, "nba-2026-01-18") == FOUND
