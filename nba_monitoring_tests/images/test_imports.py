"""What a program's imports do, as Python has it: each case with the interpreter's own verdict."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from nba_monitoring.images import ImageStatus
from nba_monitoring_tests.images.interpreter import image_of, judge
from nba_monitoring_tests.images.trees import SLIM, checked, said, written

APP = "from flask import Flask\napp = Flask(__name__)\n"
HANDLER = "@app.post('/x')\ndef handle():\n"
INSTALLED = ["flask", "gunicorn", "requests"]
SERVED = f"{SLIM}RUN pip install flask gunicorn requests\nCOPY . .\nCMD gunicorn main:app\n"
RUN = f"{SLIM}RUN pip install requests\nCOPY . .\nCMD python main.py\n"
CASES: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("imports.yaml").read_text())


@pytest.mark.parametrize("name", CASES)
def test_an_import_is_reported_as_python_runs_it(tmp_path: Path, name: str) -> None:
    case = CASES[name]
    dockerfile = SERVED.replace("gunicorn main:app", case.get("command", "python main.py"))
    folder = written({**case["files"], "Dockerfile": dockerfile, ".dockerignore": "d\n"}, tmp_path / "tree")
    if case["files"].get("a.py") == "bytes":
        (folder / "a.py").write_bytes(b"x = '\xe9'\n")
    report = checked(folder)
    assert sorted(said(report)) == sorted(map(tuple, case["says"]))
    if "main.py" in case["files"] or "command" in case:
        judged = judge(image_of(folder, "Dockerfile"), tmp_path / "image", INSTALLED)
        times = {when for when, *_ in case["says"]}
        assert bool(judged.boot) == ("boot" in times), judged
        # A handler that answers with an error raises nothing.
        assert any(judged.calls) == ("call" in times) or "500" in name, judged


def test_nothing_is_claimed_about_a_folder_that_can_t_be_worked_out(tmp_path: Path) -> None:
    report = checked(
        written({"main.py": "import sys\nsys.path.insert(0, find())\nimport helper_x\n", "Dockerfile": RUN}, tmp_path)
    )
    assert (report.status, said(report)) == (ImageStatus.COMPLETE, [])
    assert report.notes == ("No module 'helper_x' was found, but sys.path has a folder that can't be worked out",)


def test_a_library_in_a_function_that_no_request_reaches_is_a_note(tmp_path: Path) -> None:
    report = checked(
        written({"main.py": f"{APP}def by_hand():\n    import openpyxl\n", "Dockerfile": SERVED}, tmp_path)
    )
    assert report.notes == (
        "openpyxl is in no requirement; imported in a function that no request reaches (main.py:4)",
    )


def test_an_import_by_a_name_of_the_moment_asks_for_loads_by_name(tmp_path: Path) -> None:
    files = {
        "main.py": f"{APP}import importlib\n{HANDLER}    importlib.import_module(f'jobs.{{1}}')\n",
        "jobs/one.py": "import openpyxl\n",
    }
    written({**files, "Dockerfile": SERVED}, tmp_path)
    assert "list the files in loads_by_name" in checked(tmp_path).notes[0]
    for pattern in ("jobs/*.py", "/app/jobs/*", "jobs/"):
        report = checked(tmp_path, loads_by_name=[pattern])
        assert (said(report), report.notes) == ([("call", "distribution", "openpyxl")], ())


def test_an_image_of_a_newer_python_has_no_syntax_errors_here(tmp_path: Path) -> None:
    newer = f"{sys.version_info.major}.{sys.version_info.minor + 1}"
    written({"main.py": "this is new syntax\n", "Dockerfile": RUN.replace("3.11", newer)}, tmp_path)
    assert said(checked(tmp_path)) == []


def test_modules_that_left_python_are_missing_in_a_newer_image(tmp_path: Path) -> None:
    for version, expected in (("3.11", []), ("3.13", [("boot", "distribution", "cgi")])):
        written({"main.py": "import cgi\n", "Dockerfile": RUN.replace("3.11", version)}, tmp_path)
        assert said(checked(tmp_path)) == expected


def test_all_places_of_what_is_missing_are_one_finding_at_its_worst_time(tmp_path: Path) -> None:
    files = {
        "main.py": "import a\ntry:\n    import helper_x\nexcept ImportError: pass\ndef f():\n    import helper_x\n",
        "a.py": "import helper_x\n",
    }
    (finding,) = checked(
        written({**files, "d/helper_x.py": "", "Dockerfile": RUN, ".dockerignore": "d"}, tmp_path)
    ).findings
    assert (finding.when, finding.where, finding.places) == ("boot", "a.py:1", 3)
    assert finding.text == (
        "No module named 'helper_x' at start (a.py:1, and 2 more places). "
        "The tree has d/helper_x.py, but .dockerignore excludes it"
    )


def test_a_finding_is_ignored_for_a_reason_and_an_entry_without_one_is_noted(tmp_path: Path) -> None:
    written(
        {"main.py": "try:\n    import psutil\nexcept ImportError:\n    psutil = None\n", "Dockerfile": RUN}, tmp_path
    )
    assert checked(tmp_path).status is ImageStatus.SWITCHED_OFF
    report = checked(
        tmp_path, ignore=[{"missing": "psutil", "reason": "only on laptops"}, {"missing": "x", "reason": "y"}]
    )
    assert (report.status, report.notes) == (ImageStatus.COMPLETE, ("ignore: x is not missing; remove the entry",))


def test_what_a_build_step_makes_is_not_missing(tmp_path: Path) -> None:
    written(
        {
            "main.py": "import made.one\nimport version\n",
            "Dockerfile": f"{SLIM}COPY made/ made/\nCOPY version.py main.py ./\nCMD python main.py\n",
        },
        tmp_path,
    )
    assert checked(tmp_path).status is ImageStatus.INCOMPLETE
    assert checked(tmp_path, made_before_build=["made/", "version.py"]).status is ImageStatus.COMPLETE


def test_a_chain_of_a_thousand_imports_is_followed(tmp_path: Path) -> None:
    files = {f"m{number}.py": f"import m{number + 1}\n" for number in range(1000)}
    written({**files, "main.py": "import m0\n", "Dockerfile": RUN}, tmp_path)
    assert said(checked(tmp_path)) == [("boot", "distribution", "m1000")]
