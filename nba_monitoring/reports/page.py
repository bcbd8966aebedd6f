"""The page that is opened each morning: one HTML file that loads nothing, and works without JavaScript."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from nba_monitoring.alerts.messages.course_words import time_to_act
from nba_monitoring.alerts.messages.incident_words import command_for, then_for
from nba_monitoring.core.chain import Chain
from nba_monitoring.core.eastern import dates_between, eastern_clock, tip_clock
from nba_monitoring.core.response_times import ResponseTimes
from nba_monitoring.core.stage_record import StageCheck
from nba_monitoring.core.status import Status
from nba_monitoring.core.usual_arrival import day_clock
from nba_monitoring.core.words import SAMPLE_DATA, day_and_clock, day_name, hours_minutes, moment, ready_of
from nba_monitoring.errors import MonitoringError
from nba_monitoring.files import replace_whole, require_regular
from nba_monitoring.replay.score import lower_bound, score_lines
from nba_monitoring.reports.charts import arrivals, weekly_bars
from nba_monitoring.reports.failures import failures
from nba_monitoring.reports.marks import MARKS
from nba_monitoring.reports.replayed import SeasonReplay
from nba_monitoring.reports.season import RECENT, SeasonReport
from nba_monitoring.settings import Settings

# Marks a file as an earlier report.
_GENERATOR = b'<meta name="generator" content="nba-monitoring report">'
_HEAD = 1000


class PageError(MonitoringError):
    """The page can't be written to the path; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Month:
    """A month of the calendar: its dates within the season, newest first, each with one check per stage."""

    title: str
    rows: Sequence[tuple[date, Sequence[StageCheck | None]]]  # None: not checked


def months(report: SeasonReport) -> Sequence[Month]:
    """The months with a check, newest first."""
    days = dates_between(report.season.first, report.last)[::-1]
    found = []
    for start in dict.fromkeys(day.replace(day=1) for day in days):
        rows = [
            (day, [by_day.get(day) for by_day in report.checks.values()]) for day in days if day.replace(day=1) == start
        ]
        if any(check for _, checks in rows for check in checks):
            found.append(Month(f"{start:%B %Y}", rows))
    return found


def page(report: SeasonReport, replayed: SeasonReplay | None, monitor: Chain | None, settings: Settings) -> str:
    """The page as HTML. It says so first if it shows the sample.

    `replayed` is None if the season was not replayed yet, and `monitor` if its health is unknown.
    """
    environment = Environment(
        loader=PackageLoader("nba_monitoring.reports", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "moment": moment,
        "clock": eastern_clock,
        "tip_clock": tip_clock,
        "day_name": day_name,
        "table_time": day_and_clock,
        "span": hours_minutes,
        "day_clock": day_clock,
        "ready_of": ready_of,
    }
    script = environment.get_template("filters.js").render().strip()
    # It need not link to itself.
    elsewhere = settings.model_copy(update={"report_url": None})
    found = failures(report.checks, report.failing_since, report.table, report.made_at, elsewhere)
    return environment.get_template("page.html.jinja").render(
        report=report,
        replayed=replayed,
        monitor=monitor,
        environment=settings.environment,
        sample=SAMPLE_DATA if settings.is_sample else None,
        script=script,
        script_hash=b64encode(sha256(script.encode()).digest()).decode(),
        marks=MARKS,
        statuses=list(Status),
        failures=found,
        recent=[failure for failure in found if report.today.day - failure.check.check_date < RECENT],
        recent_days=RECENT.days,
        months=months(report),
        arrivals=arrivals(report.usual, report.table),
        bars=weekly_bars(report.messages.by_week),
        command_for=command_for,
        then_for=then_for,
        time_to_act=time_to_act,
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


def write_page(text: str, path: Path) -> None:
    """Write the page, replacing an earlier one whole and creating its folder if needed. Raises PageError."""
    require_replaceable(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_whole(path, text)
    except OSError as error:
        raise _cant_write(path, error) from error


def _cant_write(path: Path, error: OSError) -> PageError:
    return PageError(f"{path}: can't be written ({error.strerror}); choose a file in a folder that you may write to")
