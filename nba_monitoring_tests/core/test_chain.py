"""The chain from a schedule to the heartbeat: each link breaks alone, and a random history is never silently blind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nba_monitoring.core.chain import BEFORE_CHANNELS, DAEMON_GRACE, SENSOR, LinkName, LinkState, chain
from nba_monitoring.core.chain_facts import (
    HEARTBEAT_INTERVAL,
    ChannelSeen,
    DagsterSeen,
    Facts,
    FailingRun,
    HeartbeatSeen,
    ServicesSeen,
)
from nba_monitoring.core.checked import Checked, CheckOwed
from nba_monitoring.core.eastern import EASTERN, game_date, morning_of
from nba_monitoring.core.games import Game
from nba_monitoring.core.record import CheckRecord, Detail, GameSeen
from nba_monitoring.core.settled import why_settled
from nba_monitoring.core.stage_record import StageCheck
from nba_monitoring.core.status import Status

DAY = date(2026, 1, 18)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def at(hour: int, minute: int = 0) -> datetime:
    """A US Eastern time of the date, or of a later one from 24 on."""
    return datetime.combine(DAY, time(), EASTERN) + timedelta(hours=hour, minutes=minute)


NOW = at(14)
DAGSTER = DagsterSeen(daemons={"SENSOR": NOW, "SCHEDULER": NOW}, tick_at=NOW)
BEAT = HeartbeatSeen(NOW, NOW)
HEALTHY = Facts(
    {DAY: Checked(at(11))},
    at(0),
    dagster=DAGSTER,
    channels=(ChannelSeen("Slack", NOW),),
    heartbeat=BEAT,
    services=ServicesSeen(NOW, NOW),
)


def broken(facts: Facts, now: datetime = NOW) -> list[LinkName]:
    return [link.name for link in chain(facts, now).links if link.state is LinkState.BROKEN]


def test_all_links_hold() -> None:
    found = chain(HEALTHY, NOW)
    assert found.holds
    assert found.summary == "healthy"
    assert [link.name for link in found.links] == list(LinkName)
    assert {link.state for link in found.links} == {LinkState.HOLDS}


@pytest.mark.parametrize(
    ("link", "facts", "fix"),
    [
        ("warehouse", replace(HEALTHY, warehouse_error="not found"), "Restore access"),
        ("warehouse", replace(HEALTHY, is_sample=True), "NBA_MONITORING_WAREHOUSE"),
        ("daemon", replace(HEALTHY, dagster=DagsterSeen(error="refused")), "database"),
        (
            "daemon",
            replace(HEALTHY, dagster=replace(DAGSTER, daemons={"SENSOR": NOW, "SCHEDULER": NOW - 11 * MINUTE})),
            "Restart it with: dagster-daemon run",
        ),
        ("daemon", replace(HEALTHY, dagster=replace(DAGSTER, daemons={"SENSOR": None})), "Start it with"),
        (
            "schedules",
            replace(HEALTHY, dagster=replace(DAGSTER, switched_off=("recheck_until_covered",))),
            "Switch it on",
        ),
        ("runs", replace(HEALTHY, dagster=replace(DAGSTER, failing=(FailingRun("season_report", NOW),))), "Read the"),
        ("checks", replace(HEALTHY, checks={}), "morning_check_8am"),
        ("checks", replace(HEALTHY, checks={DAY: Checked(at(10, 59))}), "morning_check_8am"),
        (
            "checks",
            replace(HEALTHY, checks={DAY: Checked(at(11), (CheckOwed(at(13), at(19), ("predictions",)),))}),
            "recheck_until_covered",
        ),
        ("services", replace(HEALTHY, services=ServicesSeen(at(11), at(12, 44))), "nba-monitoring services"),
        ("services", replace(HEALTHY, services=ServicesSeen(at(12, 44))), "services_check_half_hourly"),
        ("sensor", replace(HEALTHY, dagster=replace(DAGSTER, switched_off=(SENSOR,))), "Switch it on"),
        ("sensor", replace(HEALTHY, dagster=replace(DAGSTER, tick_at=NOW - 11 * MINUTE)), "Read its ticks"),
        ("sensor", replace(HEALTHY, dagster=replace(DAGSTER, tick_at=None)), "dagster-daemon run"),
        (
            "channels",
            replace(HEALTHY, channels=(ChannelSeen("Slack", None, at(13), "401"),)),
            "alert-test",
        ),
        (
            "channels",
            replace(HEALTHY, channels=(ChannelSeen("Slack", owed=2, owed_since=at(13)),)),
            "alert-test",
        ),
        (
            "heartbeat",
            replace(HEALTHY, heartbeat=replace(BEAT, accepted_at=at(13, 14))),
            "NBA_MONITORING_HEARTBEAT_URL",
        ),
    ],
)
def test_a_broken_link_is_the_only_one_and_says_what_to_do(link: str, facts: Facts, fix: str) -> None:
    assert broken(facts) == [LinkName(link)]
    (found,) = chain(facts, NOW).breaks()
    assert fix in found.fix
    assert found.what in chain(facts, NOW).summary


@pytest.mark.parametrize(
    "facts",
    [
        replace(HEALTHY, dagster=replace(DAGSTER, daemons={"SENSOR": NOW - 10 * MINUTE})),
        replace(HEALTHY, dagster=replace(DAGSTER, tick_at=NOW - 10 * MINUTE)),
        replace(HEALTHY, channels=(ChannelSeen("Slack", None, NOW - 9 * MINUTE, "503"),)),
        replace(HEALTHY, heartbeat=replace(BEAT, accepted_at=at(13, 15))),
        replace(HEALTHY, checks={DAY: Checked(at(11), (CheckOwed(at(13, 16), at(19), ("predictions",)),))}),
        replace(HEALTHY, channels=(ChannelSeen("Slack"),), heartbeat=None),  # no heartbeat is set, and a quiet season
        Facts({DAY: Checked(at(11))}),  # seen from another machine
        Facts({}, watching_since=NOW, dagster=DAGSTER, heartbeat=HeartbeatSeen(NOW)),  # set up a moment ago
    ],
)
def test_within_its_grace_a_link_holds_and_what_can_t_be_seen_decides_nothing(facts: Facts) -> None:
    assert broken(facts) == []


@pytest.mark.parametrize(("now", "is_broken"), [(at(11, 29), False), (at(11, 30), True), (at(35, 29), True)])
def test_a_morning_without_a_verdict_stays_broken_until_the_next_one(now: datetime, is_broken: bool) -> None:
    facts = Facts({}, watching_since=at(0))
    assert broken(facts, now) == ([LinkName.CHECKS] if is_broken else [])
    late = replace(facts, checks={DAY: Checked(at(20))})
    assert broken(late, now) == []


# Faults of a random history, and the beginning of the key by which each is alerted; None where nobody is left to alert.
FAULTS = {
    "schedules off": "off morning_check_8am",
    "rechecks off": "off recheck_until_covered",
    "scheduler dead": "daemon SCHEDULER",
    "report fails": "failing season_report",
    "daemon dead": None,
    "sensor off": None,
    "channel down": None,
}
STEP = 10 * MINUTE
ALERTED = (LinkName.DAEMON, LinkName.SCHEDULES, LinkName.RUNS, LinkName.CHECKS)
START, END = at(4), at(52)


@dataclass(frozen=True)
class Fault:
    kind: str
    first: datetime
    last: datetime


def days_record(day: date, now: datetime) -> CheckRecord:
    """What a check finds on a date with a game at 7 PM ET: features by 11 AM, predictions at 1 PM, all in time."""
    game, noon = Game(day, "ORL", "MEM"), datetime.combine(day, time(12), EASTERN)
    statuses = {
        "phase4": (Status.AVAILABLE, noon - 60 * MINUTE),
        "predictions": (Status.AVAILABLE if now >= noon + 60 * MINUTE else Status.NOT_DUE, noon + 60 * MINUTE),
    }
    stages = {name: StageCheck(day, now, name, status, due_at=due) for name, (status, due) in statuses.items()}
    tip = noon + 7 * 60 * MINUTE
    detail = Detail(games={game: GameSeen(tip_at=tip)}, stages=stages)
    return CheckRecord(day, now, 1, 1, Status.AVAILABLE, first_tip_at=tip, detail=detail)


class World:
    """Schedules, sensor, channel and watcher of two days, moved in steps of ten minutes."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = faults
        yesterday = DAY - timedelta(days=1)
        self.records: dict[date, CheckRecord] = {}
        self.checked: dict[date, Checked] = {}
        self._check(yesterday, morning_of(yesterday) + 9 * HOUR)
        self.daemon_at = self.scheduler_at = self.tick_at = self.beat_at = START
        self.failing_since: datetime | None = None
        self.report_failed_at: datetime | None = None
        self.known_breaks: set[str] = set()
        self.alerts: list[tuple[datetime, str]] = []

    def is_on(self, kind: str, now: datetime) -> bool:
        return any(fault.kind == kind and fault.first <= now < fault.last for fault in self.faults)

    def facts(self, now: datetime) -> Facts:
        off = [*(["morning_check_8am"] if self.is_on("schedules off", now) else [])]
        off += ["recheck_until_covered"] if self.is_on("rechecks off", now) else []
        off += [SENSOR] if self.is_on("sensor off", now) else []
        failing = () if self.report_failed_at is None else (FailingRun("season_report", self.report_failed_at),)
        daemons = {"SENSOR": self.daemon_at, "SCHEDULER": self.scheduler_at}
        return Facts(
            self.checked,
            START,
            dagster=DagsterSeen(daemons, tuple(off), failing, self.tick_at),
            channels=(ChannelSeen("Slack", None, self.failing_since, "503"),),
            heartbeat=HeartbeatSeen(START, self.beat_at),
        )

    def step(self, now: datetime) -> None:
        is_daemon_up = not self.is_on("daemon dead", now)
        if is_daemon_up:
            self.daemon_at = now
            if not self.is_on("scheduler dead", now):
                self.scheduler_at = now
                self._schedules(now)
            if not self.is_on("sensor off", now):
                self._tick(now)

    def _check(self, day: date, now: datetime) -> None:
        self.records[day] = days_record(day, now)
        self.checked[day] = Checked.of(self.records[day])

    def _schedules(self, now: datetime) -> None:
        clock = now.astimezone(EASTERN)
        is_morning = (clock.hour, clock.minute) == (11, 0)
        is_recheck = clock.minute in (0, 30) and (11, 30) <= (clock.hour, clock.minute) <= (23, 30)
        if is_morning and not self.is_on("schedules off", now):
            self._check(game_date(now), now)
        if is_recheck and not self.is_on("rechecks off", now):
            known = self.records.get(game_date(now))
            if why_settled(known, now) is None:
                self._check(game_date(now), now)
        if (clock.hour, clock.minute) == (11, 10):
            self.report_failed_at = now if self.is_on("report fails", now) else None

    def _tick(self, now: datetime) -> None:
        """What the sensor does: alerts on new breaks, and the heartbeat while the chain holds."""
        is_channel_up = not self.is_on("channel down", now)
        # A tick of this sensor shows that it ticks.
        self.tick_at = now
        found = chain(self.facts(now), now)
        breaks = [known.key for known in found.breaks(*ALERTED)]
        new = [key for key in breaks if key not in self.known_breaks]
        wants = bool(new) or now - self.beat_at >= HEARTBEAT_INTERVAL
        if wants:
            self.failing_since = None if is_channel_up else self.failing_since or now
        if is_channel_up:
            self.alerts += [(now, key) for key in new]
            self.known_breaks = set(breaks)
        if (
            not found.breaks(*BEFORE_CHANNELS)
            and self.failing_since is None
            and now - self.beat_at >= HEARTBEAT_INTERVAL
        ):
            self.beat_at = now


