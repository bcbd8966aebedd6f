"""Team codes: the NBA's tricodes, to which every other spelling is translated on input."""

from __future__ import annotations

TRICODES = frozenset(
    "ATL BKN BOS CHA CHI CLE DAL DEN DET GSW HOU IND LAC LAL MEM "
    "MIA MIL MIN NOP NYK OKC ORL PHI PHX POR SAC SAS TOR UTA WAS".split()
)

ALIASES = {
    # ESPN's own abbreviations
    "GS": "GSW",
    "NO": "NOP",
    "NY": "NYK",
    "SA": "SAS",
    "UTAH": "UTA",
    "WSH": "WAS",
    # Basketball-Reference's
    "BRK": "BKN",
    "CHO": "CHA",
    "PHO": "PHX",
    # The league's in older schedule files. Not here: SEA, VAN and NJN. A city that lost its team may get another.
    "CHH": "CHA",
    "GOS": "GSW",
    "NOH": "NOP",
    "NOK": "NOP",
    "PHL": "PHI",
    "SAN": "SAS",
    "UTH": "UTA",
}

_SPELLINGS = {code: code for code in TRICODES} | ALIASES

# Play-in, playoff and Cup games are listed before their teams are known.
_NO_TEAM = frozenset({"", "TBD"})

# Sides of All-Star weekend (league ids with prefix 003); ESPN and older seasons use the spelled-out ones.
ALL_STAR_TEAMS = frozenset(
    "EAST WEST EST WST CHK SHQ KEN CAN TMT TMC TMG TMM GIA LEB DUR STP USA WORLD WLD STARS STRIPES".split()
)


def tricode(code: str) -> str | None:
    """The NBA tricode for a team code in any known spelling, or None for an unknown code."""
    return _SPELLINGS.get(code.strip().upper())


def team_of(code: str) -> str:
    """The NBA tricode for a team code in any known spelling, else the code itself, in capitals."""
    return tricode(code) or code.strip().upper()


def names_a_team(code: str) -> bool:
    """Whether a listing names a team in place of this code, known or not: 'TBD' and nothing name none."""
    return code.strip().upper() not in _NO_TEAM


def is_known(code: str) -> bool:
    """Whether a code, already translated, is one of the thirty teams."""
    return code in TRICODES
