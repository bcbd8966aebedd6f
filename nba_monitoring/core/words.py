"""Sentences and times that several rooms show: alerts, command line, reports and Dagster's pages."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta

from nba_monitoring.core.eastern import eastern, eastern_clock, game_date
from nba_monitoring.core.games import Game, SeasonType

# The first line of whatever shows the sample.
SAMPLE_DATA = "Sample data, made up. To watch the platform's data, set NBA_MONITORING_WAREHOUSE."


def not_counted(parts: Iterable[SeasonType]) -> str:
    """'regular season and play-in not counted (NBA_MONITORING_GAME_STAGES)'; empty if nothing is left out."""
    named = sorted(part.replace("_", "-" if part is SeasonType.PLAY_IN else " ") for part in parts)
    return f"{' and '.join(named)} not counted (NBA_MONITORING_GAME_STAGES)" if named else ""


def duration(length: timedelta) -> str:
    """'45 min', '3 h 25 min', '2 days 4 h'; never negative."""
    minutes = max(0, int(length.total_seconds() // 60))
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    if days:
        return f"{count(days, 'day')} {hours} h"
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"


def hours_minutes(minutes: float | None) -> str:
    """A duration in a table: '0:45', '2:05', '3 d 2:05', '-0:30'; '-' for None."""
    if minutes is None:
        return "-"
    whole = round(minutes)
    hours, rest = divmod(abs(whole), 60)
    days, hours = divmod(hours, 24)
    return f"{'-' if whole < 0 else ''}{f'{days} d ' if days else ''}{hours}:{rest:02}"


def count(number: int, noun: str) -> str:
    """A count with its noun, given in the singular: '1 game', '6 games', '1,200 rows', 'no rows'."""
    return f"{f'{number:,}' if number else 'no'} {noun}{'' if number == 1 else 's'}"


def day_name(day: date) -> str:
    """'Sun 2026-01-18', whatever the machine's language."""
    return f"{'Mon Tue Wed Thu Fri Sat Sun'.split()[day.weekday()]} {day}"


def dates(first: date, last: date) -> str:
    """'2026-01-18', or '2026-01-18 to 2026-01-20'."""
    return f"{first}" if first == last else f"{first} to {last}"


def moment(instant: datetime, day: date | None = None) -> str:
    """'11:00 AM ET', with its date before it unless that is `day`."""
    on = game_date(instant)
    return eastern_clock(instant) if on == day else f"{on} {eastern_clock(instant)}"


def day_and_clock(instant: datetime | None) -> str:
    """An Eastern time in a table of one season: 'Jan 18 14:00'; empty for None."""
    return "" if instant is None else f"{eastern(instant):%b} {eastern(instant).day} {eastern(instant):%H:%M}"


def first_few(items: Sequence[str], most: int) -> list[str]:
    """The items, or the first of them and a last line that counts the rest."""
    return list(items) if len(items) <= most else [*items[:most], f"and {len(items) - most:,} more"]


def environment_named(name: str | None) -> str:
    """'environment 'production'', 'the unnamed environment'."""
    return f"environment {name!r}" if name else "the unnamed environment"


def all_of(number: int, noun: str) -> str:
    """'all 6 games', 'both games', '1 game'."""
    if number == 2:
        return f"both {noun}s"
    return f"all {count(number, noun)}" if number > 1 else count(number, noun)


def gaps(missing: int, partial: int, total: int, noun: str) -> str:
    """'missing for all 6 games', 'missing for 5 of 6 games, incomplete for 1', 'incomplete for 1 of 6 games'."""
    first, word = (missing, "missing") if missing else (partial, "incomplete")
    share = all_of(total, noun) if first == total else f"{first:,} of {count(total, noun)}"
    return f"{word} for {share}{f', incomplete for {partial:,}' if missing and partial else ''}"


def ready_of(ready: int, expected: int, is_least: bool, word: str = "") -> str:
    """'4 of 6', with a word '4 of 6 ready'; '72 (at least 1)', '72 ready (at least 1)' if `expected` is a minimum."""
    after = f" {word}" if word else ""
    return f"{ready:,}{after} (at least {expected:,})" if is_least else f"{ready:,} of {expected:,}{after}"


def not_expected(reasons: Mapping[Game, str]) -> list[str]:
    """Why listed games are not expected, one line per reason."""
    games: defaultdict[str, list[str]] = defaultdict(list)
    for game, reason in reasons.items():
        games[reason].append(game.matchup)
    return [f"Not expected ({reason}): {', '.join(named)}" for reason, named in games.items()]


def day_off(proof: str) -> str:
    """By which evidence a date has no games."""
    return f"Day off, according to {proof}"


def not_due(due_at: datetime, day: date | None = None) -> str:
    """By when a stage is due (UTC), with the date unless that is `day`."""
    return f"not due until {moment(due_at, day)}"


def halted(reason: str | None, since: date | None) -> str:
    """That the platform halted a stage on purpose."""
    return f"halted{f' since {since}' if since else ''}{f': {reason}' if reason else ''}"


def orphan(title: str, rows: int, upstream: str) -> str:
    """That a stage has rows without any of an upstream stage."""
    verb = "have" if title.endswith("s") else "has"
    return f"{title} {verb} {count(rows, 'row')} although {upstream} {'have' if upstream.endswith('s') else 'has'} none"


def results_deadline_passed(day: date) -> str:
    """That a date's results can no longer be in time."""
    return f"the results deadline of {day} has passed"


def usually_complete(usually: str, nearly_always: str) -> str:
    """When a stage is usually complete: its median and its 95%, given as clock times."""
    return f"usually complete by {usually} (95% of the time by {nearly_always})"
