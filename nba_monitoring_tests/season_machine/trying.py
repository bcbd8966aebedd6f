"""Try a season on the monitor: by replay and `check --as-of`, or live."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from nba_monitoring_tests.season_machine.clock import morning
from nba_monitoring_tests.season_machine.comparing import Compared, check_difference, compare
from nba_monitoring_tests.season_machine.driving import problems, replayed, verdicts
from nba_monitoring_tests.season_machine.machine import Made


def tried_by_replay(made: Made, path: Path, checks: int = 0) -> Compared:
    """Compare the alerts of `replay` with the planted faults, and for some of them the verdict of `check --as-of` at
    the first alert.
    """
    made.season.write(path)
    compared = compare(made.planted, replayed(path, *made.span), with_causes=True)
    wrong = list(compared.wrong)
    known = [fault for fault, _ in wrong]
    answers = [fault.answer for fault in made.planted if fault.answer is not None and fault not in known]
    for answer in made.season.rng.sample(answers, min(checks, len(answers))):
        fault = answer.planted
        why = check_difference(answer, verdicts(path, fault.day, answer.first.last))
        wrong += [] if why is None else [(fault, why)]
    for fault in made.planted:
        if fault.is_without_problems and (found := problems(path, fault.day, morning(fault.day))):
            wrong.append((fault, f"check --as-of reports {found}"))
    return replace(compared, wrong=wrong)


def tried_live(made: Made, folder: Path) -> Compared:
    """Compare the alerts of the sensor with the planted faults."""
    from nba_monitoring_tests.season_machine.live import live_alerts  # noqa: PLC0415 two seconds that a replay need not wait

    return compare(made.planted, live_alerts(made, folder), with_causes=False)
