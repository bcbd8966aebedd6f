"""The report as one page: no network, no script; everything that it shows is inside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from nba_monitoring.core.eastern import dates_between, eastern, eastern_stamp
from nba_monitoring.core.incidents import EndedAs, Incident
from nba_monitoring.core.response_times import ResponseTimes
from nba_monitoring.core.status import Status
from nba_monitoring.core.usual_arrival import day_clock
from nba_monitoring.errors import MonitoringError
from nba_monitoring.replay.score import lower_bound, score_lines
from nba_monitoring.reports.looks import Look
from nba_monitoring.reports.marks import MARKS
from nba_monitoring.reports.pictures import arrivals, messages
from nba_monitoring.reports.season_replay import SeasonReplay
from nba_monitoring.reports.season_report import SeasonReport

# By which a file is known as an earlier report.
_GENERATOR = b'<meta name="generator" content="nba-monitoring report">'
_HEAD = 1000


class PageError(MonitoringError):
    """The page can't be written where it was asked for; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Month:
    """A month of the calendar: its days within the season, and for each stage the newest look at each of them."""

    title: str
    days: Sequence[date]
    rows: Sequence[tuple[str, Sequence[Look | None]]]  # the stage's name, and a look a day; None: nobody looked

    @property
    def is_looked_at(self) -> bool:
        """Whether someone looked at one of its dates."""
        return any(look for _, looks in self.rows for look in looks)


def months(report: SeasonReport) -> Sequence[Month]:
    """The calendar from the opener to the last date shown."""
    days = dates_between(report.season.first, report.last)
    starts = sorted({day.replace(day=1) for day in days})
    found = []
    for start in starts:
        within = [day for day in days if day.replace(day=1) == start]
        rows = [(stage, [by_day.get(day) for day in within]) for stage, by_day in report.looks.items()]
        found.append(Month(f"{start:%B %Y}", within, rows))
    return found


def page(report: SeasonReport, replayed: SeasonReplay) -> str:
    """The page as HTML."""
    environment = Environment(
        loader=PackageLoader("nba_monitoring.reports", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"stamp": eastern_stamp, "clock": _clock, "span": _span, "day_clock": day_clock}
    return environment.get_template("season.html.jinja").render(
        report=report,
        replayed=replayed,
        marks=MARKS,
        statuses=list(Status),
        months=months(report),
        arrivals=arrivals(report),
        messages=messages(report),
        times_of=ResponseTimes.of,
        end_of=_end,
        score_lines=score_lines,
        lower_bound=lower_bound,
    )


def require_replaceable(path: Path) -> None:
    """Raises PageError where something else than an earlier report is at the path, which a report must not replace."""
    try:
        if path.is_dir():
            raise PageError(f"{path} is a folder; name a file, such as {path / 'report.html'}")
        if path.is_file():
            with path.open("rb") as file:
                head = file.read(_HEAD)
            if head and _GENERATOR not in head:
                raise PageError(f"{path} is there and is no earlier report, so it is left as it is; name another file")
    except OSError as error:
        raise _cant_write(path, error) from error


def write_page(report: SeasonReport, replayed: SeasonReplay, path: Path) -> None:
    """Write the page, over an earlier one if need be, making its folder if need be. Raises PageError."""
    require_replaceable(path)
    text = page(report, replayed)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise _cant_write(path, error) from error


def _cant_write(path: Path, error: OSError) -> PageError:
    return PageError(f"{path}: can't be written ({error.strerror}); name a file in a folder that you may write to")


def _clock(instant: datetime | None) -> str:
    """'Jan 18 11:05': which year it was, the season says."""
    if instant is None:
        return ""
    local = eastern(instant)
    return f"{local:%b} {local.day} {local:%H:%M}"


def _span(minutes: float | None) -> str:
    """'0:45', '2:05', '3 d 2:05'; with a minus for what was left after the tip-off."""
    if minutes is None:
        return ""
    span = timedelta(minutes=abs(round(minutes)))
    hours, seconds = divmod(span.seconds, 3600)
    days = f"{span.days} d " if span.days else ""
    return f"{'-' if round(minutes) < 0 else ''}{days}{hours}:{seconds // 60:02}"


def _end(incident: Incident) -> str:
    """'recovered', 'closed by Ann: known', 'open'."""
    if incident.is_open:
        return "open"
    if incident.ended_as is EndedAs.CLOSED:
        note = f": {incident.detail.note}" if incident.detail.note else ""
        return f"closed by {incident.detail.closed_by or 'someone'}{note}"
    return "ended" if incident.ended_as is None else incident.ended_as.replace("_", " ")
