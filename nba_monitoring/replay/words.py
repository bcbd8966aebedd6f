"""What a replay comes to, in words: on the terminal and in the report alike."""

from __future__ import annotations

from collections.abc import Sequence

from nba_monitoring.replay.score import Score


def score_lines(score: Score) -> Sequence[tuple[str, str]]:
    """Each number of a score: what it is, and how much."""
    return (
        ("dates", f"{score.dates}"),
        ("incidents told", f"{score.incidents}"),
        ("messages", f"{score.messages}"),
        ("messages a week", f"{score.messages_a_week}"),
        ("false alarms", _listed(score.false_alarms)),
        ("blind mornings", _listed([str(day) for day in score.blind_mornings])),
        ("minutes from due to told, median (worst)", _pair(score.minutes_to_tell_median, score.minutes_to_tell_worst)),
        ("minutes left to tip-off, median (worst)", _pair(score.minutes_left_median, score.minutes_left_worst)),
    )


def lower_bound(stages: Sequence[str]) -> str:
    """What the replay does not know of stages, one at least, whose tables rewrite their rows."""
    return (
        f"{', '.join(stages)}: rows are rewritten, so that for most dates nothing is left of when they first came. "
        "What is told of it here is a lower bound of what was there."
    )


def _listed(names: Sequence[str]) -> str:
    return f"{len(names)}: {', '.join(names)}" if names else "0"


def _pair(middle: float | None, worst: float | None) -> str:
    return "-" if middle is None or worst is None else f"{middle:.0f} ({worst:.0f})"
