"""Bad input of every kind: one clear message that names the culprit, exit status 2, nothing written."""

from __future__ import annotations

import os
from pathlib import Path

import duckdb
import pytest

from nba_monitoring.warehouse import opening
from nba_monitoring_tests.cli.conftest import Command
from nba_monitoring_tests.cli.outcome import Outcome
from nba_monitoring_tests.conftest import Lent
from nba_monitoring_tests.days import DAY
from nba_monitoring_tests.morning import ESPN, FACTORS, NBAC, Platform
from nba_monitoring_tests.platform_tables import espn_row, factor_rows, nbac_row

CHECK = ("check", "--date", DAY)
CHECKS = "nba_monitoring.data_availability_checks"
STAGE_CHECKS = "nba_monitoring.stage_checks"


@pytest.fixture
def platform(platform: Platform) -> Platform:
    """One game in all tables, not covered."""
    platform.add(NBAC, [nbac_row(DAY, "ORL", "MEM")])
    platform.add(ESPN, [espn_row(DAY, "ORL", "MEM")])
    platform.add(FACTORS, factor_rows(DAY, "20260118_ORL_MEM", 8))
    return platform


def change(platform: Platform, *statements: str) -> None:
    with duckdb.connect(platform.path) as connection:
        for statement in statements:
            connection.execute(statement)


def assert_refused(done: Outcome, *said: str) -> None:
    assert (done.status, done.out) == (2, "")
    for words in said:
        assert words in done.err
    assert "Traceback" not in done.err
    assert "internal error" not in done.err
    assert "secret" not in done.err


def assert_nothing_written(platform: Platform) -> None:
    assert platform.rows("SELECT 1 FROM information_schema.tables WHERE table_schema = 'nba_monitoring'") == []


SETTINGS = [
    ("NBA_MONITORING_WAREHOUSE=warehouse.duckdb", "duckdb:///path/to/file.duckdb"),
    ("NBA_MONITORING_WAREHOUSE=duckdb://warehouse.duckdb", "three slashes"),
    ("NBA_MONITORING_WAREHOUSE=duckdb:///tmp/warehouse.duckdb%00", "%00, which no path can contain"),
    ("NBA_MONITORING_WAREHOUSE=postgres://host/db", "bigquery://PROJECT?location=us-west2"),
    ("NBA_MONITORING_WAREHOUSE=bigquery://project?region=us", "unknown option region"),
    ("NBA_MONITORING_MIN_ROWS_PER_GAME=a dozen", "valid integer"),
    ("NBA_MONITORING_MIN_ROWS_PER_GAME=0", "greater than or equal to 1"),
    ("NBA_MONITORING_BOOTSTRAP_DAYS=-1", "greater than or equal to 0"),
    ("NBA_MONITORING_SCHEDULE_APIS=sometimes", "'live', 'always' or 'never'"),
    ("NBA_MONITORING_GAME_STAGES=playoffs,summer_league", "'summer_league'"),
    ("NBA_MONITORING_ESPN_URL=site.api.espn.com", "http:// or https://"),
    ("NBA_MONITORING_HEARTBEAT_URL=ping/secret", "http:// or https://"),
    ("SLACK_WEBHOOK_URL=hooks.slack.com/services/secret", "http:// or https://"),
    ("SLACK_BOT_TOKEN=xoxb-secret", "SLACK_CHANNEL"),
]


@pytest.mark.parametrize(("setting", "said"), SETTINGS)
def test_a_bad_setting_names_its_variable(
    platform: Platform, command: Command, monkeypatch: pytest.MonkeyPatch, setting: str, said: str
) -> None:
    variable, _, value = setting.partition("=")
    monkeypatch.setenv(variable, value)
    assert_refused(command(*CHECK), f"nba-monitoring: {variable}: ", said)
    assert_nothing_written(platform)


