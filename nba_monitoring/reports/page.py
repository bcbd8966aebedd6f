"""The report as one HTML page, without scripts or external resources."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from nba_monitoring.core.eastern import dates_between, eastern_stamp
from nba_monitoring.core.incidents import ResponseTimes
from nba_monitoring.core.stage_record import StageCheck
from nba_monitoring.core.status import Status
from nba_monitoring.core.usual_arrival import day_clock
from nba_monitoring.core.words import SAMPLE_DATA, day_and_clock, hours_minutes, ready_of
from nba_monitoring.errors import MonitoringError
from nba_monitoring.files import require_regular
from nba_monitoring.replay.score import lower_bound, score_lines
from nba_monitoring.reports.pictures import MARKS, arrivals, messages
from nba_monitoring.reports.season import SeasonReplay, SeasonReport

# Marks a file as an earlier report.
_GENERATOR = b'<meta name="generator" content="nba-monitoring report">'
_HEAD = 1000


class PageError(MonitoringError):
    """The page can't be written to the path; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Month:
    """A month of the calendar: its days within the season, and each stage's newest check of each day."""

    title: str
    days: Sequence[date]
    rows: Sequence[
        tuple[str, Sequence[StageCheck | None]]
    ]  # the stage's name, and one check per day; None: not checked

    @property
    def is_checked(self) -> bool:
        """Whether any of its dates was checked."""
        return any(check for _, checks in self.rows for check in checks)


def months(report: SeasonReport) -> Sequence[Month]:
    """The calendar from the opener to the last date shown."""
    days = dates_between(report.season.first, report.last)
    starts = sorted({day.replace(day=1) for day in days})
    found = []
    for start in starts:
        within = [day for day in days if day.replace(day=1) == start]
        rows = [(stage, [by_day.get(day) for day in within]) for stage, by_day in report.checks.items()]
        found.append(Month(f"{start:%B %Y}", within, rows))
    return found


def page(report: SeasonReport, replayed: SeasonReplay, is_sample: bool = False) -> str:
    """The page as HTML. It says so first if it shows the sample."""
    environment = Environment(
        loader=PackageLoader("nba_monitoring.reports", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "stamp": eastern_stamp,
        "clock": day_and_clock,
        "span": hours_minutes,
        "day_clock": day_clock,
        "ready_of": ready_of,
    }
    return environment.get_template("season.html.jinja").render(
        report=report,
        replayed=replayed,
        sample=SAMPLE_DATA if is_sample else None,
        marks=MARKS,
        statuses=list(Status),
        months=months(report),
        arrivals=arrivals(report),
        messages=messages(report),
        times_of=ResponseTimes.of,
        score_lines=score_lines,
        lower_bound=lower_bound,
    )


def require_replaceable(path: Path) -> None:
    """Raises PageError if the path has anything but an earlier report."""
    try:
        if path.is_dir():
            raise PageError(f"{path} is a folder; choose a file, such as {path / 'report.html'}")
        if path.exists():
            require_regular(path)
            with path.open("rb") as file:
                head = file.read(_HEAD)
            if head and _GENERATOR not in head:
                raise PageError(f"{path} exists and is not a report; choose another file")
    except OSError as error:
        raise _cant_write(path, error) from error


def write_page(report: SeasonReport, replayed: SeasonReplay, path: Path, is_sample: bool = False) -> None:
    """Write the page, replacing an earlier one and creating its folder if needed. Raises PageError."""
    require_replaceable(path)
    text = page(report, replayed, is_sample)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise _cant_write(path, error) from error


def _cant_write(path: Path, error: OSError) -> PageError:
    return PageError(f"{path}: can't be written ({error.strerror}); choose a file in a folder that you may write to")
