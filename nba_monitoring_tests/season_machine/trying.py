"""A season tried on the product: made from its seed, written to a file, replayed and looked at."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from nba_monitoring_tests.season_machine.comparing import Compared, check_difference, compare
from nba_monitoring_tests.season_machine.driving import looked_at, replayed
from nba_monitoring_tests.season_machine.machine import Made


def tried_by_replay(made: Made, path: Path, checks: int = 0) -> Compared:
    """What `replay` would have told of the season, and what `check --as-of` says of so many of its faults when each is
    first told.
    """
    made.season.write(path)
    compared = compare(made.planted, replayed(path, *made.span))
    wrong = list(compared.wrong)
    known = [fault for fault, _ in wrong]
    answers = [fault.answer for fault in made.planted if fault.answer is not None and fault not in known]
    for answer in made.season.rng.sample(answers, min(checks, len(answers))):
        fault = answer.planted
        why = check_difference(answer, looked_at(path, fault.day, answer.first.last))
        wrong += [] if why is None else [(fault, why)]
    return replace(compared, wrong=wrong)


def tried_live(made: Made, folder: Path) -> Compared:
    """What the sensor tells of the season while it goes on."""
    from nba_monitoring_tests.season_machine.live import lived  # noqa: PLC0415 two seconds that a replay need not wait

    return compare(made.planted, lived(made, folder))
