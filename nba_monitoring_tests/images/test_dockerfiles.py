"""What an image holds and starts, as Docker has it."""

from __future__ import annotations

from pathlib import Path

import pytest

from nba_monitoring.images import ImageStatus
from nba_monitoring_tests.images.interpreter import image_of
from nba_monitoring_tests.images.trees import SLIM, checked, said, written

PACKAGE = {"pkg/__init__.py": "", "pkg/a.py": "", "pkg/sub/b.py": "", "main.py": "", "other.py": ""}


def held(tmp_path: Path, dockerfile: str, files: dict[str, str] | None = None) -> list[str]:
    """The files below /app, sorted."""
    written({**(files or PACKAGE), "Dockerfile": SLIM + dockerfile}, tmp_path)
    return sorted(path.removeprefix("/app/") for path, _ in image_of(tmp_path, "Dockerfile").files.walk("/app"))


@pytest.mark.parametrize(
    ("copy", "expected"),
    [
        ("COPY pkg/ ./", ["__init__.py", "a.py", "sub/b.py"]),
        ("COPY pkg pkg", ["pkg/__init__.py", "pkg/a.py", "pkg/sub/b.py"]),
        ("COPY pkg/* ./", ["__init__.py", "a.py", "b.py"]),
        ("COPY pkg/[^_]*.py x/", ["x/a.py"]),
        ("COPY main.py start.py", ["start.py"]),
        ("COPY main.py lib", ["lib"]),
        ("WORKDIR lib\nWORKDIR ..\nCOPY main.py lib", ["lib/main.py"]),
        ("COPY ['main.py', 'other.py', 'x y/']".replace("'", '"'), ["x y/main.py", "x y/other.py"]),
        ("COPY no*.py main.py ./", ["main.py"]),
        ("COPY --parents pkg/sub/b.py ./", ["pkg/sub/b.py"]),
        ("COPY --exclude=*.py --exclude=sub . .", ["Dockerfile"]),
        ("ARG P=pkg\nENV Q=$P/sub\nCOPY ${Q}/ ${X:-y}/", ["y/b.py"]),
        ("COPY <<EOF gen.py\nimport os\nEOF", ["gen.py"]),
        ("COPY . .\nRUN rm -rf pkg/sub Dockerfile && mv main.py m.py; touch pkg/new.py",
         ["m.py", "other.py", "pkg/__init__.py", "pkg/a.py", "pkg/new.py"]),
        ("RUN --mount=type=bind,source=pkg,target=/src cp -r /src/sub /app/", ["sub/b.py"]),
    ],
)  # fmt: skip
def test_copy_puts_files_where_docker_does(tmp_path: Path, copy: str, expected: list[str]) -> None:
    assert held(tmp_path, copy) == expected


@pytest.mark.parametrize(
    ("ignored", "expected"),
    [
        ("pkg", ["Dockerfile", "main.py", "other.py"]),
        ("pkg\n!pkg/a.py", ["Dockerfile", "main.py", "other.py", "pkg/a.py"]),
        ("*\n!*.py", ["main.py", "other.py"]),
        ("**/*.py\n!main.py", ["Dockerfile", "main.py"]),
        ("# pkg\n/pkg/sub/\n\nDockerfile\n*.dockerignore", ["main.py", "other.py", "pkg/__init__.py", "pkg/a.py"]),
        ("pkg/*/b.py\nDocker*", ["main.py", "other.py", "pkg/__init__.py", "pkg/a.py"]),
    ],
)
def test_dockerignore_excludes_what_docker_excludes(tmp_path: Path, ignored: str, expected: list[str]) -> None:
    found = held(tmp_path, "COPY . .", {**PACKAGE, ".dockerignore": ignored})
    assert [path for path in found if path != ".dockerignore"] == expected


def test_a_dockerfile_s_own_ignore_file_replaces_the_general_one(tmp_path: Path) -> None:
    files = {**PACKAGE, ".dockerignore": "*", "Dockerfile.dockerignore": "Dockerfile*\n.*\npkg"}
    assert held(tmp_path, "COPY . .", files) == ["main.py", "other.py"]


def test_a_link_is_followed_as_a_source_and_kept_inside_a_folder(tmp_path: Path) -> None:
    files = {"shared/x.py": "X = 1\n", "link.py": "-> shared/x.py", "pkg/link.py": "-> ../shared/x.py"}
    written({**files, "Dockerfile": SLIM + "COPY link.py ./\nCOPY pkg/ pkg/\n"}, tmp_path)
    image = image_of(tmp_path, "Dockerfile")
    assert image.files.get("/app/link.py") is not None
    assert image.files.get("/app/pkg/link.py") is None


