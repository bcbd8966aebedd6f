"""Trees drawn at random, each with what has to be said of it: faults of a known time and kind, and decoys."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import yaml

Answer = tuple[str, str, str]

CONTEXTS: dict[str, list[str]] = yaml.safe_load(Path(__file__).with_name("contexts.yaml").read_text())
LIBRARIES = {"google-cloud-storage": "google.cloud.storage", "pyyaml": "yaml", "scikit-learn": "sklearn.svm"}
SERVE = (
    "CMD exec gunicorn --bind :$PORT main:app\n",
    'CMD ["gunicorn", "-w", "1", "main:app"]\n',
    'ENTRYPOINT ["python", "-m", "gunicorn"]\nCMD ["main:app"]\n',
)
SYNTAX_ERRORS = ("def run(:\n", "return 1\n", "x = = 1\n", "class A\n    pass\n")


@dataclass
class RandomTree:
    """A tree and its answers."""

    files: dict[str, str] = field(default_factory=dict)
    answers: set[Answer] = field(default_factory=set)
    requirements: list[str] = field(default_factory=lambda: ["flask==3.0", "gunicorn"])
    main: list[str] = field(default_factory=lambda: ["from flask import Flask", "app = Flask(__name__)"])
    left_out: list[str] = field(default_factory=list)


def random_tree(seed: int) -> RandomTree:
    """The tree of a seed: none to three faults, some decoys, in one of five kinds of Dockerfile."""
    rng, tree = Random(seed), RandomTree()  # noqa: S311 the same tree every time
    for number in range(rng.randint(1, 4)):
        _add(tree, rng, number, "here", rng.choice(("boot", "call", "optional")))
    for number in range(10, 10 + rng.randint(0, 3)):
        _add(
            tree,
            rng,
            number,
            rng.choice(("own", "library", "syntax", "link", "name")),
            rng.choice(("boot", "call", "optional")),
        )
    for number in range(20, 20 + rng.randint(0, 2)):
        _add(tree, rng, number, rng.choice(("own", "library")), "never")
    if rng.random() < 0.15:
        tree.main.append("@app.get('/relative')\ndef relative():\n    from .helpers import run\n")
        tree.answers.add(("call", "relative", ".helpers"))
    tree.files["tests/test_all.py"] = "import pytest, nowhere_at_all\n"
    tree.files["service/requirements.txt"] = "\n".join(tree.requirements) + "\n"
    _dockerfile(tree, rng)
    return tree


def _add(tree: RandomTree, rng: Random, number: int, kind: str, when: str) -> None:  # noqa: PLR0912 one case a kind
    """Add an import of a kind in a context: in `main.py`, or in a module that `main.py` imports at its top."""
    module = f"{rng.choice(('shared', 'parts'))}.feature_{number}"
    path = module.replace(".", "/")
    missing: Answer = (when, "module", f"{module}")
    match kind:
        case "here":
            tree.files[f"{path}.py"] = "def run(): ...\n"
        case "own":
            module, path = f"lost_{number}.part", f"lost_{number}/part"
            tree.files |= {f"{path}.py": "def run(): ...\n", f"lost_{number}/__init__.py": ""}
            tree.left_out.append(f"lost_{number}")
            missing = (when, "module", f"lost_{number}")
        case "library":
            library, module = rng.choice([*LIBRARIES.items(), (f"vendor-{number}", f"vendor_{number}")])
            if any(library == each for _, _, each in tree.answers):
                library = module = f"plain{number}"
            missing = (when, "distribution", library)
        case "syntax":
            tree.files[f"{path}.py"] = rng.choice(SYNTAX_ERRORS)
            missing = (when, "syntax", f"{path}.py")
        case "link":
            tree.files[f"{path}.py"] = "-> ../../elsewhere/feature.py"
        case "name":
            tree.files[f"{path}.py"] = "def other(): ...\n"
            missing = (when, "module", f"{module}.run")
    package, _, last = module.rpartition(".")
    forms = [f"from {module} import run"]
    if kind != "name":
        forms += [
            f"import {module}",
            f"import {module} as feature",
            f"__import__('importlib').import_module('{module}')",
        ]
        forms += [f"from {package} import {last}"] if package and not last.startswith("part") else []
    form = rng.choice(forms)
    if form.startswith("from") and kind == "link" and form.endswith(last):
        form = forms[0]
    contexts = CONTEXTS[when]
    if kind == "syntax" and when == "optional":
        # An `except ImportError` doesn't catch it.
        contexts = [each for each in contexts if "except Exception" in each]
    if kind == "syntax" and when == "boot":
        contexts = contexts[:3]
    text = rng.choice(contexts).replace("{n}", str(number)).replace("{}", form)
    if "@app" in text or "app.add" in text or rng.random() < 0.5:
        tree.main.append(text)
    elif "__main__" in text:
        tree.files[f"shared/step_{number}.py"] = text
        tree.main.append(f"import shared.step_{number}")
    else:
        tree.files[f"shared/step_{number}.py"] = text
        tree.main.append(rng.choice((f"import shared.step_{number}", f"from shared import step_{number}")))
    if kind != "here" and when != "never":
        tree.answers.add(missing)


def _dockerfile(tree: RandomTree, rng: Random) -> None:
    """The Dockerfile, which leaves out what is to be missing."""
    main = "\n".join(tree.main).replace("if __name__ == '__main__':", "if __name__ == '__main__' and False:")
    tree.files["service/main.py"] = main + "\n"
    tree.files["shared/__init__.py"] = ""
    if rng.random() < 0.5:
        tree.files["parts/__init__.py"] = ""
    tree.files.setdefault("parts/readme.py", "")
    head = "FROM python:3.11-slim AS base\nWORKDIR /app\n"
    pip = "COPY service/requirements.txt ./\nRUN pip install --no-cache-dir -r requirements.txt\n"
    serve = rng.choice(SERVE)
    match rng.randrange(5):
        case 0:
            body = f"{pip}COPY shared/ ./shared/\nCOPY parts ./parts\nCOPY service/main.py ./\n"
        case 1:
            body = "COPY shared/ shared/\nCOPY parts/ parts/\nCOPY service/ service/\nWORKDIR /app/service\n"
            body += "RUN pip install -r requirements.txt\nENV PYTHONPATH=/app:$PYTHONPATH\n"
        case 2:
            tree.files[".dockerignore"] = "\n".join(["tests", "**/*.md", *tree.left_out]) + "\n"
            body = "COPY . .\nRUN pip install -r service/requirements.txt\nENV PYTHONPATH=/app\nWORKDIR service\n"
        case 3:
            body = f"{pip}COPY shared /src/shared\nCOPY part? /src/parts/\nCOPY service/main.py /src/\n"
            body += "FROM python:3.11-slim\nWORKDIR /app\nCOPY --from=base /src/ ./\n"
            body += "COPY --from=base /usr/local /usr/local\n"
        case _:
            body = f"{pip}COPY service/*.py ./\nCOPY --chown=app:app shared parts /tmp/both/\n"
            body += "RUN mkdir -p shared && rm -rf /tmp/both\nCOPY shared/ ./shared\nCOPY parts/ ./parts/\n"
    if rng.random() < 0.1:
        body += "COPY service/forgotten.json ./\n"
        tree.answers.add(("build", "copy_source", "service/forgotten.json"))
    tree.files["service/Dockerfile"] = head + body + serve
