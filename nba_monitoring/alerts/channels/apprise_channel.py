"""Mail, PagerDuty, Teams and everything else that Apprise reaches, one channel per address."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from pydantic import SecretStr

from nba_monitoring.alerts.channels.channel import (
    Channel,
    Receipt,
    RefusedSettingError,
    TemporaryDeliveryError,
    UnclearDeliveryError,
)
from nba_monitoring.alerts.message import Message, Tone, as_text, one_line
from nba_monitoring.apprise_addresses import service_at
from nba_monitoring.http import Deadline

SECONDS_PER_MESSAGE = 10.0

# Apprise's errors contain addresses. Only this part of them is passed on.
_HTTP_STATUS = re.compile(r"\berror=(\d{3})\b")


@dataclass(frozen=True)
class AppriseChannel(Channel):
    """One Apprise address. `position` is its place, from 1, in NBA_MONITORING_NOTIFY_URLS."""

    address: SecretStr
    position: int
    limit: float = SECONDS_PER_MESSAGE

    @property
    def kind(self) -> str:
        """The address's scheme, such as mailto or pagerduty, which is not secret."""
        return self.address.get_secret_value().partition("://")[0].lower()

    @property
    def name(self) -> str:
        """The kind, and which address it is."""
        return f"{self.kind} (address {self.position} of NBA_MONITORING_NOTIFY_URLS)"

    def send(
        self,
        message: Message,
        thread: str | None = None,
        delivery_id: str | None = None,
        unclear_since: datetime | None = None,
    ) -> Receipt:
        """As in `Channel`. Apprise has no threads, and can't check whether an earlier attempt arrived."""
        # Imported here for the same reason as in `service_at`.
        from apprise import Apprise, AppriseResultStatus, NotifyFormat, NotifyType

        kinds = {Tone.ERROR: NotifyType.FAILURE, Tone.WARN: NotifyType.WARNING, Tone.GOOD: NotifyType.SUCCESS}
        service = service_at(self.address.get_secret_value())
        if service is None:
            raise RefusedSettingError(f"{self.name}: not an address Apprise knows; correct it")
        apprise = Apprise()
        apprise.add(service)
        # The first line is the title.
        body = as_text(message).partition("\n")[2].lstrip("\n")
        try:
            result = Deadline(self.limit).run(
                lambda: apprise.notify(
                    body=body,
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
            log = " ".join(entry.message for entry in result.logs())
            statuses = "".join(f" ({status})" for status in _HTTP_STATUS.findall(log)[-1:])
            raise TemporaryDeliveryError(f"{self.name} did not accept the message{statuses}")
        return Receipt()

    def _unclear(self) -> UnclearDeliveryError:
        return UnclearDeliveryError(f"{self.name} timed out; the message may have arrived")
