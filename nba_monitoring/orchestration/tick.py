"""What one tick of the sensor may take, and what is kept of one that is cut before Dagster has its cursor."""

from __future__ import annotations

import logging
from hashlib import sha256

import dagster as dg

from nba_monitoring.http import Deadline
from nba_monitoring.orchestration.internals import keep_value, kept_value

# Dagster ends a tick at 60 seconds. What is left is for its own storage.
TICK_SECONDS = 52.0
# Shares of that time. Channels have what the others leave them: 36 seconds, less if the ledger is slow to read.
LEDGER_READ_SECONDS = 14.0  # three queries
REACTIONS_SECONDS = 5.0
HEARTBEAT_SECONDS = 6.0
LEDGER_WRITE_SECONDS = 10.0

KEY = "nba_monitoring/availability_alerts"


class Tick:
    """The deadlines of one tick, which begins now."""

    def __init__(self) -> None:
        self.end = Deadline(TICK_SECONDS)
        self.channels = Deadline(TICK_SECONDS - HEARTBEAT_SECONDS - LEDGER_WRITE_SECONDS)

    def ledger_read(self) -> Deadline:
        """For reading the ledger, from now on."""
        return self.channels.within(LEDGER_READ_SECONDS)

    def reactions(self) -> Deadline:
        """For asking who has acknowledged an alert in its channel, from now on."""
        return self.channels.within(REACTIONS_SECONDS)

    def heartbeat(self) -> Deadline:
        """For the heartbeat, from now on."""
        return self.end.within(HEARTBEAT_SECONDS)

    def ledger_write(self) -> Deadline:
        """For writing to the ledger, from now on."""
        return self.end.within(LEDGER_WRITE_SECONDS)


class KeptCursor:
    """The newest cursor: Dagster's, or what a tick that began from it and was cut had kept by then."""

    def __init__(self, instance: dg.DagsterInstance, cursor: str | None, log: logging.Logger) -> None:
        self._instance = instance
        self._log = log
        self._began_from = sha256((cursor or "").encode()).hexdigest()
        began_from, _, kept = (kept_value(instance, KEY) or "").partition(" ")
        self.newest = kept if began_from == self._began_from else cursor

    def keep(self, cursor: str) -> None:
        """Keep a cursor, for the next tick in case this one is cut."""
        try:
            keep_value(self._instance, KEY, f"{self._began_from} {cursor}")
        except Exception as error:  # of whichever storage it is; the next alert matters more
            self._log.warning(f"Can't keep the cursor before the tick ends: {type(error).__name__}")
