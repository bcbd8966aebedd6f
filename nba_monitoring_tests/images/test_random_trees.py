"""Trees drawn at random with known answers: nothing is missed, and nothing else is said."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

from nba_monitoring_tests.images.random_trees import random_tree
from nba_monitoring_tests.images.trees import checked, said, written


def differences(seeds: Iterable[int], folder: Path) -> list[tuple[int, set[object], set[object]]]:
    """The seeds whose tree is judged wrongly, with what was missed and what was said too much."""
    found = []
    for seed in seeds:
        tree = random_tree(seed)
        report = checked(written(tree.files, folder / str(seed)), "service/Dockerfile")
        answers = set(said(report))
        if answers != tree.answers:
            found.append((seed, set[object](tree.answers - answers), set[object](answers - tree.answers)))
    return found


def test_random_trees_are_judged_as_their_answers_say(tmp_path: Path) -> None:
    assert differences(range(40), tmp_path) == []


@pytest.mark.thorough
def test_a_thousand_random_trees_are_judged_as_their_answers_say(tmp_path: Path) -> None:
    assert differences(range(1000, 2000), tmp_path) == []
