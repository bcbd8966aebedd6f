"""`nba-monitoring images` on the command line."""

from __future__ import annotations

import sys
from pathlib import Path

import duckdb
import pytest

from nba_monitoring_tests.cli.conftest import Command
from nba_monitoring_tests.cli.outcome import run_process
from nba_monitoring_tests.images.trees import SLIM, written
from nba_monitoring_tests.morning import Platform

TREE = {
    "worker/Dockerfile": f"{SLIM}RUN pip install gunicorn\nCOPY worker/ ./\nCMD gunicorn worker:app\n",
    "worker/worker.py": "import lock_file\nimport shared.one, shared.two\napp = 1\n",
    "worker/lock_file.py": "",
    "shared/one.py": "",
    "shared/two.py": "",
    "job.Dockerfile": f"{SLIM}COPY job.py ./\nCMD python job.py\n",
    "job.py": "import json\n",
}


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A tree of two images: the worker's lacks `shared`, the job's is complete."""
    return written(TREE, tmp_path / "tree")


def test_check_prints_each_image_and_what_to_do_about_each_finding(command: Command, tree: Path) -> None:
    done = command("images", "check", tree)
    assert (done.status, done.err) == (1, "")
    assert done.out.splitlines() == [
        "job.Dockerfile: COMPLETE",
        "worker/Dockerfile: INCOMPLETE (ERROR)",
        "  No module named 'shared' at start (worker/worker.py:2). The tree has it: add COPY shared/ ./shared/",
    ]


def test_check_as_json_has_one_line_per_image(command: Command, tree: Path) -> None:
    job, worker = command("images", "check", tree, "--json").records
    assert job == {"image": "job.Dockerfile", "status": "COMPLETE", "findings": [], "modules": ["__main__"],
                   "libraries": [], "notes": []}  # fmt: skip
    assert worker["status"] == "INCOMPLETE"
    assert worker["findings"] == [
        {"when": "boot", "kind": "module", "missing": "shared", "where": "worker/worker.py:2", "places": 1,
         "fix": "The tree has it: add COPY shared/ ./shared/"}
    ]  # fmt: skip
    assert (worker["modules"], worker["libraries"]) == (["lock_file", "worker"], ["gunicorn"])


def test_one_image_is_checked_by_its_service_its_dockerfile_or_its_folder(
    command: Command, tree: Path, tmp_path: Path
) -> None:
    for name in ("job.Dockerfile", "worker/Dockerfile", "worker", "worker/"):
        (record,) = command("images", "check", tree, "--only", name, "--json").records
        assert record["image"].startswith(name.rstrip("/"))
    services = tmp_path / "services.yaml"
    services.write_text("services: {nightly_job: {image: {dockerfile: job.Dockerfile}}}")
    done = command("images", "check", tree, "--services", services, "--only", "nightly_job")
    assert (done.status, done.out) == (0, "job.Dockerfile: COMPLETE\n")


def test_the_knobs_of_a_service_s_image_are_read(command: Command, tree: Path, tmp_path: Path) -> None:
    services = tmp_path / "services.yaml"
    services.write_text("""
cloud_run: {project: nba-props-platform, region: us-west2}
services:
  prediction_worker:
    service: prediction-worker
    image:
      dockerfile: worker/Dockerfile
      made_before_build: [models/]
      loads_by_name: ["/app/*.py"]
      starts: gunicorn worker:app
      ignore:
        - {missing: shared, reason: it is mounted}
    feeds: [predictions]
