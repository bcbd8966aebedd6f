"""What the checker says of small random trees, against the interpreter itself."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given
from hypothesis import strategies as st

from nba_monitoring.images import When
from nba_monitoring_tests.images.interpreter import image_of, judge
from nba_monitoring_tests.images.trees import checked, written

FILES = ("main", "one", "two", "pkg/__init__", "pkg/three", "pkg/sub/__init__", "pkg/sub/four", "space/five", "json")
NAMES = ("one", "two", "pkg", "pkg.three", "pkg.sub", "pkg.sub.four", "space", "space.five", "json", "yaml", "nowhere")
names = st.sampled_from(NAMES)
parts = st.sampled_from(("x", "y", "three", "sub", "four", "five", "one"))


@st.composite
def imports(draw: st.DrawFn) -> str:
    """One import statement."""
    kind = draw(st.integers(0, 4))
    if kind == 0:
        return f"import {draw(names)}"
    if kind == 1:
        return f"from {draw(names.filter(lambda name: name not in ('json', 'yaml')))} import {draw(parts)}"
    if kind == 2:
        return f"from {draw(st.sampled_from(('.', '..', '.three', '.sub', '.four')))} import {draw(parts)}"
    if kind == 3:
        return f"from {draw(names)} import *"
    return f"import {draw(names)} as y"


def indented(text: str) -> str:
    return "".join(f"    {line}\n" for line in text.splitlines())


@st.composite
def statements(draw: st.DrawFn, depth: int = 0) -> str:
    """A statement or a few, all of which run at the start without an error of their own."""
    kind = draw(st.integers(0, 13 if depth < 2 else 4))
    if kind <= 3:
        return f"{draw(imports())}\n"
    if kind == 4:
        return f"{draw(parts)} = 1\n"
    inner = indented(draw(statements(depth=depth + 1)))
    other = indented(draw(statements(depth=depth + 1)))
    match kind:
        case 5:
            caught = draw(
                st.sampled_from(
                    ("ImportError", "ModuleNotFoundError", "Exception", "(OSError, ImportError)", "KeyError")
                )
            )
            return f"try:\n{inner}except {caught}:\n{other}"
        case 6:
            return f"try:\n{inner}except ImportError:\n    raise\nelse:\n{other}"
        case 7:
            return f"from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n{inner}else:\n{other}"
        case 8:
            return f"if __name__ == '__main__':\n{inner}"
        case 9:
            number = draw(st.integers(0, 10**6))
            return f"def f{number}():\n{inner}f{number}()\n"
        case 10:
            number = draw(st.integers(0, 10**6))
            return f"class C{number}:\n    def __init__(self):\n{indented(inner)}C{number}()\n"
        case 11:
            return f"import sys\nif sys.version_info >= (3, 8):\n{inner}else:\n{other}"
        case 12:
            return f"from contextlib import suppress\nwith suppress(ImportError):\n{inner}"
        case _:
            return (
                "import os, sys\nsys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), 'pkg'))\n"
            )


@st.composite
def trees(draw: st.DrawFn) -> dict[str, str]:
    """Files by path, with a Dockerfile and sometimes a `.dockerignore`."""
    kept = {"main", *draw(st.sets(st.sampled_from(FILES), min_size=3))}
    made = {}
    for file in sorted(kept):
        body = "".join(draw(st.lists(statements(), max_size=3)))
        made[f"{file}.py"] = body + draw(st.sampled_from(("", "x = 1\n", "x = y = 1\n")))
    copies = draw(
        st.sampled_from(
            (
                "COPY . .",
                "COPY *.py ./\nCOPY pkg/ pkg/",
                "COPY main.py one.p[y] ./\nCOPY pk? ./pkg/\nCOPY spac* ./space",
                "COPY . /src\nRUN rm -rf /src/pkg/sub && cp -r /src/. /app/",
                "COPY pkg ./pkg\nCOPY main.py on* /app/",
                "ADD pkg/* pkg/\nCOPY main.py .",
            )
        )
    )
    program = draw(
        st.sampled_from(('CMD ["python", "main.py"]', "CMD python -m main", "ENTRYPOINT python -c 'import main'"))
    )
    library = draw(st.sampled_from(("", "RUN pip install pyyaml\n")))
    made["Dockerfile"] = f"FROM python:3.11-slim\nWORKDIR /app\n{library}{copies}\n{program}\n"
    if draw(st.booleans()):
        made[".dockerignore"] = draw(
            st.sampled_from(("pkg/sub\n", "**/t*.py\n", "pkg\n!pkg/three.py\n", "*\n!*.py\n!pkg\n", "space/\n"))
        )
    return made


@given(trees())
def test_a_program_fails_at_start_if_and_only_if_the_interpreter_says_so(files: dict[str, str]) -> None:
    with TemporaryDirectory() as name:
        folder = written(files, Path(name) / "tree")
        report = checked(folder)
        if any(finding.when is When.BUILD for finding in report.findings):
            return  # there is no image to start
        libraries = ["pyyaml"] if "pyyaml" in files["Dockerfile"] else []
        judged = judge(image_of(folder, "Dockerfile"), Path(name) / "image", libraries)
        said = [finding.text for finding in report.findings if finding.when is When.BOOT]
        assert bool(judged.boot) == bool(said), (judged.boot, said)
