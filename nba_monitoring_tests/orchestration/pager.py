"""A second channel on the loopback, as the sensor sees it, and looks that give it something to say."""

from __future__ import annotations

from datetime import date, datetime

import time_machine

from nba_monitoring_tests.alerts.looks import FULL, look
from nba_monitoring_tests.days import DAY
from nba_monitoring_tests.loopback import Answer, LoopbackServer
from nba_monitoring_tests.orchestration.ended_runs import complete_a_run, failing_look
from nba_monitoring_tests.orchestration.sensor import Sensor


class Pager:
    """What a service of Apprise's is asked."""

    def __init__(self, server: LoopbackServer) -> None:
        self.server = server
        self.server.default = Answer(b"ok")

    def address(self, path: str = "pager") -> str:
        return f"{self.server.url.replace('http', 'json')}/{path}"

    @property
    def messages(self) -> list[str]:
        return [request.json["message"] for request in self.server.requests]

    @property
    def titles(self) -> list[str]:
        return [request.json["title"] for request in self.server.requests]

    @property
    def alert_ids(self) -> list[str]:
        return [message.split()[-1] for message in self.messages]


def find(sensor: Sensor, *days: date, when: datetime) -> None:
    """Failing looks at dates, and a tick."""
    with time_machine.travel(when):
        for day in days or (DAY,):
            complete_a_run(sensor.instance, str(day), [failing_look(day, when)])
        sensor.tick()


def tick(sensor: Sensor, when: datetime) -> None:
    with time_machine.travel(when):
        sensor.tick()


def recover(sensor: Sensor, when: datetime) -> None:
    """A look that finds the date covered, and a tick."""
    with time_machine.travel(when):
        complete_a_run(sensor.instance, str(DAY), [look(when, FULL)])
        sensor.tick()