""")
    done = command("images", "check", tree, "--services", services)
    assert (done.status, done.out) == (0, "worker/Dockerfile: COMPLETE\n")


def test_list_shows_what_each_image_starts_and_needs(command: Command, tree: Path) -> None:
    done = command("images", "list", tree)
    assert (done.status, done.err) == (0, "")
    heading, *lines = [" ".join(line.split()) for line in done.out.splitlines()]
    assert heading == "Image Status Starts Modules Libraries"
    assert lines == [
        "job.Dockerfile COMPLETE python job.py __main__ 1",
        "worker/Dockerfile INCOMPLETE gunicorn worker:app lock_file 1, worker 1 gunicorn",
    ]


def test_a_tree_that_is_no_folder_or_has_no_dockerfile_is_an_error(
    command: Command, tree: Path, tmp_path: Path
) -> None:
    for arguments, text in (
        ([tree / "job.py"], "no such folder"),
        ([tmp_path / "nowhere"], "no such folder"),
        ([tree / "shared"], "no Dockerfile below it"),
        ([tree, "--only", "worker/Dockrfile"], "no such image; did you mean 'worker/Dockerfile'?"),
        ([tree, "--services", tmp_path / "no.yaml"], "no.yaml: does not exist; check --services"),
    ):
        done = command("images", "check", *arguments)
        assert (done.status, done.out) == (2, "")
        assert text in done.err
        assert done.err.count("\n") == 1


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("", "services.yaml: has no fields; start with `services:`"),
        ("services: [", "services.yaml:2: is not YAML"),
        ("services: {a: {service: a}}", "services.yaml:1: services: no service has an image"),
        ("services: {a: {feeds: [x]}}", "services.yaml:1: services.a.service: required, but missing"),
        ("services:\n  a: {}\n  a: {}\n", "services.yaml:3: services.a: appears twice; keep one"),
        ("services:\n  a:\n    image: {}\n", "services.yaml:3: services.a.image.dockerfile: required, but missing"),
        ("services:\n  a:\n    image: {dockerfile: x}\n", "services.yaml:3: services.a.image.dockerfile: no file 'x'"),
        (
            "services:\n  a:\n    image:\n      dockerfile: job.Dockerfile\n      start: x\n",
            "services.yaml:5: services.a.image.start: unknown field; did you mean 'starts'?",
        ),
        (
            "services:\n  a:\n    image:\n      dockerfile: job.Dockerfile\n      ignore: [{missing: x}]\n",
            "services.yaml:5: services.a.image.ignore[0].reason: required, but missing",
        ),
        ("service: {}\n", "services.yaml:1: service: unknown field"),
    ],
)  # fmt: skip
def test_a_wrong_services_file_is_an_error_at_its_line(
    command: Command, tree: Path, tmp_path: Path, text: str, error: str
) -> None:
    services = tmp_path / "services.yaml"
    services.write_text(text)
    done = command("images", "check", tree, "--services", services)
    assert (done.status, done.out) == (2, "")
    assert error in done.err


@pytest.mark.parametrize("name", ["check", "list"])
def test_each_command_of_images_explains_itself(command: Command, name: str) -> None:
    done = command("images", name, "--help")
    assert done.status == 0
    assert max(map(len, done.out.splitlines())) <= 80


def test_a_machine_without_the_parser_of_dockerfiles_is_told_what_to_do(tree: Path) -> None:
    script = "import sys; sys.modules['dockerfile'] = None; from nba_monitoring.cli.main import main; main({})"
    done = run_process(sys.executable, "-c", script.format(["images", "check", str(tree)]))
    assert (done.status, done.out) == (2, "")
    assert done.err.startswith("nba-monitoring: images: needs the package dockerfile")


@pytest.mark.slow
def test_no_other_command_imports_the_checker_of_images(
    platform: Platform, held_open: duckdb.DuckDBPyConnection, tree: Path
) -> None:
    held_open.close()
    script = (
        "import atexit, sys; from nba_monitoring.cli.main import main; "
        "atexit.register(lambda: print([name for name in sys.modules if 'images' in name or name == 'dockerfile'])); "
        "main({})"
    )
    for arguments in (["check", "--date", "2026-01-18"], ["stages"], ["images", "check", str(tree)]):
        done = run_process(sys.executable, "-c", script.format(arguments))
        assert ("nba_monitoring.images" in done.out) is (arguments[0] == "images")