def test_all_bad_settings_are_named_at_once(
    platform: Platform, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NBA_MONITORING_BOOTSTRAP_DAYS", "two weeks")
    monkeypatch.setenv("SLACK_API_URL", "slack")
    assert_refused(command(*CHECK), "NBA_MONITORING_BOOTSTRAP_DAYS: ", "SLACK_API_URL: ")


def test_bigquery_without_credentials_names_the_login(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NBA_MONITORING_WAREHOUSE", "bigquery://project")
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", "/nowhere/key.json")
    assert_refused(command(*CHECK), "bigquery://project", "/nowhere/key.json", "gcloud auth application-default login")


FILES = [
    (None, "does not exist; check NBA_MONITORING_WAREHOUSE, or create a sample with: nba-monitoring sample "),
    (b"", "is not a DuckDB database; restore it, or set another file"),
    (b"game_id,game_date\n", "is not a DuckDB database"),
    (b"\0" * 8 + b"DUCK" + b"\xff" * 20_000, "can't be opened and may be damaged"),
]


@pytest.mark.parametrize(("content", "said"), FILES, ids=["none", "empty", "a CSV file", "damaged"])
def test_a_file_that_is_no_warehouse_is_named_and_left_as_it_is(
    tmp_path: Path, command: Command, monkeypatch: pytest.MonkeyPatch, content: bytes | None, said: str
) -> None:
    path = tmp_path / "warehouse.duckdb"
    if content is not None:
        path.write_bytes(content)
    monkeypatch.setenv("NBA_MONITORING_WAREHOUSE", f"duckdb://{path}")
    for arguments in (CHECK, ("history",)):
        assert_refused(command(*arguments), str(path), said)
    assert (path.read_bytes() if path.exists() else None) == content


def test_a_folder_is_no_warehouse(tmp_path: Path, command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NBA_MONITORING_WAREHOUSE", f"duckdb://{tmp_path}")
    assert_refused(command(*CHECK), str(tmp_path), "is a folder; set a DuckDB file in NBA_MONITORING_WAREHOUSE")


def test_what_is_no_file_is_refused_at_once(
    platform: Platform, command: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    for path in (fifo, Path("/dev/zero")):
        said = f"{path} can't be read: Not a regular file"
        with monkeypatch.context() as patch:
            patch.setenv("NBA_MONITORING_WAREHOUSE", f"duckdb://{path}")
            assert_refused(command(*CHECK), said)
        with monkeypatch.context() as patch:
            patch.setenv("NBA_MONITORING_STAGES", str(path))
            assert_refused(command(*CHECK), str(path), "can't be read: Not a regular file")
        with monkeypatch.context() as patch:
            patch.setenv("NBA_MONITORING_HEARTBEAT_URL_FILE", str(path))
            assert_refused(command(*CHECK), said)
        assert_refused(
            command("replay", "--from", DAY, "--to", DAY, "--stages-file", path), str(path), "Not a regular file"
        )
        assert_refused(command("report", "--out", path), str(path), "Not a regular file")
    assert_nothing_written(platform)


def test_a_folder_is_no_stages_file_and_no_secret(
    platform: Platform, command: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with monkeypatch.context() as patch:
        patch.setenv("NBA_MONITORING_STAGES", str(tmp_path))
        assert_refused(command(*CHECK), "is a folder; name a YAML file in NBA_MONITORING_STAGES")
    monkeypatch.setenv("NBA_MONITORING_HEARTBEAT_URL_FILE", str(tmp_path))
    assert_refused(command(*CHECK), f"{tmp_path} can't be read: Is a directory")


@pytest.mark.slow
def test_a_file_in_use_names_the_process_that_uses_it(
    platform: Platform, command: Command, lent: Lent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "WAIT_FOR_FILE_SECONDS", 0.1)
    with lent() as holder:
        assert_refused(command(*CHECK), str(platform.path), f"in use by process {holder}; retry")


@pytest.mark.parametrize("folder", ["file/sample.duckdb", "file"])
def test_a_sample_is_not_written_where_it_can_t_be(tmp_path: Path, command: Command, folder: str) -> None:
    (tmp_path / "file").write_text("mine")
    assert_refused(command("sample", tmp_path / folder), str(tmp_path / folder), "choose ")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
    assert (tmp_path / "file").read_text() == "mine"


TABLES = [
    (f"DROP TABLE {ESPN}", ESPN, "no such table in the warehouse; check NBA_MONITORING_WAREHOUSE"),
    (f"DROP TABLE {FACTORS}", FACTORS, "no such table in the warehouse; check NBA_MONITORING_WAREHOUSE"),
    (f"ALTER TABLE {ESPN} DROP home_team_abbr", ESPN, "has no column home_team_abbr"),
    (f"ALTER TABLE {NBAC} ALTER game_status TYPE VARCHAR USING 'Final'", NBAC, "game_status"),
    (f"ALTER TABLE {FACTORS} ALTER processed_at TYPE VARCHAR USING 'yesterday'", FACTORS, "processed_at"),
]


@pytest.mark.parametrize(("statement", "table", "said"), TABLES)
def test_a_table_that_is_not_the_platform_s_is_named_with_its_column(
    platform: Platform, command: Command, statement: str, table: str, said: str
) -> None:
    change(platform, statement)
    assert_refused(command(*CHECK), f"nba-monitoring: {table}: ", said)
    assert_nothing_written(platform)


HISTORIES = [
    ("status = 'GREEN'", "status: Input should be 'AVAILABLE'"),
    ("detail = 'none'", "detail: not JSON"),
    ("check_time = NULL", "check_time: Field required"),
    ("missing_games = ['ORL at MEM']", "'ORL at MEM' is not a game id"),
]


@pytest.mark.slow
@pytest.mark.parametrize(("edit", "said"), HISTORIES)
def test_a_history_row_that_the_monitor_did_not_write_is_named_and_skipped(
    platform: Platform, command: Command, edit: str, said: str
) -> None:
    (record,) = command(*CHECK, "--json").records
    change(platform, f"UPDATE {CHECKS} SET {edit}")
    (newer,) = command(*CHECK, "--json").records
    shown = command("history", "--json")
    assert [row["check_id"] for row in shown.records] == [newer["check_id"]]
    assert shown.status == 0
    assert f"{CHECKS}: can't read the row with check_id '{record['check_id']}' of 2026-01-18: " in shown.err
    assert said in shown.err


@pytest.mark.slow
@pytest.mark.parametrize(
    ("edit", "said"),
    [
        ("status = 'GREEN'", "status: Input should be 'AVAILABLE'"),
        ("stage = NULL", "stage: Field required"),
        ("detail = 'none'", "detail: not JSON"),
    ],
)
def test_a_stage_s_row_that_the_monitor_did_not_write_is_named_and_skipped(
    platform: Platform, command: Command, edit: str, said: str
) -> None:
    (row,) = command(*CHECK, "--stages", "--json").records
    change(platform, f"UPDATE {STAGE_CHECKS} SET {edit}")
    (newer,) = command(*CHECK, "--stages", "--json").records
    shown = command("history", "--stages", "--json")
    assert [row["check_id"] for row in shown.records] == [newer["check_id"]]
    assert shown.status == 0
    assert f"{STAGE_CHECKS}: can't read the row with check_id '{row['check_id']}' of 2026-01-18: {said}" in shown.err


@pytest.mark.parametrize("column", ["severity", "detail"])
def test_a_history_row_with_a_null_in_a_newer_column_is_read(platform: Platform, command: Command, column: str) -> None:
    assert command(*CHECK).status == 1
    change(platform, f"UPDATE {CHECKS} SET {column} = NULL")
    shown = command("history", "--json")
    assert (shown.status, shown.err) == (0, "")
    (row,) = shown.records
    assert (row["status"], row["severity"]) == ("PARTIAL_DATA", "ERROR" if column == "severity" else "WARN")


def test_a_history_table_with_a_column_of_another_type_is_left_as_it_is(platform: Platform, command: Command) -> None:
    change(
        platform,
        "CREATE SCHEMA nba_monitoring",
        f"CREATE TABLE {CHECKS} (check_date DATE, check_time TIMESTAMP, scheduled_games DATE, status VARCHAR)",
        f"INSERT INTO {CHECKS} (check_date, status) VALUES ('2026-01-17', 'AVAILABLE')",
    )
    assert_refused(command(*CHECK), f"nba-monitoring: {CHECKS}: ", "type")
    assert platform.rows(f"SELECT status FROM {CHECKS}") == [("AVAILABLE",)]


# Rows that can't be read stop no check: the verdict says so in its detail.
ROWS = [
    ((FACTORS, "game_id = 'game 7'"), "SUSPECT_JOIN", "game 7: 8 rows, not in a known format"),
    ((ESPN, "game_status = 'on fire'"), "PARTIAL_DATA", f"{ESPN}: unknown status of ORL@MEM"),
    ((NBAC, "away_team_tricode = 'SEO'"), "PARTIAL_DATA", f"{NBAC}: unknown team SEO in SEO@MEM"),
]


@pytest.mark.slow
@pytest.mark.parametrize(("edit", "status", "said"), ROWS)
def test_a_row_that_can_t_be_read_is_named_in_the_verdict(
    platform: Platform, command: Command, edit: tuple[str, str], status: str, said: str
) -> None:
    change(platform, "UPDATE {} SET {}".format(*edit))
    done = command(*CHECK, "--json")
    (record,) = done.records
    assert (done.status, done.err, record["status"]) == (1, "", status)
    detail = record["detail"]
    assert any(said in line for line in (*detail["warnings"], *detail["problems"])), detail
    assert said in " ".join(command(*CHECK).out.split())


def test_a_team_that_is_a_number_is_an_unknown_team(platform: Platform, command: Command) -> None:
    change(platform, f"ALTER TABLE {NBAC} ALTER away_team_tricode TYPE INT USING 5")
    (record,) = command(*CHECK, "--json").records
    assert f"{NBAC}: unknown team 5 in 5@MEM" in record["detail"]["problems"]


ARGUMENTS = [
    ("check --date someday", "'--date': 'someday' is not a date; write 2026-01-18, today, yesterday or tomorrow"),
    ("check 2026-01-18 --date 2026-01-19", "use either DATE or --date, not both"),
    ("history --date 2026-01-18 --from 2026-01-17", "use either --date or --from and --to, not both"),
    ("check --fail-on warnings", "'warnings' is not one of 'phase4', 'any'"),
    ("check --date 2026-02-30", "'--date': '2026-02-30' is not a date"),
    ("check --date 1890-01-01", "'--date': 1890-01-01 is not between 1946-11-01 and 2100-01-01"),
    ("check --date", "Option '--date' requires an argument"),
    ("check --now noon", "'--now': 'noon' is not a time with a UTC offset; write 2026-01-18T11:00-05:00"),
    ("check --now 2026-01-18T08:00", "'--now': '2026-01-18T08:00' has no UTC offset"),
    ("check --as-of 2026-01-18", "'--as-of': '2026-01-18' has no UTC offset"),
    ("check --now 0001-01-01T00:00Z", "'--now': '0001-01-01T00:00Z' is not between"),
    ("check --now 2026-01-18T16:00Z --as-of 2026-01-18T16:00Z", "use either --now or --as-of, not both"),
    ("check --from 2026-01-18", "--from and --to go together"),
    ("check --to 2026-01-18", "--from and --to go together"),
    ("check --from 2026-01-18 --to 2026-01-17", "--from 2026-01-18 is later than --to 2026-01-17"),
    ("check --date 2026-01-18 --to 2026-01-19", "use either --date or --from and --to, not both"),
    ("check --date 2026-01-18 --stages phase4", "'[DATE]': 'phase4' is not a date"),
    ("check 2026-01-18 2026-01-19", "unexpected extra argument (2026-01-19)"),
    ("check --day 2026-01-18", "No such option '--day'"),
    ("history --from 2026-01-18 --to 2026-01-17", "--from 2026-01-18 is later than --to 2026-01-17"),
    ("history --from then", "'--from': 'then' is not a date"),
    ("history --stages --from 2026-01-18 --to 2026-01-17", "--from 2026-01-18 is later than --to 2026-01-17"),
    ("status --now noon", "'--now': 'noon' is not a time with a UTC offset; write 2026-01-18T11:00-05:00"),
    ("status --now 2026-01-18T16:00Z --as-of 2026-01-18T16:00Z", "use either --now or --as-of, not both"),
    ("status --date 2026-01-18", "No such option '--date'"),
    ("alert-test now", "unexpected extra argument (now)"),
    ("verify", "No such command 'verify'"),
]


@pytest.mark.parametrize(("arguments", "said"), ARGUMENTS)
def test_a_bad_argument_is_named(platform: Platform, command: Command, arguments: str, said: str) -> None:
    assert_refused(command(*arguments.split()), said)
    assert_nothing_written(platform)