@pytest.mark.parametrize(
    ("dockerfile", "missing"),
    [
        ("COPY nowhere.py ./", "nowhere.py"),
        ("COPY main.py nowhere/ ./", "nowhere/"),
        ("COPY nowhere/*.py ./", "nowhere/*.py"),
        ("COPY main.py other.py target", "target"),
        ("COPY main.py requirements.tx[t] ./\nRUN pip install -r requirements.txt", "/app/requirements.txt"),
    ],
)
def test_copying_what_is_not_there_fails_the_build(tmp_path: Path, dockerfile: str, missing: str) -> None:
    written({**PACKAGE, "Dockerfile": f"{SLIM}{dockerfile}\nCMD python main.py"}, tmp_path)
    report = checked(tmp_path)
    assert report.status is ImageStatus.INCOMPLETE
    assert ("build", "copy_source", missing) in said(report)
    assert "the build fails" in report.findings[0].text


def test_nothing_is_claimed_about_what_can_t_be_seen(tmp_path: Path) -> None:
    outside = (
        "COPY --from=company/tools:1 /tools ./tools",
        "ADD https://github.com/company/tools.git ./tools/",
        "ARG TOOLS\nCOPY ${TOOLS} ./tools",
        "RUN git clone https://example.com/tools.git",
    )
    for line in outside:
        written(
            {"main.py": "import tools.one\n", "Dockerfile": f"{SLIM}{line}\nCOPY main.py ./\nCMD python main.py"},
            tmp_path,
        )
        assert checked(tmp_path).status is ImageStatus.COMPLETE, line
    written(
        {"main.py": "import tools\n", "Dockerfile": "FROM company/base\nCOPY main.py /\nCMD python /main.py"}, tmp_path
    )
    report = checked(tmp_path)
    assert (report.status, said(report)) == (ImageStatus.COMPLETE, [])
    assert report.notes == ("No module 'tools' was found, but the image may have libraries that can't be read here",)


INSTALLS = [
    "RUN pip install requests",
    "RUN pip install --no-cache-dir 'requests[socks]>=2,<3' # why",
    "RUN python3 -m pip install -U pip && \\\n    # a comment\n    pip install --index-url https://x requests",
    "COPY requirements ./requirements\nRUN pip install -qr requirements/main.txt",
    "COPY requirements /tmp/r\nRUN cd /tmp/r && pip install -r main.txt",
    "RUN --mount=type=bind,source=requirements,target=/r pip install -r /r/main.txt",
    'RUN ["pip", "install", "requests"]',
    "RUN <<EOF\nset -e\npip install requests\nEOF",
    "RUN python -m venv /opt/venv\nENV PATH=/opt/venv/bin:$PATH\nRUN pip install requests",
    "RUN uv pip install --system requests",
    "COPY project ./project\nRUN pip install ./project",
    "COPY project/pyproject.toml ./\nRUN poetry install --no-root",
    "RUN pip install google-cloud-bigquery",
    "RUN pip install 'requests; python_version >= \"3.9\"'",
    "RUN pip install git+https://github.com/psf/requests.git@main",
    "COPY install.sh ./\nRUN sh install.sh",
    "RUN apt-get update && apt-get install -y python3-requests",
]


@pytest.mark.parametrize("install", INSTALLS)
def test_a_library_is_there_however_it_is_installed(tmp_path: Path, install: str) -> None:
    files = {
        "main.py": "import requests\n",
        "requirements/main.txt": "-r base.txt\n",
        "requirements/base.txt": "requests==2.32 \\\n    --hash=sha256:00\n",
        "project/pyproject.toml": '[project]\nname = "x"\ndependencies = ["requests"]\n',
        "install.sh": "pip install requests\n",
    }
    tail = "COPY main.py ./\nCMD python main.py\n"
    written({**files, "Dockerfile": f"{SLIM}{install}\n{tail}"}, tmp_path)
    assert said(checked(tmp_path)) == []
    without = {
        "requirements/base.txt": "six",
        "project/pyproject.toml": '[project]\nname = "x"\ndependencies = []\n',
        "install.sh": "pip list\n",
    }
    written({**without, "Dockerfile": f"{SLIM}{install.replace('requests', 'six')}\n{tail}"}, tmp_path)
    expected = [] if "bigquery" in install else [("boot", "distribution", "requests")]
    assert said(checked(tmp_path)) == expected


