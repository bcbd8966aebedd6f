"""The pictures: the season's calendar, when stages come, messages a week."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from io import BytesIO
from itertools import chain, product

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.colors import to_rgba_array
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator, MultipleLocator

from nba_monitoring.core.eastern import dates_between
from nba_monitoring.core.usual_arrival import UsualArrival
from nba_monitoring.reports.marks import MARKS
from nba_monitoring.reports.season_report import SeasonReport

DAYS_A_STRIP = 92
_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture as an address that holds it whole, and what it shows in words."""

    address: str
    alt: str


def calendar(report: SeasonReport) -> Picture:
    """A strip a quarter of a year: a row a stage, a cell a date, blank where nobody looked.

    It ends with the last date that was looked at. PNG, which every page takes.
    """
    days = dates_between(report.season.first, report.days[-1])
    strips = [days[start : start + DAYS_A_STRIP] for start in range(0, len(days), DAYS_A_STRIP)]
    with _style():
        figure = Figure(figsize=(16, (0.2 * len(report.looks) + 0.5) * len(strips) + 0.5), layout="constrained")
        for axes, strip in zip(figure.subplots(len(strips), squeeze=False)[:, 0], strips, strict=True):
            _draw_strip(axes, report, strip)
        handles = [
            Patch(facecolor=MARKS[status].fill, edgecolor="#888888", label=f"{MARKS[status].letter} {status}")
            for status in report.shown_statuses
        ]
        figure.legend(handles=handles, loc="outside lower center", ncols=len(handles), frameon=False)
        address = _address(figure, "png")
    return Picture(address, f"Calendar of {report.season.name}: status of each stage by date")


def _draw_strip(axes: Axes, report: SeasonReport, days: Sequence[date]) -> None:
    rows = [[by_day.get(day) for day in days] for by_day in report.looks.values()]
    fills = [[MARKS[look.check.status].fill if look else "#ffffff" for look in row] for row in rows]
    axes.pcolormesh(
        to_rgba_array(list(chain.from_iterable(fills))).reshape(len(rows), len(days), 4), edgecolors="#ffffff"
    )
    for row, column in product(range(len(rows)), range(len(days))):
        look = rows[row][column]
        if look is not None:
            mark = MARKS[look.check.status]
            axes.text(
                column + 0.5,
                row + 0.55,
                mark.letter,
                color=mark.ink,
                fontsize=7,
                ha="center",
                va="center",
                in_layout=False,  # or the layout measures some thousand marks, which takes most of the time
            )
    axes.set_xlim(0, DAYS_A_STRIP)
    axes.set_ylim(len(rows), 0)
    axes.set_yticks([row + 0.5 for row in range(len(rows))], [report.title(stage) for stage in report.looks])
    marked = [column for column, day in enumerate(days) if day.day in (1, 15) or column == 0]
    axes.set_xticks([column + 0.5 for column in marked], [f"{days[column]:%b} {days[column].day}" for column in marked])
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)


def arrivals(report: SeasonReport) -> Picture | None:
    """A dot a game day at the Eastern time at which each stage was complete. None where no stage has enough of them."""
    usual = list(report.usual.values())
    if not usual:
        return None
    with _style():
        figure = Figure(figsize=(9, 0.42 * len(usual) + 1), layout="constrained")
        axes = figure.subplots()
        for row, found in enumerate(usual):
            _draw_arrivals(axes, row, found)
            if found.stage in report.table:
                due = report.table[found.stage].due
                hours = due.at.hour + due.at.minute / 60 + 24 * due.next_day
                axes.plot(hours, row, marker="|", color="#a63c00", markersize=16, label="due" if row == 0 else None)
        axes.set_yticks(range(len(usual)), [report.title(found.stage) for found in usual])
        axes.set_ylim(len(usual) - 0.5, -0.5)
        axes.xaxis.set_major_locator(MultipleLocator(6))
        axes.xaxis.set_major_formatter(lambda hours, _: _tick(hours))
        axes.set_xlabel("Eastern time; +1 is the day after the games")
        axes.grid(axis="x", color="#dddddd")
        axes.set_axisbelow(True)
        figure.legend(loc="outside upper right", ncols=3, frameon=False)
        address = _address(figure, "svg")
    return Picture(address, "When each stage was complete: " + "; ".join(_in_words(report, found) for found in usual))


def _draw_arrivals(axes: Axes, row: int, found: UsualArrival) -> None:
    is_first = row == 0
    hours = [arrival / _HOUR for arrival in found.arrivals.values()]
    axes.scatter(hours, [row] * len(hours), s=14, color="#0072b2", alpha=0.35, label="a game day" if is_first else None)
    axes.plot(
        [found.median / _HOUR, found.nearly_always / _HOUR],
        [row, row],
        color="#1a1a1a",
        marker="o",
        markersize=4,
        linewidth=1.5,
        label="median to 95 %" if is_first else None,
    )


def _tick(hours: float) -> str:
    clock = datetime(2000, 1, 1) + timedelta(hours=hours)  # noqa: DTZ001 a clock's face, no instant
    days = (clock.date() - date(2000, 1, 1)).days
    return f"{clock.hour % 12 or 12} {clock:%p}" + (f" {days:+d}" if days else "")


def _in_words(report: SeasonReport, found: UsualArrival) -> str:
    return f"{report.title(found.stage)} {found.summary}"


def messages(report: SeasonReport) -> Picture | None:
    """A bar a week. None where nothing was sent."""
    weeks = report.attention.weeks
    if not report.attention.messages:
        return None
    with _style():
        figure = Figure(figsize=(9, 2), layout="constrained")
        axes = figure.subplots()
        axes.bar(list(range(len(weeks))), list(weeks.values()), color="#0072b2")
        marked = range(0, len(weeks), max(1, len(weeks) // 10))
        labels = [f"{monday:%b} {monday.day}" for monday in weeks]
        axes.set_xticks(list(marked), [labels[week] for week in marked])
        axes.yaxis.set_major_locator(MaxNLocator(integer=True))
        axes.set_ylabel("messages")
        axes.set_xlabel("week from")
        address = _address(figure, "svg")
    return Picture(address, f"Messages a week: median {report.attention.median:g}, most {report.attention.most}")


def _address(figure: Figure, kind: str) -> str:
    held = BytesIO()
    figure.savefig(held, format=kind, dpi=90, metadata={"Date": None} if kind == "svg" else {"Software": None})
    media = {"svg": "image/svg+xml", "png": "image/png"}[kind]
    return f"data:{media};base64,{base64.b64encode(held.getvalue()).decode()}"


def _style() -> AbstractContextManager[None]:
    # A name with a dollar sign is no formula, and the same report gives the same bytes.
    return mpl.rc_context(
        {"text.parse_math": False, "svg.hashsalt": "nba-monitoring", "font.family": ["DejaVu Sans"], "font.size": 9}
    )
