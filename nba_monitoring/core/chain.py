"""The chain from a schedule to the heartbeat: what must have happened by now, what did, and which link is broken.

One picture for everything that reports on the monitor itself: `health`, the board, the monitor alerts, and whether
the heartbeat may be sent.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from nba_monitoring.core.chain_facts import ChannelSeen, DagsterSeen, Facts, ServicesSeen
from nba_monitoring.core.checked import Checked
from nba_monitoring.core.eastern import game_date, morning_of
from nba_monitoring.core.mutes import MutedDates
from nba_monitoring.core.words import count, moment

# The morning check runs at 8:00 AM Pacific and takes seconds; `recheck_until_covered` makes up for it at 8:30.
VERDICT_GRACE = timedelta(minutes=30)
# The time of a check and a half: a late one is not yet a missing one.
CHECK_GRACE = timedelta(minutes=45)
# Each of Dagster's daemons sends a heartbeat every 30 seconds, but only between ticks, and a tick may take a minute.
DAEMON_GRACE = timedelta(minutes=10)
TICK_GRACE = timedelta(minutes=10)
# Slack's usual incidents last a minute or two.
CHANNEL_GRACE = timedelta(minutes=10)
# Services are checked every half hour.
SERVICES_GRACE = timedelta(minutes=75)
HEARTBEAT_GRACE = timedelta(minutes=45)

SENSOR = "availability_alerts"


class LinkName(StrEnum):
    """The links, in their order."""

    WAREHOUSE = "warehouse"
    DAEMON = "daemon"
    SCHEDULES = "schedules"
    RUNS = "runs"
    CHECKS = "checks"
    SERVICES = "services"
    SENSOR = "sensor"
    CHANNELS = "channels"
    HEARTBEAT = "heartbeat"


# Without these no heartbeat is sent. Whether messages are accepted, the channels are asked then.
BEFORE_CHANNELS = tuple(name for name in LinkName if name not in (LinkName.CHANNELS, LinkName.HEARTBEAT))


class LinkState(StrEnum):
    """The state of a link."""

    HOLDS = "holds"
    BROKEN = "broken"
    NOT_SEEN = "not_seen"  # it can't be seen from here: it decides nothing


@dataclass(frozen=True, slots=True)
class Break:
    """One reason why a link is broken."""

    key: str  # the same as long as it lasts
    what: str  # one sentence
    fix: str  # what to do
    since: datetime | None = None  # UTC; None if unknown
    day: date | None = None  # the date that it concerns
    over: str | None = None  # the report of its end; None if another alert reports it, and its end


@dataclass(frozen=True, slots=True)
class Link:
    """A link of the chain."""

    name: LinkName
    note: str  # what is known of it
    at: datetime | None = None  # when it last held, as far as is known
    breaks: tuple[Break, ...] = ()
    is_seen: bool = True

    @property
    def state(self) -> LinkState:
        """Its state."""
        if self.breaks:
            return LinkState.BROKEN
        return LinkState.HOLDS if self.is_seen else LinkState.NOT_SEEN


@dataclass(frozen=True, slots=True)
class Chain:
    """The links, in their order, and the dates about which it says nothing on purpose."""

    links: tuple[Link, ...]
    muted: Sequence[MutedDates] = ()

    @property
    def holds(self) -> bool:
        """Whether no link is broken."""
        return not self.breaks()

    def breaks(self, *names: LinkName) -> Sequence[Break]:
        """Why links are broken: those named, or any."""
        return [found for link in self.links if not names or link.name in names for found in link.breaks]

    @property
    def summary(self) -> str:
        """The chain in one line: 'healthy', or which links are broken and the first reason."""
        broken = [link for link in self.links if link.breaks]
        if not broken:
            return "healthy"
        first = broken[0].breaks[0]
        return f"broken: {', '.join(link.name for link in broken)}. {first.what} {first.fix}"


def chain(facts: Facts, now: datetime) -> Chain:
    """The chain at an instant (UTC)."""
    links = [
        _warehouse(facts),
        _daemon(facts.dagster, now),
        _schedules(facts.dagster),
        _runs(facts.dagster),
        _checks(facts, now),
        _services(facts.services, now),
        _sensor(facts, now),
        _channels(facts.channels, now),
    ]
    return Chain((*links, _heartbeat(facts, links, now)), facts.muted)


def _warehouse(facts: Facts) -> Link:
    breaks: tuple[Break, ...] = ()
    if facts.warehouse_error is not None:
        breaks = (Break("warehouse", facts.warehouse_error, "Restore access to the warehouse."),)
    elif facts.is_sample:
        breaks = (Break("sample", "The sample is made up: nothing is watched.", "Set NBA_MONITORING_WAREHOUSE."),)
    return Link(LinkName.WAREHOUSE, "can be read", breaks=breaks)


def _daemon(dagster: DagsterSeen | None, now: datetime) -> Link:
    if dagster is None:
        return _not_seen(LinkName.DAEMON)
    name, newest = LinkName.DAEMON, max(filter(None, dagster.daemons.values()), default=None)
    if dagster.error is not None:
        return Link(name, "", breaks=(Break("storage", dagster.error, "Start or repair Dagster's database."),))
    silent = [kind for kind, at in dagster.daemons.items() if at is None or now - at > DAEMON_GRACE]
    breaks = []
    if silent:
        which = "Dagster's daemon" if len(silent) == len(dagster.daemons) else f"Dagster's daemon ({', '.join(silent)})"
        since = max((at for kind in silent if (at := dagster.daemons[kind]) is not None), default=None)
        last = "yet" if since is None else f"since {moment(since)}"
        fix = f"{'Start' if since is None else 'Restart'} it with: dagster-daemon run"
        key, over = f"daemon {' '.join(silent)}", f"{which} is running again"
        breaks.append(Break(key, f"No heartbeat from {which} {last}.", fix, since, over=over))
    return Link(name, "runs", newest, tuple(breaks))


def _schedules(dagster: DagsterSeen | None) -> Link:
    if dagster is None or dagster.error is not None:
        return _not_seen(LinkName.SCHEDULES)
    breaks = tuple(_switched_off(name) for name in dagster.switched_off if name != SENSOR)
    return Link(LinkName.SCHEDULES, "all switched on", breaks=breaks)


def _switched_off(name: str) -> Break:
    fix = "Switch it on in Dagster, under Automation."
    return Break(f"off {name}", f"{name} is switched off.", fix, over=f"{name} is on again")


def _runs(dagster: DagsterSeen | None) -> Link:
    if dagster is None or dagster.error is not None:
        return _not_seen(LinkName.RUNS)
    breaks = [
        Break(
            f"failing {run.name}",
            f"{run.name} has failed since {moment(run.since)}{f': {run.error}' if run.error else ''}".rstrip(".") + ".",
            "Read the error in Dagster's run, then run it again.",
            run.since,
            over=f"{run.name} has recovered",
        )
        for run in dagster.failing
    ]
    return Link(LinkName.RUNS, "none fails", breaks=tuple(breaks))


def _checks(facts: Facts, now: datetime) -> Link:
    newest = max(facts.checks.items(), key=lambda item: item[1].at, default=None)
    note = "nothing was due yet" if newest is None else f"{newest[0]} checked"
    breaks = [*_without_verdict(facts, now), *_not_checked(facts.checks, now)]
    is_seen = facts.warehouse_error is None or bool(facts.checks)
    if not is_seen:
        return _not_seen(LinkName.CHECKS)
    return Link(LinkName.CHECKS, note, None if newest is None else newest[1].at, tuple(breaks))


def _services(services: ServicesSeen | None, now: datetime) -> Link:
    name = LinkName.SERVICES
    if services is None:
        return Link(name, "not watched, because NBA_MONITORING_SERVICES is not set", is_seen=False)
    breaks: tuple[Break, ...] = ()
    last = services.checked_at or services.since
    if now - last > SERVICES_GRACE:
        what = f"Services were not checked since {moment(last)}."
        fix = "Make sure services_check_half_hourly is on and its run succeeded, or run: nba-monitoring services"
        breaks = (Break("services", what, fix, last, over="services are being checked again"),)
    return Link(name, "checked" if services.checked_at else "not checked yet", services.checked_at, breaks)


def _without_verdict(facts: Facts, now: datetime) -> Iterator[Break]:
    """The newest date whose verdict is due, if it has none of its morning or later."""
    today = game_date(now)
    is_due = now >= morning_of(today) + VERDICT_GRACE
    day = today if is_due else today - timedelta(days=1)
    due = morning_of(day)
    since, known = facts.watching_since, facts.checks.get(day)
    is_owed = is_due if since is None else since <= due + VERDICT_GRACE
    if is_owed and (known is None or known.at < due):
        yield Break(
            f"no verdict {day}",
            f"No verdict for {day} since 11:00 AM ET.",
            f"Make sure morning_check_8am is on and its run succeeded, or run: nba-monitoring check --date {day}",
            due,
            day,
        )


def _not_checked(checks: Mapping[date, Checked], now: datetime) -> Iterator[Break]:
    today = game_date(now)
    for day, known in checks.items():
        overdue = known.overdue(now, CHECK_GRACE)
        for is_alert in (True, False):
            owed = [check for check in overdue if check.is_alert is is_alert]
            if owed:
                stages = ", ".join(dict.fromkeys(stage for check in owed for stage in check.stages))
                since = min(check.since for check in owed)
                due = f"{stages} due at {moment(since, today)}" if is_alert else "another check overdue"
                what = f"{day}: {due}, last checked at {moment(known.at, today)}."
                fix = f"Make sure recheck_until_covered is on, or run: nba-monitoring check --date {day}"
                key = f"not checked {day}{'' if is_alert else ' again'}"
                yield Break(key, what, fix, since, day, f"{day} is being checked again" if is_alert else None)


def _sensor(facts: Facts, now: datetime) -> Link:
    dagster = facts.dagster
    if dagster is None or dagster.error is not None:
        return _not_seen(LinkName.SENSOR)
    tick_at = dagster.tick_at
    breaks: tuple[Break, ...] = ()
    if SENSOR in dagster.switched_off:
        breaks = (_switched_off(SENSOR),)
    elif tick_at is None:
        breaks = (Break("no tick", f"{SENSOR} has not ticked yet.", "Start it with: dagster-daemon run"),)
    elif now - tick_at > TICK_GRACE:
        what = f"{SENSOR} has not completed a tick since {moment(tick_at)}."
        breaks = (Break("no tick", what, "Read its ticks in Dagster, under Automation.", tick_at),)
    return Link(LinkName.SENSOR, "ticks", tick_at, breaks)


def _channels(channels: Sequence[ChannelSeen] | None, now: datetime) -> Link:
    if channels is None:
        return _not_seen(LinkName.CHANNELS)
    newest = max(filter(None, (channel.accepted_at for channel in channels)), default=None)
    note = "nothing waits" if newest is None else "the last message was accepted"
    return Link(LinkName.CHANNELS, note, newest, tuple(_not_accepted(channels, now)))


def _not_accepted(channels: Iterable[ChannelSeen], now: datetime) -> Iterator[Break]:
    for channel in channels:
        since = min(filter(None, (channel.failing_since, channel.owed_since)), default=None)
        if since is None or now - since < CHANNEL_GRACE:
            continue
        waiting = f" ({count(channel.owed, 'message')} waiting)" if channel.owed else ""
        what = f"{channel.name} has not accepted messages since {moment(since)}{waiting}: {channel.error}"
        fix = "Fix the cause, then run: nba-monitoring alert-test"
        yield Break(f"channel {channel.name}", what.removesuffix(": "), fix, since)


def _heartbeat(facts: Facts, before: Sequence[Link], now: datetime) -> Link:
    seen = facts.heartbeat
    if seen is None:
        return Link(LinkName.HEARTBEAT, "not set, or can't be seen from here", is_seen=False)
    last = seen.accepted_at or seen.since
    breaks: tuple[Break, ...] = ()
    if now - last > HEARTBEAT_GRACE:
        why = f": {seen.error}" if seen.error else ""
        is_withheld = any(link.breaks for link in before)
        fix = "It is withheld until the links above hold." if is_withheld else "Check NBA_MONITORING_HEARTBEAT_URL."
        # While it is withheld, what withholds it is reported.
        over = "the watcher accepts the heartbeat again" if seen.error and not is_withheld else None
        breaks = (Break("heartbeat", f"No heartbeat was accepted since {moment(last)}{why}.", fix, last, over=over),)
    return Link(LinkName.HEARTBEAT, "accepted", seen.accepted_at, breaks)


def _not_seen(name: LinkName) -> Link:
    return Link(name, "can't be seen from here", is_seen=False)
