"""Apprise in a process of its own, which can be ended with its threads and its memory when a deadline is over.

Apprise reads an answer to its end, however long it is, and its time limits count from byte to byte.
"""

from __future__ import annotations

import json
import logging
import resource
import select
import subprocess
import sys
import weakref
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass

from nba_monitoring.apprise_addresses import service_at
from nba_monitoring.http import Deadline

# Some 300 MB are the libraries' own address space.
_MOST_MEMORY = 2**30
# What a log entry of Apprise says first is enough, and an answer may be long.
_MOST_LOGGED = 500


@dataclass(frozen=True)
class Order:
    """A message for one address. `options` are set on the service, such as PagerDuty's `dedup`."""

    address: str
    options: Mapping[str, str]
    title: str
    body: str
    kind: str  # an apprise.NotifyType


@dataclass(frozen=True)
class Outcome:
    """Apprise's status (an apprise.AppriseResultStatus), and its log, which may contain the address."""

    status: str
    log: tuple[str, ...]


class AppriseProcess:
    """Starts with the first order, takes one after another, and ends with this object.

    One process per tick, since importing Apprise takes half a second.
    """

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None

    def send(self, order: Order, deadline: Deadline) -> Outcome:
        """How it went. Raises TimeoutError if there is no answer by the deadline, or none that fits into memory."""
        if self._process is None:
            self._process = subprocess.Popen(  # noqa: S603 our own module
                [sys.executable, "-m", __name__],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,  # it may contain the address
                text=True,
            )
            weakref.finalize(self, _end, self._process)
        line = ""
        with suppress(BrokenPipeError):
            line = _asked(self._process, json.dumps(asdict(order) | {"seconds": deadline.left}), deadline)
        if not line:
            _end(self._process)
            self._process = None
            raise TimeoutError
        said = json.loads(line)
        return Outcome(said["status"], tuple(said["log"]))


def _asked(process: subprocess.Popen[str], line: str, deadline: Deadline) -> str:
    """Its line in answer to this one, empty if there is none by the deadline."""
    if process.stdin is None or process.stdout is None:
        return ""
    print(line, file=process.stdin, flush=True)
    has_answered = select.select([process.stdout], [], [], deadline.left)[0]
    return process.stdout.readline() if has_answered else ""


def _end(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            with suppress(BrokenPipeError):  # of an order that was not read
                pipe.close()


def _main() -> None:
    # Not every system has this limit.
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_AS, (_MOST_MEMORY, _MOST_MEMORY))
    for line in sys.stdin:
        given = json.loads(line)
        seconds = given.pop("seconds")
        outcome = _sent(Order(**given), seconds)
        print(json.dumps(asdict(outcome)), flush=True)


def _sent(order: Order, seconds: float) -> Outcome:
    from apprise import Apprise, NotifyFormat, NotifyType  # noqa: PLC0415 half a second, only in this process

    service = service_at(order.address)
    if service is None:
        raise ValueError("an address that Apprise does not know")
    # Its own 4 seconds would end before a slow service has answered, and look like a refusal.
    service.socket_read_timeout = seconds
    for name, value in order.options.items():
        setattr(service, name, value)
    apprise = Apprise(log_level=logging.DEBUG)
    apprise.add(service)
    result = apprise.notify(
        body=order.body,
        title=order.title,
        notify_type=NotifyType(order.kind),
        body_format=NotifyFormat.TEXT,
        timeout=seconds,
    )
    return Outcome(result.status.name, tuple(entry.message[:_MOST_LOGGED] for entry in result.logs()))


if __name__ == "__main__":
    _main()
