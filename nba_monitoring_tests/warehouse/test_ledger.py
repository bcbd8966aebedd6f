"""The ledger of incidents and notifications, on both engines."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta

import pytest

from nba_monitoring.core.incidents import EndedAs, Incident, IncidentDetail, Notification, Told, UncoveredUnit
from nba_monitoring.core.record import Mute
from nba_monitoring.core.stages import Due
from nba_monitoring.core.status import Severity, Status
from nba_monitoring.warehouse import Warehouse
from nba_monitoring.warehouse.engines import Engine, Statement
from nba_monitoring.warehouse.tables import INCIDENTS, NOTIFICATIONS
from nba_monitoring_tests.days import DAY
from nba_monitoring_tests.platform_tables import execute

MORNING = datetime(2026, 1, 18, 16, tzinfo=UTC)
GAMES = (
    UncoveredUnit("20260118_ORL_MEM", MORNING + timedelta(hours=1), "no rows", is_missing=True),
    UncoveredUnit("20260118_TOR_LAL", None, "5 usable rows of at least 12", is_missing=False),
)

FOUND = Incident(
    incident_id="nba-2026-01-18",
    check_date=DAY,
    due=Due.BEFORE_TIP,
    stage="phase4",
    status=Status.MISSING_DATA,
    severity=Severity.ERROR,
    found_at=MORNING + timedelta(microseconds=1),
    first_tip_at=MORNING + timedelta(hours=1),
    detail=IncidentDetail(uncovered=GAMES, run_id='a "quoted" @name, and a line\nbreak', looked_at=MORNING),
)
TOLD = replace(
    FOUND,
    told_at=MORNING + timedelta(minutes=1),
    detail=replace(
        FOUND.detail, told=Told(MORNING, Status.MISSING_DATA, Severity.ERROR, GAMES), thread="C0 1768752000.000100"
    ),
)
RECOVERED = replace(
    TOLD, ended_at=MORNING + timedelta(hours=2), ended_as=EndedAs.RECOVERED, covered_at=MORNING + timedelta(hours=2)
)
RESULTS = replace(
    FOUND, incident_id="nba-2026-01-17-results", check_date=DAY - timedelta(days=1), due=Due.MORNING_AFTER
)

SENT = Notification("nba-2026-01-18/found", "nba-2026-01-18", MORNING, "slack", "found", False, error="timed out")
AGAIN = replace(
    SENT, sent_at=MORNING + timedelta(minutes=1), accepted=True, receipt="1.0001", text="0 of 6", error=None
)
ABOUT_ITSELF = Notification("nba-running", None, MORNING + timedelta(days=1), "log", "running again", True)


def acknowledged(incident: Incident) -> Incident:
    return replace(
        incident,
        acknowledged_at=MORNING + timedelta(minutes=5),
        acknowledged_by="Ann",
        detail=replace(incident.detail, note="rebuilding"),
    )


def closed(incident: Incident) -> Incident:
    return replace(
        incident,
        ended_at=MORNING + timedelta(minutes=9),
        ended_as=EndedAs.CLOSED,
        detail=replace(incident.detail, note="known", closed_by="Ann"),
    )


def test_the_fields_and_the_environment_are_the_tables_columns_in_order() -> None:
    assert [*(field.name for field in fields(Incident)), "environment"] == list(INCIDENTS.columns)
    assert [*(field.name for field in fields(Notification)), "environment"] == list(NOTIFICATIONS.columns)


def test_a_ledger_not_begun_is_empty(bare_engine: Engine) -> None:
    warehouse = Warehouse(bare_engine)
    assert warehouse.incidents().records == ()
    assert warehouse.notifications(DAY, DAY).records == ()


def test_nothing_to_keep_makes_no_table(bare_engine: Engine) -> None:
    warehouse = Warehouse(bare_engine)
    warehouse.put_incidents([])
    warehouse.append_notifications([])
    assert not bare_engine.columns(INCIDENTS)
    assert not bare_engine.columns(NOTIFICATIONS)


def test_incidents_are_read_again_to_the_letter_by_date_and_time(bare_engine: Engine) -> None:
    warehouse = Warehouse(bare_engine)
    second = replace(FOUND, incident_id="nba-2026-01-18-2", found_at=FOUND.found_at + timedelta(hours=3))
    warehouse.put_incidents([second, TOLD])
    warehouse.put_incidents([RESULTS])
    assert warehouse.incidents().records == (RESULTS, TOLD, second)


def test_an_incident_is_one_row_in_its_newest_state(warehouse: Warehouse) -> None:
    warehouse.put_incidents([FOUND, RESULTS])
    warehouse.put_incidents([FOUND, TOLD])
    assert warehouse.incidents().records == (RESULTS, TOLD)
    warehouse.put_incidents([RECOVERED])
    assert warehouse.incidents().records == (RESULTS, RECOVERED)


def test_incidents_are_read_by_date_and_the_open_ones_alone(warehouse: Warehouse) -> None:
    warehouse.put_incidents([RECOVERED, RESULTS])
    assert warehouse.incidents(first=DAY).records == (RECOVERED,)
    assert warehouse.incidents(last=DAY - timedelta(days=1)).records == (RESULTS,)
    assert warehouse.incidents(open_only=True).records == (RESULTS,)
    assert warehouse.incidents(DAY, DAY, open_only=True).records == ()


def test_an_acknowledgement_outlives_a_state_without_it(warehouse: Warehouse) -> None:
    warehouse.put_incidents([acknowledged(FOUND)])
    warehouse.put_incidents([replace(TOLD, severity=Severity.WARN)])
    (kept,) = warehouse.incidents().records
    assert kept == replace(acknowledged(FOUND), severity=Severity.WARN, told_at=TOLD.told_at)
    warehouse.put_incidents([acknowledged(RECOVERED)])
    assert warehouse.incidents().records == (acknowledged(RECOVERED),)


def test_of_two_acknowledgements_the_first_stays(warehouse: Warehouse) -> None:
    later = FOUND.acknowledged("Bo", None, MORNING + timedelta(minutes=6))
    for first, second in ((acknowledged(FOUND), later), (later, acknowledged(FOUND))):
        warehouse.put_incidents([first])
        warehouse.put_incidents([second])
        assert warehouse.incidents().records == (acknowledged(FOUND),)
        assert second.as_by_hand(first) == acknowledged(FOUND)


def test_a_started_fix_outlives_a_state_without_it_or_with_an_earlier_one(warehouse: Warehouse) -> None:
    first = FOUND.fix_started("Ann", "a-job", MORNING + timedelta(minutes=5))
    second = FOUND.fix_started("Ben", "a-job", MORNING + timedelta(minutes=50), is_unclear=True)
    for known, newer in ((first, TOLD), (second, first)):
        warehouse.put_incidents([known])
        warehouse.put_incidents([replace(newer, severity=Severity.WARN)])
        (kept,) = warehouse.incidents().records
        assert kept == replace(known, severity=Severity.WARN, told_at=newer.told_at)
    warehouse.put_incidents([replace(second, detail=TOLD.detail)])
    assert warehouse.incidents().records == (replace(second, detail=TOLD.detail),)


def test_of_two_claims_the_first_stays_and_both_get_that_one(warehouse: Warehouse) -> None:
    ours = replace(SENT, notification_id="nba-2026-01-18/fix/phase4/1", receipt="ours")
    theirs = replace(ours, sent_at=MORNING + timedelta(seconds=1), receipt="theirs")
    assert [warehouse.claim(claim, DAY, DAY).receipt for claim in (ours, theirs)] == ["ours", "ours"]
    next_one = replace(theirs, notification_id="nba-2026-01-18/fix/phase4/2")
    assert warehouse.claim(next_one, DAY, DAY) == next_one
    assert warehouse.notifications(DAY, DAY).records == (ours, next_one)


def test_a_closed_incident_is_not_opened_again_by_a_state_without_it(warehouse: Warehouse) -> None:
    warehouse.put_incidents([closed(FOUND)])
    warehouse.put_incidents([TOLD])
    (kept,) = warehouse.incidents().records
    assert kept == replace(closed(FOUND), told_at=TOLD.told_at)
    warehouse.put_incidents([RECOVERED])
    assert warehouse.incidents().records == (RECOVERED,)


def test_notifications_are_read_again_to_the_letter_by_time(bare_engine: Engine) -> None:
    warehouse = Warehouse(bare_engine)
    warehouse.append_notifications([ABOUT_ITSELF, AGAIN])
    warehouse.append_notifications([SENT])
    assert warehouse.notifications(DAY, DAY + timedelta(days=1)).records == (SENT, AGAIN, ABOUT_ITSELF)
    assert warehouse.notifications(DAY, DAY).records == (SENT, AGAIN)


def test_an_attempt_written_twice_adds_nothing_and_changes_nothing(warehouse: Warehouse) -> None:
    warehouse.append_notifications([SENT])
    warehouse.append_notifications([replace(SENT, error="another"), AGAIN, AGAIN])
    assert warehouse.notifications(DAY, DAY).records == (SENT, AGAIN)


def test_notifications_belong_to_the_eastern_day_on_which_they_were_sent(warehouse: Warehouse) -> None:
    late = replace(SENT, sent_at=datetime(2026, 1, 19, 4, 59, tzinfo=UTC))
    next_day = replace(SENT, sent_at=datetime(2026, 1, 19, 5, 0, tzinfo=UTC))
    warehouse.append_notifications([late, next_day])
    assert warehouse.notifications(DAY, DAY).records == (late,)
    assert warehouse.notifications(DAY + timedelta(days=1), DAY + timedelta(days=1)).records == (next_day,)


def test_a_ledger_of_an_older_version_is_read_and_taken_over(bare_engine: Engine) -> None:
    execute(bare_engine, "CREATE SCHEMA IF NOT EXISTS nba_monitoring")
    execute(
        bare_engine,
        "CREATE TABLE nba_monitoring.incidents (incident_id STRING, check_date DATE, due STRING, stage STRING, "
        "status STRING, severity STRING, found_at TIMESTAMP)",
    )
    execute(
        bare_engine,
        "INSERT INTO nba_monitoring.incidents VALUES ('nba-2026-01-18', DATE '2026-01-18', 'before_tip', 'phase4', "
        "'MISSING_DATA', 'ERROR', TIMESTAMP '2026-01-18 16:00:00')",
    )
    warehouse = Warehouse(bare_engine)
    older = replace(FOUND, found_at=MORNING, first_tip_at=None, detail=IncidentDetail())
    assert warehouse.incidents(open_only=True).records == (older,)
    warehouse.put_incidents([RECOVERED])
    # Not through the warehouse: the emulator's client does not see columns that were added by a statement.
    ours = Statement(INCIDENTS.name, "SELECT incident_id, told_at, ended_as FROM nba_monitoring.incidents")
    assert bare_engine.read(ours, {}) == [
        {"incident_id": "nba-2026-01-18", "told_at": RECOVERED.told_at, "ended_as": "recovered"}
    ]


def test_an_unreadable_row_is_named_and_skipped(engine: Engine, warehouse: Warehouse) -> None:
    warehouse.put_incidents([FOUND, RESULTS])
    warehouse.append_notifications([SENT, ABOUT_ITSELF])
    execute(engine, "UPDATE nba_monitoring.incidents SET stage = NULL, detail = '{' WHERE check_date = '2026-01-18'")
    execute(engine, "UPDATE nba_monitoring.notifications SET accepted = NULL WHERE way = 'slack'")
    incidents = warehouse.incidents()
    assert incidents.records == (RESULTS,)
    assert str(incidents.unreadable[0]).startswith(
        "nba_monitoring.incidents: can't read the row with incident_id 'nba-2026-01-18' of 2026-01-18: detail: no"
    )
    notifications = warehouse.notifications(DAY, DAY + timedelta(days=1))
    assert notifications.records == (ABOUT_ITSELF,)
    assert "notification_id 'nba-2026-01-18/found' of 2026-01-18 16:00" in str(notifications.unreadable[0])


def test_each_environment_has_rows_of_its_own_under_the_same_keys(bare_engine: Engine) -> None:
    mute = Mute(DAY, MORNING, until=None, reason="rebuilt")
    production, staging, unnamed = (Warehouse(bare_engine, name) for name in ("production", "staging", None))
    for each, found in ((production, TOLD), (staging, closed(FOUND))):
        each.put_incidents([found])
        each.append_notifications([replace(SENT, text=found.standing)])
    staging.append_mutes([mute])
    assert production.incidents().records == (TOLD,)
    assert staging.incidents().records == (closed(FOUND),)
    assert [sent.text for sent in production.notifications(DAY, DAY).records] == ["open"]
    assert [sent.text for sent in staging.notifications(DAY, DAY).records] == ["closed by Ann: known"]
    assert (production.mutes(DAY, DAY), staging.mutes(DAY, DAY)) == ({}, {DAY: [mute]})
    assert (unnamed.incidents().records, unnamed.notifications(DAY, DAY).records) == ((), ())
    assert unnamed.mutes(DAY, DAY) == {}


@pytest.mark.parametrize("name", ["production", None])
def test_rows_without_an_environment_belong_to_the_first_that_reads_or_writes_them(
    engine: Engine, warehouse: Warehouse, name: str | None, caplog: pytest.LogCaptureFixture
) -> None:
    warehouse.put_incidents([FOUND, RESULTS])
    warehouse.append_notifications([SENT])
    warehouse.append_mutes([Mute(DAY, MORNING, until=None, reason="rebuilt")])
    for table in ("incidents", "notifications", "mutes"):
        execute(engine, f"UPDATE nba_monitoring.{table} SET environment = NULL WHERE true")
    first, second = Warehouse(engine, name), Warehouse(engine, "staging")
    first.put_incidents([TOLD])
    first.append_notifications([SENT])
    assert first.incidents(last=DAY - timedelta(days=1)).records == (RESULTS,)
    assert first.notifications(DAY, DAY).records == (SENT,)
    assert list(first.mutes(DAY, DAY)) == [DAY]
    assert (second.incidents().records, second.notifications(DAY, DAY).records) == ((), ())
    assert second.mutes(DAY, DAY) == {}
    assert first.incidents().records == (RESULTS, TOLD)
    owner = f"environment {name!r}" if name else "the unnamed environment"
    assert [record.getMessage() for record in caplog.records if record.levelname == "WARNING"] == [
        f"nba_monitoring.{table}: 1 row of an earlier release given to {owner}, which read them first"
        for table in ("incidents", "notifications", "mutes")
    ]
