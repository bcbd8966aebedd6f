"""Who acknowledges an alert in Slack with 👀, and whether the app may see it."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping

from pydantic import BaseModel

from nba_monitoring.alerts.channels.channel import DeliveryError
from nba_monitoring.alerts.channels.slack_api import GuardedClient, ThreadGoneError, not_slack, read_answer
from nba_monitoring.alerts.message import one_line
from nba_monitoring.http import Deadline

# What the app needs to read reactions, and to tell people from bots.
SCOPES = ("reactions:read", "users:read")
EYES = "eyes"
# Slack does not mark its own bot as one.
_SLACKBOT = "USLACKBOT"
_NAME_LIMIT = 80
_LOG = logging.getLogger(__name__)


class _Reaction(BaseModel):
    name: str = ""
    users: tuple[str, ...] = ()  # the first may be the only ones, in the order in which they reacted


class _Message(BaseModel):
    reactions: tuple[_Reaction, ...] = ()


class _Item(BaseModel):
    """An answer of `reactions.get`."""

    message: _Message = _Message()


class _Profile(BaseModel):
    display_name: str = ""
    real_name: str = ""


class _User(BaseModel):
    id: str = ""
    name: str = ""
    is_bot: bool | None = None
    profile: _Profile = _Profile()

    @property
    def shown(self) -> str:
        """As people know them."""
        known = (self.profile.display_name, self.profile.real_name, self.name, self.id)
        return next((one_line(name).strip()[:_NAME_LIMIT] for name in known if one_line(name).strip()), "")


class _Info(BaseModel):
    """An answer of `users.info`."""

    user: _User = _User()


def acknowledgers(client: GuardedClient, threads: Iterable[str], deadline: Deadline) -> Mapping[str, str]:
    """The name of the first person who put 👀 under the first message of each thread (`CHANNEL_ID/TS`).

    Bots don't count, since some put 👀 under everything, and neither does a user who may be one. The first failure ends
    the reading, except for a deleted message.
    """
    asking = client.within(deadline)
    people: dict[str, str | None] = {}  # the name by user id, None for a bot
    found: dict[str, str] = {}
    try:
        for thread in threads:
            for user in _eyes(asking, thread):
                if user not in people:
                    people[user] = _person(asking, user)
                name = people[user]
                if name is not None:
                    found[thread] = name
                    break
    except DeliveryError as error:
        _LOG.info("Can't read who reacts to alerts in Slack: %s", error)
    return found


def missing_scopes(client: GuardedClient) -> tuple[str, ...]:
    """What the app lacks of the scopes for 👀. Raises DeliveryError if Slack does not say."""
    if client.granted.scopes is None:
        client.auth_test()
    if client.granted.scopes is None:
        raise not_slack()
    granted = [scope.strip() for scope in client.granted.scopes.split(",")]
    return tuple(scope for scope in SCOPES if scope not in granted)


def reactions_here(client: GuardedClient, deadline: Deadline) -> str:
    """Whether 👀 acknowledges alerts here, in a sentence."""
    try:
        missing = missing_scopes(client.within(deadline))
    except DeliveryError as error:
        return f"Could not check whether 👀 acknowledges alerts: {error}"
    if missing:
        return f"👀 acknowledges no alerts: the app lacks {' and '.join(missing)}. If you want it, add and reinstall."
    return f"👀 acknowledges alerts: the app has {' and '.join(SCOPES)}."


def _eyes(client: GuardedClient, thread: str) -> Iterable[str]:
    """The ids of those who put 👀 under a thread's first message, first to last; none if it was deleted."""
    channel, _, ts = thread.partition("/")
    try:
        item = read_answer(_Item, client.reactions_get(channel=channel, timestamp=ts, full=True))
    except ThreadGoneError:
        return []
    return [user for reaction in item.message.reactions if reaction.name == EYES for user in reaction.users]


def _person(client: GuardedClient, user: str) -> str | None:
    """A person's name; None for a bot, or for a user who may be one."""
    found = read_answer(_Info, client.users_info(user=user)).user
    return found.shown or None if found.is_bot is False and user != _SLACKBOT else None