@pytest.mark.parametrize(
    "copy",
    [
        "COPY --from=build /usr/local/lib/python3.11/site-packages /usr/local/lib/python3.11/site-packages",
        "COPY --from=build /usr/local /usr/local",
        "COPY --from=build /wheels /wheels\nRUN pip install --no-index /wheels/*",
        "COPY --from=0 /opt/venv /opt/venv\nENV PATH=/opt/venv/bin:$PATH",
        "COPY --from=build /root/.local /root/.local",
    ],
)
def test_libraries_move_from_stage_to_stage(tmp_path: Path, copy: str) -> None:
    stage = (
        "FROM python:3.11 AS build\nRUN pip install requests && pip install --user requests && "
        "pip wheel -w /wheels requests && python -m venv /opt/venv && /opt/venv/bin/pip install requests\n"
    )
    end = "COPY main.py ./\nCMD python main.py\n"
    written({"main.py": "import requests\n", "Dockerfile": f"{stage}{SLIM}{copy}\n{end}"}, tmp_path)
    assert said(checked(tmp_path)) == []
    written({"Dockerfile": f"{stage}{SLIM}{end}"}, tmp_path)
    assert said(checked(tmp_path)) == [("boot", "distribution", "requests")]


STARTS = [
    "CMD python main.py",
    'CMD ["python3", "-u", "main.py"]',
    'CMD ["python", "-um", "main"]',
    "ENTRYPOINT python -c 'import main'",
    'ENTRYPOINT ["python"]\nCMD ["main.py"]',
    'ENTRYPOINT ["/bin/sh", "-c"]\nCMD ["exec python main.py"]',
    'CMD ["sh", "-c", "cd /app && python main.py"]',
    'CMD ["./run.sh"]',
    'ENTRYPOINT ["bash", "entry.sh"]\nCMD ["python", "main.py"]',
    "CMD exec gunicorn --bind :$PORT -w 1 main:app",
    'CMD ["gunicorn", "-c", "conf.py", "main:app"]',
    "CMD gunicorn -c conf.py",
    "CMD gunicorn --chdir /app 'main:make()'",
    "CMD python -m gunicorn main:app",
    "CMD uvicorn main:app --host 0.0.0.0 --port 80",
    "CMD functions-framework --target=app --source=main.py",
    "ENV FLASK_APP=main.py\nCMD flask run --host 0.0.0.0",
    "CMD flask --app main run",
    "CMD celery -A main worker",
    "CMD streamlit run main.py",
    "CMD tini -- python main.py",
    "CMD env A=1 timeout 30 python main.py",
    "CMD A=1 python main.py || exit 1",
    "CMD if true; then python main.py; fi",
    "ENV TARGET=main.py\nCMD python ${TARGET}",
    "CMD ./main.py",
    "CMD python .",
]


@pytest.mark.parametrize("start", STARTS)
def test_the_program_is_found_however_it_is_started(tmp_path: Path, start: str) -> None:
    files = {
        "main.py": "#!/usr/bin/env python\nimport absent_helper\napp = 1\ndef make(): ...\n",
        "__main__.py": "import main\n",
        "run.sh": "#!/bin/sh\nset -eu\nexport A=1\nexec python main.py\n",
        "entry.sh": '#!/bin/bash\nif [ -z "$A" ]; then\n  echo none\nfi\nexec "$@"\n',
        "conf.py": "wsgi_app = 'main:app'\nworkers = 1\n",
        "helpers/absent_helper.py": "",
    }
    install = "RUN pip install flask gunicorn uvicorn celery streamlit functions-framework\n"
    dockerfile = f"{SLIM}{install}COPY *.py *.sh ./\n{start}\n"
    written({**files, "Dockerfile": dockerfile}, tmp_path)
    assert ("boot", "module", "absent_helper") in said(checked(tmp_path))
    written({"Dockerfile": dockerfile.replace("*.sh", "*.sh helpers/absent_helper.py")}, tmp_path)
    report = checked(tmp_path)
    assert (said(report), report.status) == ([], ImageStatus.COMPLETE)


def test_no_python_program_names_the_field_that_would_tell(tmp_path: Path) -> None:
    written({"main.py": "import nowhere\n", "Dockerfile": f'{SLIM}COPY main.py ./\nCMD ["nginx"]\n'}, tmp_path)
    report = checked(tmp_path)
    assert (report.status, report.status.severity) == (ImageStatus.UNREADABLE, "WARN")
    assert "the field `starts:`" in report.notes[0]
    for start in ("python main.py", "main.py", "main"):
        assert said(checked(tmp_path, starts=start)) == [("boot", "distribution", "nowhere")]


@pytest.mark.parametrize(
    "text", ["", "# nothing\n", "FRM python\n", "COPY . .\n", "FROM python\nCOPY <<EOF x\n", "FROM\n"]
)
def test_a_dockerfile_that_can_t_be_read_is_said(tmp_path: Path, text: str) -> None:
    report = checked(written({"Dockerfile": text}, tmp_path))
    assert report.status is ImageStatus.UNREADABLE
    assert report.notes[0].startswith("The Dockerfile can't be read: ")
