"""One message through Apprise, in a process of its own that ends at the deadline with its threads and its memory.

Apprise reads an answer to its end, however long it is, and its time limits count from byte to byte.
"""

from __future__ import annotations

import json
import logging
import resource
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass

from nba_monitoring.apprise_addresses import service_at
from nba_monitoring.http import Deadline

# Some 300 MB are the libraries' own address space.
_MOST_MEMORY = 2**30


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


def send(order: Order, deadline: Deadline) -> Outcome:
    """How it went. Raises TimeoutError if there is no answer by the deadline, or none of a size that can be read."""
    command = [sys.executable, "-m", __name__]
    text = json.dumps(asdict(order) | {"seconds": deadline.left})
    try:
        done = subprocess.run(  # noqa: S603 our own module
            command,
            input=text,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # it may contain the address
            text=True,
            timeout=deadline.left,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise TimeoutError from None
    if done.returncode:
        raise TimeoutError
    said = json.loads(done.stdout)
    return Outcome(said["status"], tuple(said["log"]))


def _main() -> None:
    # Not every system has this limit.
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_AS, (_MOST_MEMORY, _MOST_MEMORY))
    given = json.load(sys.stdin)
    seconds = given.pop("seconds")
    order = Order(**given)
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
    print(json.dumps({"status": result.status.name, "log": [entry.message for entry in result.logs()]}))


if __name__ == "__main__":
    _main()
