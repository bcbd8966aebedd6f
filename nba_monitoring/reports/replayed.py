"""The replay of a season as its report shows it: made once a day by the season's asset, and stored."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from nba_monitoring.core.codec import Instant, from_json_values, to_json_text
from nba_monitoring.core.eastern import game_date
from nba_monitoring.core.response_times import ResponseTimes
from nba_monitoring.core.services import AnyStatus
from nba_monitoring.core.status import Severity, Status
from nba_monitoring.replay.replay import Replay, replay
from nba_monitoring.replay.score import Score
from nba_monitoring.reports.season import Season, SeasonReport
from nba_monitoring.settings import Settings
from nba_monitoring.warehouse import Warehouse
from nba_monitoring.warehouse.engines import WarehouseError

# The time between two checks, as in the schedule `recheck_until_covered`.
EVERY = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class ReplayedIncident:
    """An incident that would have been alerted: as it was at the first alert, and how it ended."""

    incident_id: str
    stage: str
    status: AnyStatus
    severity: Severity
    alerted_at: Instant
    ended_at: Instant | None
    standing: str  # recovered, too late
    first_tip_at: Instant | None
    minutes_left: float | None  # from the first alert to the first tip-off or the results deadline


@dataclass(frozen=True, slots=True)
class SeasonReplay:
    """The replay of the dates from first to last, or why there is none, as of an instant (UTC)."""

    made_at: Instant
    first: date
    last: date
    score: Score | None = None
    incidents: tuple[ReplayedIncident, ...] = ()
    rewritten: tuple[str, ...] = ()  # stages whose results are a lower bound
    why_not: str | None = None


def season_replay(warehouse: Warehouse, settings: Settings, report: SeasonReport) -> SeasonReplay:
    """Replay a report's season from its opener to the last checked date with games, without today.

    The summer would thin out the messages per week. If the platform's tables can't be read, the report does without.
    """
    made_at, first = report.made_at, report.season.first
    today = game_date(made_at)
    with_games = [
        day
        for by_day in report.checks.values()
        for day, row in by_day.items()
        if day < today and row.status is not Status.NO_GAMES
    ]
    last = max(with_games, default=first)
    if not with_games:
        return SeasonReplay(made_at, first, last, why_not="no date with games has been checked before today")
    try:
        found, _ = replay(warehouse, settings, (first, last), EVERY, made_at)
    except WarehouseError as error:
        return SeasonReplay(made_at, first, last, why_not=str(error))
    return SeasonReplay(made_at, first, last, found.score, tuple(_alerted(found)), found.rewritten)


def _alerted(found: Replay) -> Iterable[ReplayedIncident]:
    for each in found.dates:
        alerts = each.first_alerts
        for incident in each.alerted:
            first = alerts[incident.incident_id]
            yield ReplayedIncident(
                incident.incident_id,
                first.incident.stage,
                first.incident.status,
                first.incident.severity,
                first.at,
                incident.ended_at,
                incident.standing,
                incident.first_tip_at,
                ResponseTimes.of(incident).minutes_left_told,
            )


def replay_of_the_day(warehouse: Warehouse, settings: Settings, report: SeasonReport) -> SeasonReplay:
    """The replay that was stored today, or else a new one, which is stored unless it failed."""
    stored = stored_replay(warehouse, report.season)
    if stored is not None and game_date(stored.made_at) == game_date(report.made_at):
        return stored
    made = season_replay(warehouse, settings, report)
    if made.score is not None:
        warehouse.append_season_replay(report.season.name, made.made_at, to_json_text(made))
    return made


def stored_replay(warehouse: Warehouse, season: Season) -> SeasonReplay | None:
    """The newest stored replay of a season; None if there is none that this version can read."""
    text = warehouse.newest_season_replay(season.name, season.first, season.last)
    try:
        return None if text is None else from_json_values(SeasonReplay, json.loads(text))
    except ValueError:  # no JSON, or an UnreadableError
        return None
