"""A message as neutral parts, and what they say on a date's verdict. How it looks is for `blocks` and `text`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from nba_monitoring.alerts.decision import LastNotification, NotifyReason, alert_id
from nba_monitoring.alerts.evidence import evidence
from nba_monitoring.alerts.wording import count, day_name, duration, moment
from nba_monitoring.core.eastern import eastern_clock, tip_clock
from nba_monitoring.core.games import Game
from nba_monitoring.core.record import CheckRecord, GameSeen, tips_of, uncovered_tips
from nba_monitoring.core.stages import PHASE4
from nba_monitoring.core.verdict import Severity, Status

_FINDINGS = {
    Status.MISSING_DATA: f"{PHASE4.title} missing",
    Status.PARTIAL_DATA: f"{PHASE4.title} incomplete",
    Status.SUSPECT_JOIN: f"{PHASE4.title} ids match no game",
    Status.UNKNOWN_SCHEDULE: "No schedule to check against",
}

_PREFIXES = {NotifyReason.GOT_WORSE: "Worse: ", NotifyReason.CHANGED: "Changed: ", NotifyReason.REMINDER: "Still: "}

# Running Phase 4 again fixes neither of these.
_ADVICE = {
    Status.SUSPECT_JOIN: (
        f"{PHASE4.title} holds rows for the date, but under ids that match no expected game. "
        "Compare the ids below before running anything again."
    ),
    Status.UNKNOWN_SCHEDULE: (
        "No schedule source lists a game for the date, and nothing proves a day off. "
        "Look at the schedule scrapers first."
    ),
}


class Tone(StrEnum):
    """How a message is to be taken at a glance."""

    ERROR = "ERROR"
    WARN = "WARN"
    GOOD = "GOOD"


@dataclass(frozen=True, slots=True)
class NextSteps:
    """Where a reader goes from a message: the command that fixes it, and addresses, None where there is none."""

    fix_command: str = PHASE4.fix_command
    run_url: str | None = None
    partition_url: str | None = None
    runbook_url: str | None = None

    @property
    def links(self) -> tuple[tuple[str, str], ...]:
        """Label and address of each link there is."""
        named = (("Run", self.run_url), ("Partition", self.partition_url), ("Runbook", self.runbook_url))
        return tuple((label, url) for label, url in named if url)


@dataclass(frozen=True, slots=True)
class Row:
    """One thing in a list, such as a game, when it is, and what was seen of it."""

    name: str
    when: str
    seen: str


@dataclass(frozen=True, slots=True)
class Message:
    """What is to be said. All text is plain; `fallback` is the notification line, whole in itself.

    `rows` are the games or dates that the message is about, `evidence` small print, `command` what fixes it.
    """

    alert_id: str
    tone: Tone
    title: str
    fallback: str
    lines: tuple[str, ...] = ()
    rows: tuple[Row, ...] = ()
    evidence: tuple[str, ...] = ()
    command: str | None = None
    links: tuple[tuple[str, str], ...] = ()


def verdict_message(
    reason: NotifyReason, record: CheckRecord, last: LastNotification | None, now: datetime, next_steps: NextSteps
) -> Message:
    """The message on a live date: `last` was told before, `now` (UTC) is when it is sent, `reason` is not NOTHING."""
    if reason is NotifyReason.RECOVERED and last is not None:
        return _recovered(record, last, next_steps)
    title = f"{_PREFIXES.get(reason, '')}{_finding(record)}"
    tips = uncovered_tips(record)
    lines = [f"{record.severity} {record.status}", *_time_left(record.check_date, tips, now)]
    if last is not None and reason is not NotifyReason.FIRST_FINDING:
        lines += _since(record, last, now)
    lines += _mute_ended(last)
    if record.status in _ADVICE:
        lines.append(_ADVICE[record.status])
    identity = alert_id(last, record)
    return Message(
        alert_id=identity,
        tone=Tone.WARN if record.severity is Severity.WARN else Tone.ERROR,
        title=title,
        fallback=_fallback(title, record, tips, now, identity),
        lines=tuple(lines),
        rows=tuple(_row(game, record.detail.games.get(game, GameSeen())) for game in tips),
        evidence=evidence(record),
        command=None if record.status in _ADVICE else next_steps.fix_command,
        links=next_steps.links,
    )


def _finding(record: CheckRecord) -> str:
    finding = _FINDINGS[record.status]
    if record.status is not Status.UNKNOWN_SCHEDULE:
        finding += f": {record.phase4_ready} of {count(record.scheduled_games, 'game')} ready"
    return f"{finding}, {day_name(record.check_date)}"


def _fallback(title: str, record: CheckRecord, tips: Mapping[Game, datetime], now: datetime, identity: str) -> str:
    parts = [f"{record.severity} {title}", *_time_left(record.check_date, tips, now)]
    if tips:
        parts.append(_matchups(tips))
    return ". ".join(parts) + f" [{identity}]"


def _time_left(day: date, tips: Mapping[Game, datetime], now: datetime) -> list[str]:
    """A line on the first uncovered tip-off, and on the next one if that has been."""
    if not tips:
        return []
    first = next(iter(tips.values()))
    if first > now:
        return [f"First uncovered tip-off in {duration(first - now)} ({moment(first, day)})"]
    ahead = [tip for tip in tips.values() if tip > now]
    line = f"First uncovered game tipped off {duration(now - first)} ago ({moment(first, day)})"
    if ahead:
        return [f"{line}, the next one does in {duration(ahead[0] - now)} ({moment(ahead[0], day)})"]
    return [f"{line}, as has every other" if len(tips) > 1 else line]


def _since(record: CheckRecord, last: LastNotification, now: datetime) -> list[str]:
    lines = []
    if last.first_failed_at is not None:
        since = moment(last.first_failed_at, record.check_date)
        lines.append(f"Failing for {duration(now - last.first_failed_at)} (since {since})")
    if (last.severity, last.status) != (record.severity, record.status):
        lines.append(f"Was {last.severity} {last.status}")
    expected = record.detail.games.keys()
    uncovered = uncovered_tips(record).keys()
    for word, games in (
        ("Newly uncovered", uncovered - last.uncovered),
        ("Covered by now", (last.uncovered & expected) - uncovered),
        ("No longer on the slate", last.uncovered - expected),
    ):
        if games:
            lines.append(f"{word}: {_matchups(sorted(games))}")
    return lines


def _mute_ended(last: LastNotification | None) -> list[str]:
    return [f"Was muted until now: {last.muted}"] if last is not None and last.muted else []


def _recovered(record: CheckRecord, last: LastNotification, next_steps: NextSteps) -> Message:
    day = record.check_date
    if record.status is Status.AVAILABLE:
        title = f"Recovered: {record.phase4_ready} of {count(record.scheduled_games, 'game')} ready, {day_name(day)}"
    else:
        title = f"Over: {record.status}, {day_name(day)}"
    lines = []
    if last.first_failed_at is not None:
        length = duration(record.check_time - last.first_failed_at)
        span = f"{moment(last.first_failed_at, day)} to {moment(record.check_time, day)}"
        lines.append(f"Was {last.status or 'failing'} for {length} ({span})")
    lines += _mute_ended(last)
    lines += _in_time(record, last)
    identity = alert_id(last, record)
    return Message(
        alert_id=identity,
        tone=Tone.GOOD,
        title=title,
        fallback=". ".join([title, *lines]) + f" [{identity}]",
        lines=tuple(lines),
        evidence=evidence(record),
        links=next_steps.links,
    )


def _in_time(record: CheckRecord, last: LastNotification) -> list[str]:
    """How long before tip-off the games came that were last said to be uncovered, and which of them came too late."""
    still_expected = last.uncovered & record.detail.games.keys()
    tips = [(tip, game) for game, tip in tips_of(record, still_expected).items()]
    if not tips:
        return []
    late = [(tip, game) for tip, game in tips if tip <= record.check_time]
    if not late:
        return [
            f"Came {duration(tips[0][0] - record.check_time)} before the first tip-off ({eastern_clock(tips[0][0])})"
        ]
    named = ", ".join(f"{game.matchup} {eastern_clock(tip)}" for tip, game in late)
    ago = duration(record.check_time - late[0][0])
    lines = [f"Came {ago} after the first tip-off, too late for {named}"]
    if len(late) < len(tips):
        left: timedelta = tips[len(late)][0] - record.check_time
        lines.append(f"In time for {count(len(tips) - len(late), 'game')}, the first of them in {duration(left)}")
    return lines


def _row(game: Game, seen: GameSeen) -> Row:
    return Row(f"{game.away} @ {game.home}", tip_clock(seen.tip_at), seen.reason or "")


def _matchups(games: Iterable[Game]) -> str:
    return ", ".join(game.matchup for game in games)
