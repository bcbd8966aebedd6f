"""The mark, the colors and the meaning of each status on the page."""

from __future__ import annotations

from dataclasses import dataclass

from nba_monitoring.core.status import Status


@dataclass(frozen=True, slots=True)
class Mark:
    """Letter, colors and meaning of a status. Colors as #rrggbb, for a light and for a dark page.

    On a light page passing is light and failing dark, so that a print without colors shows it too, and each letter is
    unique.
    """

    letter: str
    fill: str
    ink: str
    dark_fill: str
    dark_ink: str
    means: str


_INK, _PAPER, _BRIGHT = "#14213d", "#ffffff", "#0b0f19"

# Hues of Okabe and Ito's palette, which every kind of color blindness can tell apart.
MARKS = {
    Status.AVAILABLE: Mark("✓", "#d5efe4", "#0a5c43", "#12382c", "#7fdcb8", "complete"),
    Status.NO_GAMES: Mark("·", "#f1f3f6", "#566075", "#1a2130", "#98a2b6", "no games"),
    Status.BOOTSTRAP: Mark("b", "#dcebf7", _INK, "#17304a", "#b5d8f5", "early season, empty by design"),
    Status.NOT_DUE: Mark("n", "#fbf3c0", _INK, "#3b350f", "#f0e28a", "not due yet"),
    Status.HALTED: Mark("h", "#e6e0f0", _INK, "#332a4a", "#d3c5f2", "halted on purpose"),
    Status.PARTIAL_DATA: Mark("P", "#8a5a00", _PAPER, "#f0b13c", _BRIGHT, "incomplete"),
    Status.MISSING_DATA: Mark("M", "#a63c00", _PAPER, "#ff8b52", _BRIGHT, "missing"),
    Status.BAD_DATA: Mark("B", "#7d2f63", _PAPER, "#e795c8", _BRIGHT, "present, but fails a rule"),
    Status.UNKNOWN_SCHEDULE: Mark("?", "#000000", _PAPER, "#ffffff", _BRIGHT, "no schedule"),
    Status.SUSPECT_JOIN: Mark("J", "#005a8c", _PAPER, "#6bbcf2", _BRIGHT, "rows that match no game"),
}
