"""The shapes of images that failed, and of those believed to, with the interpreter's own verdict."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from nba_monitoring.images import ImageStatus
from nba_monitoring_tests.images.interpreter import MODULES, image_of, judge
from nba_monitoring_tests.images.trees import checked, make_trees, said


@pytest.fixture(scope="module")
def cases() -> Mapping[str, Any]:
    """The cases by name."""
    return {case.name: case for case in make_trees().CASES}


def test_the_two_incidents_of_2026_01_18_are_seen_and_the_third_was_a_false_alarm(
    cases: Mapping[str, Any], tmp_path: Path
) -> None:
    """The worker served /health and failed every prediction for ten hours; the coordinator never started.

    The third was reported by a script that looked for a file's name in the Dockerfile, where a folder's COPY had it.
    """
    reports = {}
    for name in ("worker_predictions_shared", "coordinator_distributed_lock", "worker_write_metrics_is_there"):
        make_trees().write(cases[name], tmp_path / name)
        reports[name] = checked(tmp_path / name, cases[name].dockerfile)

    worker = reports["worker_predictions_shared"]
    assert worker.status is ImageStatus.INCOMPLETE
    assert [finding.text for finding in worker.findings] == [
        "No module named 'predictions.shared' when a request is served (predictions/worker/systems/xgboost_v1.py:3). "
        "The tree has it: add COPY predictions/shared/ ./predictions/shared/"
    ]

    coordinator = reports["coordinator_distributed_lock"]
    assert coordinator.status is ImageStatus.INCOMPLETE
    assert [finding.text for finding in coordinator.findings] == [
        "No module named 'distributed_lock' at start (predictions/worker/batch_staging_writer.py:1). "
        "The tree has it: add COPY predictions/worker/distributed_lock.py ./distributed_lock.py"
    ]

    write_metrics = reports["worker_write_metrics_is_there"]
    assert (write_metrics.status, write_metrics.findings) == (ImageStatus.COMPLETE, [])
    assert "write_metrics" in write_metrics.modules


def test_each_shape_is_reported_as_it_was_and_its_fix_ends_the_report(cases: Mapping[str, Any], tmp_path: Path) -> None:
    differences = []
    for name, case in cases.items():
        for fixed in (False, True)[: 1 + bool(case.fix)]:
            folder = tmp_path / f"{name}{'.fixed' * fixed}"
            make_trees().write(case, folder, fixed=fixed)
            report = checked(folder, case.dockerfile, loads_by_name=case.also)
            expected = [] if fixed else [tuple(each) for each in case.expect]
            if said(report) != expected or (report.status is ImageStatus.COMPLETE) != (not expected):
                differences.append((folder.name, said(report), expected))
    assert differences == []


def test_the_copy_line_that_a_finding_names_ends_it(cases: Mapping[str, Any], tmp_path: Path) -> None:
    tried = 0
    for name, case in cases.items():
        path = make_trees().write(case, tmp_path / name)
        for finding in checked(tmp_path / name, case.dockerfile).findings:
            line = finding.fix.partition("The tree has it: add ")[2]
            if line:
                tried += 1
                head, copy, tail = path.read_text().rpartition("\nCOPY ")
                path.write_text(f"{head}{copy}{tail.partition(chr(10))[0]}\n{line}\n{tail.partition(chr(10))[2]}")
                assert checked(tmp_path / name, case.dockerfile).status is ImageStatus.COMPLETE
    assert tried == 6


def test_the_interpreter_agrees_with_each_report(cases: Mapping[str, Any], tmp_path: Path) -> None:
    """The image is laid out and started, and each of its request handlers called."""
    for name, case in cases.items():
        for fixed in (False, True)[: 1 + bool(case.fix)]:
            folder = tmp_path / f"{name}{'.fixed' * fixed}"
            make_trees().write(case, folder, fixed=fixed)
            times = {when for when, *_ in said(checked(folder, case.dockerfile, loads_by_name=case.also))}
            image = image_of(folder, case.dockerfile)
            installed = {Path(at).name.removesuffix(".dist-info") for at, _ in image.files.walk() if "dist-info" in at}
            judged = judge(image, tmp_path / "images" / folder.name, installed & MODULES.keys(), "statcast")
            assert bool(judged.boot) == ("boot" in times), (folder.name, judged.boot)
            assert any(judged.calls) == ("call" in times), (folder.name, judged.calls)
