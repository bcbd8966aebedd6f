"""Files that can't be the warehouse, and the operator's error for each."""

from __future__ import annotations

import struct
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from nba_monitoring.settings import DuckDBWarehouse
from nba_monitoring.warehouse import Warehouse, WarehouseError, open_warehouse, opening
from nba_monitoring.warehouse.engines.duckdb import DuckDBEngine
from nba_monitoring_tests.days import DAY
from nba_monitoring_tests.platform_tables import create_platform_tables, factor_rows, insert
from nba_monitoring_tests.stages import PHASE4, read
from nba_monitoring_tests.warehouse.test_history import MISSING

NOW = datetime(2026, 1, 18, 16, tzinfo=UTC)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "warehouse.duckdb"
    duckdb.connect(path).close()
    return path


def problem(path: Path) -> str:
    with pytest.raises(WarehouseError) as caught, open_warehouse(DuckDBWarehouse(path=path)):
        pass
    message = str(caught.value)
    assert str(path) in message
    assert "\n" not in message
    return message


def test_a_file_is_opened_and_closed_again(file: Path) -> None:
    for _ in range(2):
        with open_warehouse(DuckDBWarehouse(path=file)) as warehouse:
            warehouse.replace_scheduled_games(DAY, DAY, {}, NOW)
    assert duckdb.connect(file).execute("SELECT COUNT(*) FROM nba_monitoring.scheduled_games").fetchall() == [(0,)]


def test_a_file_that_does_not_exist_is_not_made_and_a_sample_is_offered(tmp_path: Path) -> None:
    missing = tmp_path / "typo.duckdb"
    message = problem(missing)
    assert "does not exist" in message
    assert f"nba-monitoring sample {missing}" in message
    assert not missing.exists()


def test_a_path_through_a_file_does_not_exist(file: Path) -> None:
    assert "does not exist" in problem(file / "warehouse.duckdb")


def test_an_impossible_file_name_is_reported(tmp_path: Path) -> None:
    assert "can't be read: File name too long" in problem(tmp_path / ("w" * 300))


def test_a_folder_is_not_a_warehouse(tmp_path: Path) -> None:
    assert "is a folder" in problem(tmp_path)


@pytest.mark.parametrize("content", [b"", b"game_id,game_date\n", b"\x00" * 20_000])
def test_a_file_of_another_kind_is_not_a_warehouse(tmp_path: Path, content: bytes) -> None:
    other = tmp_path / "games.csv"
    other.write_bytes(content)
    assert "is not a DuckDB database" in problem(other)
    assert other.read_bytes() == content


def test_a_truncated_file_is_reported(file: Path) -> None:
    with duckdb.connect(file) as connection:
        connection.execute("CREATE TABLE t AS SELECT * FROM range(100000)")
    file.write_bytes(file.read_bytes()[:8192])
    assert "can't be opened" in problem(file)


def of_version(file: Path, storage_version: int) -> Path:
    """The same file as if a DuckDB with another storage format had made it: its first block, with its checksum."""
    block = bytearray(file.read_bytes())
    block[12:20] = storage_version.to_bytes(8, "little")
    checksum = 5381
    for (word,) in struct.iter_unpack("<Q", block[8:4096]):
        checksum ^= word * 0xBF58476D1CE4E5B9 & (1 << 64) - 1
    block[:8] = struct.pack("<Q", checksum)
    file.write_bytes(block)
    return file


@pytest.mark.parametrize(
    ("storage_version", "made_by"),
    [(38, "DuckDB version v0.5.0 or v0.5.1"), (1 << 30, "a newer version of DuckDB")],
)
def test_a_file_of_another_version_says_which_one_made_it_and_how_to_migrate(
    file: Path, storage_version: int, made_by: str
) -> None:
    message = problem(of_version(file, storage_version))
    assert f"was created with {made_by} (storage version {storage_version}), which DuckDB" in message
    assert "run EXPORT DATABASE with the version that made it, then IMPORT DATABASE" in message
    assert "https://duckdb.org/internals/storage" in message
    assert "damaged" not in message


def test_a_file_with_a_wrong_checksum_may_be_damaged(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[100] ^= 1
    file.write_bytes(content)
    assert "can't be opened and may be damaged" in problem(file)


@pytest.mark.slow
def test_a_file_in_use_names_the_process(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "WAIT_FOR_FILE_SECONDS", 0.1)
    script = f"import duckdb; c = duckdb.connect({str(file)!r}); print('open', flush=True); input()"
    with subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        assert f"is in use by process {holder.pid}" in problem(file)
        holder.communicate(b"\n")


def test_a_read_only_connection_reports_that_when_written_to(file: Path) -> None:
    with duckdb.connect(file, read_only=True) as connection, pytest.raises(WarehouseError, match="read-only"):
        Warehouse(DuckDBEngine(connection)).replace_scheduled_games(DAY, DAY, {}, NOW)


FILL_THE_DISK = """
import sys
from pathlib import Path
import duckdb
from nba_monitoring.core.record import Mute
from nba_monitoring.settings import DuckDBWarehouse
from nba_monitoring.warehouse import WarehouseError, open_warehouse
from nba_monitoring_tests.warehouse.test_duckdb_files import DAY, NOW
path = Path(sys.argv[1]) / "warehouse.duckdb"
duckdb.connect(path).close()
with open_warehouse(DuckDBWarehouse(path=path)) as warehouse:
    try:
        for number in range(100):
            warehouse.append_mutes([Mute(DAY, NOW, None, "rebuilt" * 10_000, "Ann")])
    except WarehouseError as error:
        print(error)
"""


@pytest.mark.slow
def test_a_full_disk_is_reported_as_such(tmp_path: Path) -> None:
    # A disk of one megabyte, for whoever may have one of his own.
    alone = ["unshare", "--user", "--map-root-user", "--mount"]
    if subprocess.run([*alone, "mount", "-t", "tmpfs", "tmpfs", tmp_path], capture_output=True, check=False).returncode:
        pytest.skip("this user may not mount a small disk")
    inside = f"mount -t tmpfs -o size=1m tmpfs {tmp_path} && exec {sys.executable} -c '{FILL_THE_DISK}' {tmp_path}"
    answer = subprocess.run([*alone, "sh", "-c", inside], capture_output=True, text=True, check=False)
    assert answer.stdout == (
        "nba_monitoring.mutes: can't be written: No space left on device; free some disk space\n"
    ), answer.stderr


def test_instants_do_not_depend_on_the_machine_s_time_zone(file: Path) -> None:
    with duckdb.connect(file) as connection:
        connection.execute("SET TimeZone = 'America/Los_Angeles'")  # what DuckDB does on such a machine
        create_platform_tables(connection)
        insert(connection, PHASE4.table, factor_rows(DAY, "20260118_ORL_MEM", 3, processed_at=NOW))
        warehouse = Warehouse(DuckDBEngine(connection))
        assert read(warehouse, DAY, DAY, NOW)[DAY][0].written_at == NOW
        warehouse.append_checks([MISSING])
        assert warehouse.history().records == (MISSING,)
        stored = connection.execute("SELECT check_time FROM nba_monitoring.data_availability_checks").fetchall()
        assert stored == [(MISSING.check_time.replace(tzinfo=None),)]


@pytest.mark.slow
def test_the_command_line_s_way_in_imports_neither_google_nor_dagster() -> None:
    script = (
        "import sys, nba_monitoring.warehouse as w; from nba_monitoring.warehouse.engines import duckdb; "
        "print(sorted({m.split('.')[0] for m in sys.modules} & {'google', 'dagster', 'pandas', 'requests'}))"
    )
    answer = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"
