"""The second way: mail, PagerDuty, Teams and whatever else Apprise reaches, an address each."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from pydantic import SecretStr

from nba_monitoring.alerts.channels.deadline import Deadline
from nba_monitoring.alerts.channels.delivery import (
    Receipt,
    RefusedSettingError,
    TemporaryDeliveryError,
    UnclearDeliveryError,
)
from nba_monitoring.alerts.messages.message import Message, Tone, as_text, one_line
from nba_monitoring.apprise_addresses import service_at

SECONDS_PER_MESSAGE = 10.0

# Apprise's errors hold addresses; of them only this is passed on.
_HTTP_STATUS = re.compile(r"\berror=(\d{3})\b")


@dataclass(frozen=True)
class SecondWay:
    """One address of Apprise. `position` is its place, from 1, in NBA_MONITORING_NOTIFY_URLS."""

    address: SecretStr
    position: int
    limit: float = SECONDS_PER_MESSAGE

    @property
    def way(self) -> str:
        """The address's scheme, such as mailto or pagerduty, which is no secret."""
        return self.address.get_secret_value().partition("://")[0].lower()

    @property
    def name(self) -> str:
        """The way, and which address it is."""
        return f"{self.way} (address {self.position} of NBA_MONITORING_NOTIFY_URLS)"

    def check(self) -> bool:
        """As in `Transport`: Apprise asks nothing of a service but to take a message."""
        return False

    def send(
        self,
        message: Message,
        thread: str | None = None,
        delivery_id: str | None = None,
        unclear_since: datetime | None = None,
    ) -> Receipt:
        """As in `Transport`. There are no threads, and what was sent before can't be looked for."""
        # Imported here for the same reason as in `service_at`.
        from apprise import Apprise, AppriseResultStatus, NotifyFormat, NotifyType

        kinds = {Tone.ERROR: NotifyType.FAILURE, Tone.WARN: NotifyType.WARNING, Tone.GOOD: NotifyType.SUCCESS}
        service = service_at(self.address.get_secret_value())
        if service is None:
            raise RefusedSettingError(f"{self.name}: no address that Apprise knows; set it anew")
        apprise = Apprise()
        apprise.add(service)
        try:
            result = Deadline(self.limit).run(
                lambda: apprise.notify(
                    body=as_text(message, with_title=False),
                    title=f"{message.tone} {one_line(message.heading)}",
                    notify_type=kinds[message.tone],
                    body_format=NotifyFormat.TEXT,
                    timeout=self.limit,
                )
            )
        except TimeoutError:
            raise self._unclear() from None
        if result.status is AppriseResultStatus.TIMEOUT:
            raise self._unclear()
        if result.status is not AppriseResultStatus.SUCCESS:
            said = " ".join(entry.message for entry in result.logs())
            statuses = "".join(f" ({status})" for status in _HTTP_STATUS.findall(said)[-1:])
            raise TemporaryDeliveryError(f"{self.name}: the message was not accepted{statuses}; it is tried again")
        return Receipt()

    def _unclear(self) -> UnclearDeliveryError:
        return UnclearDeliveryError(
            f"{self.name}: no answer in time; the message may have arrived, and it is tried again"
        )
