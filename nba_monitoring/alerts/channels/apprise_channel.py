"""Mail, PagerDuty, Teams and everything else that Apprise reaches, one channel per address."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import quote

from pydantic import SecretStr

from nba_monitoring.alerts.channels.apprise_process import AppriseProcess, Order
from nba_monitoring.alerts.channels.channel import (
    NEW,
    Channel,
    Delivery,
    Receipt,
    RefusedSettingError,
    TemporaryDeliveryError,
    UnclearDeliveryError,
)
from nba_monitoring.alerts.message import Message, Tone, as_text, one_line
from nba_monitoring.apprise_addresses import service_at
from nba_monitoring.http import Deadline, HttpError, HttpPolicy, NoAnswerError, fetch

if TYPE_CHECKING:
    from apprise.plugins.opsgenie import NotifyOpsgenie

# What Apprise logs contains addresses. Only the status is passed on.
_HTTP_STATUS = re.compile(r"\berror=(\d{3})\b")
# The request was sent, and no answer came, or one that did not fit into memory.
_NO_ANSWER = re.compile(
    r"^Socket Exception: .*(Read timed out|Connection aborted|Connection broken)"
    r"|^Notification service '[^']*' raised an exception"
)


@dataclass(frozen=True)
class AppriseChannel(Channel):
    """One Apprise address. `position` is its place, from 1, in NBA_MONITORING_NOTIFY_URLS."""

    address: SecretStr
    position: int
    _process: AppriseProcess = field(default_factory=AppriseProcess, init=False, repr=False, compare=False)

    @property
    def kind(self) -> str:
        """The address's scheme, such as mailto or pagerduty, which is not secret."""
        return self.address.get_secret_value().partition("://")[0].lower()

    @property
    def name(self) -> str:
        """The kind, and which address it is."""
        return f"{self.kind} (address {self.position} of NBA_MONITORING_NOTIFY_URLS)"

    def send(self, message: Message, deadline: Deadline, delivery: Delivery = NEW) -> Receipt:
        """As in `Channel`. Apprise has no threads, and can't check whether an earlier attempt arrived.

        PagerDuty and Opsgenie open an alert under the message's key, and close it at the end.
        """
        from apprise.plugins.opsgenie import NotifyOpsgenie
        from apprise.plugins.pagerduty import NotifyPagerDuty

        service = service_at(self.address.get_secret_value())
        if service is None:
            raise RefusedSettingError(f"{self.name}: not an address Apprise knows; correct it")
        # An end without a key, of an alert that never came, still has to be read if it is an error.
        is_closing = message.is_end and (bool(message.keys) or message.tone is Tone.GOOD)
        keys = message.keys if is_closing else message.keys[:1] or (message.alert_id,)
        match service:
            case NotifyPagerDuty():
                for key in keys:
                    options = {"action": "resolve" if is_closing else "trigger", "dedup": key}
                    self._notify(options, message, deadline)
            case NotifyOpsgenie() if is_closing:
                for key in keys:
                    self._close_at_opsgenie(service, key, message, deadline)
            case NotifyOpsgenie():
                self._notify({"action": "new", "alias": keys[0]}, message, deadline)
            case _:
                self._notify({}, message, deadline)
        return Receipt()

    def _close_at_opsgenie(self, service: NotifyOpsgenie, key: str, message: Message, deadline: Deadline) -> None:
        """By the alias. Apprise closes by ids that it keeps in a file, and without that file claims to have."""
        from apprise.plugins.opsgenie import OPSGENIE_API_LOOKUP

        url = f"{OPSGENIE_API_LOOKUP[str(service.region_name)]}/{quote(key, safe='')}/close?identifierType=alias"
        headers = {"Authorization": f"GenieKey {service.apikey}", "Content-Type": "application/json"}
        body = json.dumps({"source": "nba-monitoring", "note": message.fallback}).encode()
        try:
            answer = fetch(url, HttpPolicy(timeout=deadline.left, retries=1), deadline, headers, body)
        except NoAnswerError:
            raise self._unclear() from None
        except HttpError as error:
            raise TemporaryDeliveryError(f"{self.name} could not be reached: {error}") from None
        if answer.status not in (200, 202, 404):  # 404: somebody has deleted the alert
            raise TemporaryDeliveryError(f"{self.name} did not accept the message ({answer.status})")

    def _notify(self, options: Mapping[str, str], message: Message, deadline: Deadline) -> None:
        kinds = {Tone.ERROR: "failure", Tone.WARN: "warning", Tone.GOOD: "success"}
        # The first line is the title.
        body = as_text(message).partition("\n")[2].lstrip("\n")
        title = f"{message.tone} {one_line(message.heading)}"
        order = Order(self.address.get_secret_value(), options, title, body, kinds[message.tone])
        try:
            outcome = self._process.send(order, deadline)
        except TimeoutError:
            raise self._unclear() from None
        if outcome.status == "SUCCESS":
            return
        if outcome.status == "TIMEOUT" or any(map(_NO_ANSWER.match, outcome.log)):
            raise self._unclear()
        statuses = "".join(f" ({status})" for status in _HTTP_STATUS.findall(" ".join(outcome.log))[-1:])
        raise TemporaryDeliveryError(f"{self.name} did not accept the message{statuses}")

    def _unclear(self) -> UnclearDeliveryError:
        return UnclearDeliveryError(f"{self.name} gave no clear answer; the message may have arrived")
