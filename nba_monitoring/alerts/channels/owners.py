"""Whether Slack knows the owners of the stages: a mention of anyone else notifies nobody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pydantic import BaseModel

from nba_monitoring.alerts.channels.channel import DeliveryError
from nba_monitoring.alerts.channels.slack_api import GuardedClient, UnknownUserError, read_answer
from nba_monitoring.alerts.messages.blocks import GROUP_ID, USER_ID
from nba_monitoring.core.stages import StageTable
from nba_monitoring.http import Deadline


class _Known(BaseModel):
    id: str = ""
    deleted: bool = False


class _Answer(BaseModel):
    """The parts of `users.info` and `usergroups.list` that are read here."""

    user: _Known = _Known()
    usergroups: tuple[_Known, ...] = ()


def slack_owners(stages: StageTable) -> Mapping[str, Sequence[str]]:
    """The stages of each owner that is a Slack id, by that id."""
    owned: dict[str, list[str]] = {}
    for stage in stages:
        if stage.owner is not None and (USER_ID.fullmatch(stage.owner) or GROUP_ID.fullmatch(stage.owner)):
            owned.setdefault(stage.owner, []).append(stage.name)
    return owned


def look_up(client: GuardedClient, owned: Mapping[str, Sequence[str]], deadline: Deadline) -> tuple[list[str], bool]:
    """One line per owner, and whether none is unknown to Slack, which a lack of scopes leaves open."""
    lines, are_known = [], True
    for owner, stages in owned.items():
        named = f"{owner}, the owner of {', '.join(stages)}"
        try:
            is_known = _is_known(client.within(deadline), owner)
        except DeliveryError as error:
            lines.append(f"Could not look up {named}: {error}")
            continue
        are_known = are_known and is_known
        what = "Slack knows" if is_known else "Slack does not know"
        lines.append(f"{what} {named}." + ("" if is_known else " Alerts go out, and mention nobody. Correct `owner`."))
    return lines, are_known


def _is_known(client: GuardedClient, owner: str) -> bool:
    if GROUP_ID.fullmatch(owner):
        return owner in {group.id for group in read_answer(_Answer, client.usergroups_list()).usergroups}
    try:
        return not read_answer(_Answer, client.users_info(user=owner)).user.deleted
    except UnknownUserError:
        return False
