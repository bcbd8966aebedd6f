"""How a status looks in the calendar: a mark, a colour, and what to call it."""

from __future__ import annotations

from dataclasses import dataclass

from nba_monitoring.core.status import Status


@dataclass(frozen=True, slots=True)
class Mark:
    """A mark that no other status has, so that colour is never the only difference; what passes is light, what fails
    dark, so that a print without colours shows it too. Colours as #rrggbb.
    """

    letter: str
    fill: str
    ink: str
    means: str


_INK, _PAPER = "#1a1a1a", "#ffffff"

# Hues of Okabe and Ito's palette, which people with each kind of colour blindness can tell apart.
MARKS = {
    Status.AVAILABLE: Mark("✓", "#cdebe0", _INK, "complete"),
    Status.NO_GAMES: Mark("·", "#f5f5f5", "#595959", "no games"),
    Status.BOOTSTRAP: Mark("b", "#dcebf7", _INK, "empty in the season's first days, by design"),
    Status.NOT_DUE: Mark("n", "#fbf5c4", _INK, "not due yet"),
    Status.HALTED: Mark("h", "#e6e0ec", _INK, "stopped on purpose"),
    Status.PARTIAL_DATA: Mark("P", "#8a5a00", _PAPER, "too few of something"),
    Status.MISSING_DATA: Mark("M", "#a63c00", _PAPER, "something missing"),
    Status.BAD_DATA: Mark("B", "#7d2f63", _PAPER, "there, and a rule fails"),
    Status.UNKNOWN_SCHEDULE: Mark("?", "#000000", _PAPER, "no schedule known"),
    Status.SUSPECT_JOIN: Mark("J", "#005a8c", _PAPER, "rows that match no game"),
}