faults = st.builds(
    lambda kind, start, length: Fault(kind, START + start * STEP, START + (start + length) * STEP),
    st.sampled_from(sorted(FAULTS)),
    st.integers(0, 280),
    st.integers(1, 150),
)


def is_known(fault: Fault, world: World, since: datetime) -> bool:
    """Whether a fault was alerted through a channel that worked, or the heartbeat is withheld for it."""
    key = FAULTS[fault.kind]
    is_alerted = key is not None and any(known.startswith(key) for known in world.known_breaks)
    return is_alerted or world.beat_at <= since + DAEMON_GRACE + STEP


@given(st.lists(faults, max_size=4))
def test_within_an_hour_each_fault_is_alerted_or_stops_the_heartbeat_and_nothing_is_while_all_links_hold(
    planted: list[Fault],
) -> None:
    world, now = World(planted), START
    while now < END:
        alerts_before = len(world.alerts)
        world.step(now)
        found = chain(world.facts(now), now)
        for fault in planted:
            # A report fails only if it runs.
            shows_at = fault.first if fault.kind != "report fails" else world.report_failed_at or fault.last
            if shows_at + HOUR <= now < fault.last:
                assert is_known(fault, world, shows_at), (fault, now)
        if found.holds:
            assert len(world.alerts) == alerts_before
        if all(now < fault.first for fault in planted):
            assert found.holds, found.summary
            assert now - world.beat_at < HEARTBEAT_INTERVAL + STEP
        now += STEP
