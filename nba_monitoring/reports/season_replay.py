"""What the replay says of a season: how the alerts would have served, had the monitor run all along."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from nba_monitoring.core.eastern import game_date
from nba_monitoring.core.incidents import Incident
from nba_monitoring.core.status import Status
from nba_monitoring.replay.course import Told
from nba_monitoring.replay.replay import Replay, replay
from nba_monitoring.reports.season_report import SeasonReport
from nba_monitoring.settings import Settings
from nba_monitoring.warehouse import Warehouse
from nba_monitoring.warehouse.engines import WarehouseError

# As the schedule of the rechecks has it.
EVERY = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class SeasonReplay:
    """The dates from first to last replayed; or why they are not."""

    first: date
    last: date
    found: Replay | None
    why_not: str | None = None

    @property
    def told(self) -> Sequence[tuple[Told, Incident]]:
        """The incidents that would have been told, by date: the first message of each, and how it ended."""
        courses = () if self.found is None else self.found.courses
        return [
            (course.first_told[incident.incident_id], incident) for course in courses for incident in course.told_of
        ]


def season_replay(
    warehouse: Warehouse,
    settings: Settings,
    report: SeasonReport,
    progress: Callable[[Sequence[date]], Iterable[date]] = iter,
) -> SeasonReplay:
    """The season of a report, from its opener to the last date with games that was looked at, without today.

    The summer would thin out the messages a week. The history needs none of the platform's tables, so where these
    can't be read the report does without.
    """
    today, first = game_date(report.made_at), report.season.first
    with_games = [
        day
        for by_day in report.looks.values()
        for day, look in by_day.items()
        if day < today and look.check.status is not Status.NO_GAMES
    ]
    last = max(with_games, default=first)
    if not with_games:
        return SeasonReplay(first, last, None, "no date with games has been looked at before today")
    try:
        found, _ = replay(warehouse, settings, (first, last), EVERY, report.made_at, progress=progress)
    except WarehouseError as error:
        return SeasonReplay(first, last, None, str(error))
    return SeasonReplay(first, last, found)
