"""The calendar's marks, and the pictures: when stages are complete, and messages per week."""

from __future__ import annotations

import base64
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from io import BytesIO

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, MultipleLocator

from nba_monitoring.core.status import Status
from nba_monitoring.core.usual_arrival import UsualArrival
from nba_monitoring.reports.season import SeasonReport

_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture as a data URL, and its alternative text."""

    address: str
    alt: str


@dataclass(frozen=True, slots=True)
class Mark:
    """Calendar mark, color and label of a status. Passing is light and failing dark, so that a print without colors
    shows it too, and each letter is unique. Colors as #rrggbb.
    """

    letter: str
    fill: str
    ink: str
    means: str


_INK, _PAPER = "#1a1a1a", "#ffffff"

# Hues of Okabe and Ito's palette, which every kind of color blindness can tell apart.
MARKS = {
    Status.AVAILABLE: Mark("✓", "#cdebe0", _INK, "complete"),
    Status.NO_GAMES: Mark("·", "#f5f5f5", "#595959", "no games"),
    Status.BOOTSTRAP: Mark("b", "#dcebf7", _INK, "early season, empty by design"),
    Status.NOT_DUE: Mark("n", "#fbf5c4", _INK, "not due yet"),
    Status.HALTED: Mark("h", "#e6e0ec", _INK, "halted on purpose"),
    Status.PARTIAL_DATA: Mark("P", "#8a5a00", _PAPER, "incomplete"),
    Status.MISSING_DATA: Mark("M", "#a63c00", _PAPER, "missing"),
    Status.BAD_DATA: Mark("B", "#7d2f63", _PAPER, "present, but fails a rule"),
    Status.UNKNOWN_SCHEDULE: Mark("?", "#000000", _PAPER, "no schedule"),
    Status.SUSPECT_JOIN: Mark("J", "#005a8c", _PAPER, "rows that match no game"),
}


def arrivals(report: SeasonReport) -> Picture | None:
    """One dot per game day at the Eastern time each stage was complete. None if no stage has enough of them."""
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
        axes.set_xlabel("US Eastern; +1 is the day after the games")
        axes.grid(axis="x", color="#dddddd")
        axes.set_axisbelow(True)
        figure.legend(loc="outside upper right", ncols=3, frameon=False)
        address = _address(figure, "svg")
    return Picture(
        address,
        "When each stage was complete: " + "; ".join(f"{report.title(found.stage)} {found.summary}" for found in usual),
    )


def _draw_arrivals(axes: Axes, row: int, found: UsualArrival) -> None:
    is_first = row == 0
    hours = [arrival / _HOUR for arrival in found.arrivals.values()]
    axes.scatter(
        hours, [row] * len(hours), s=14, color="#0072b2", alpha=0.35, label="one game day" if is_first else None
    )
    axes.plot(
        [found.median / _HOUR, found.nearly_always / _HOUR],
        [row, row],
        color="#1a1a1a",
        marker="o",
        markersize=4,
        linewidth=1.5,
        label="median to 95%" if is_first else None,
    )


def _tick(hours: float) -> str:
    clock = datetime(2000, 1, 1) + timedelta(hours=hours)  # noqa: DTZ001 a clock's face, no instant
    days = (clock.date() - date(2000, 1, 1)).days
    return f"{clock.hour % 12 or 12} {clock:%p}" + (f" {days:+d}" if days else "")


def messages(report: SeasonReport) -> Picture | None:
    """One bar per week. None if no message was sent."""
    weeks = report.messages.by_week
    if not report.messages.total:
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
    return Picture(address, f"Messages per week: median {report.messages.median:g}, most {report.messages.most}")


def _address(figure: Figure, kind: str) -> str:
    held = BytesIO()
    figure.savefig(held, format=kind, dpi=90, metadata={"Date": None} if kind == "svg" else {"Software": None})
    media = {"svg": "image/svg+xml", "png": "image/png"}[kind]
    return f"data:{media};base64,{base64.b64encode(held.getvalue()).decode()}"


def _style() -> AbstractContextManager[None]:
    # A dollar sign in a name is not a formula, and the same report gives the same bytes.
    return mpl.rc_context(
        {"text.parse_math": False, "svg.hashsalt": "nba-monitoring", "font.family": ["DejaVu Sans"], "font.size": 9}
    )
