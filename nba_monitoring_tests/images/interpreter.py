"""The interpreter as judge: an image's files on disk, its program started and its request handlers called.

Frameworks and libraries are stubs that remember the functions given to their decorators.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from nba_monitoring.images.build import build
from nba_monitoring.images.files import File, Files, Link
from nba_monitoring.images.image import Image
from nba_monitoring.images.program import programs_of
from nba_monitoring.images.servers import Start
from nba_monitoring.images.tree import Tree

# The modules of each library, without those that it brings along.
MODULES = {
    "flask": ["flask"],
    "functions-framework": ["functions_framework"],
    "google-cloud-bigquery": ["google", "google.cloud", "google.cloud.bigquery"],
    "google-cloud-firestore": ["google", "google.cloud", "google.cloud.firestore"],
    "google-cloud-storage": ["google", "google.cloud", "google.cloud.storage"],
    "gunicorn": ["gunicorn"],
    "pybaseball": ["pybaseball"],
    "pyyaml": ["yaml"],
    "requests": ["requests", "requests.adapters", "urllib3", "certifi", "idna"],
}

_SCRIPT = """
import importlib, importlib.abc, importlib.machinery, inspect, json, runpy, sys, types

plan = json.loads(sys.argv[1])
handlers = []


class Stub:
    def __call__(self, *args, **kwargs):
        handlers.extend(each for each in kwargs.values() if inspect.isfunction(each))
        if len(args) == 1 and inspect.isfunction(args[0]):
            handlers.append(args[0])
            return args[0]
        return Stub()

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return Stub()


class Libraries(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def find_spec(self, name, path, target=None):
        return importlib.machinery.ModuleSpec(name, self, is_package=True) if name in plan["modules"] else None

    def create_module(self, spec):
        return None

    def exec_module(self, module):
        if module.__name__ in ("google", "google.cloud"):
            return
        module.__getattr__ = lambda name: Stub().__getattr__(name)


sys.meta_path.append(Libraries())
sys.path[:0] = plan["path"]
sys.argv = ["program"]
loads, dumps = json.loads, json.dumps
# A file of the tree may have this name.
for name in [each for each in sys.modules if each.partition(".")[0] == "json"]:
    del sys.modules[name]


def failed(run):
    try:
        run()
    except (ImportError, SyntaxError) as error:
        return f"{type(error).__name__}: {error}"
    return ""


def start():
    if plan["script"]:
        runpy.run_path(plan["script"], run_name="__main__")
    elif plan["code"]:
        exec(compile(plan["code"], "<string>", "exec"), {"__name__": "__main__"})
    elif plan["is_main"]:
        runpy.run_module(plan["module"], run_name="__main__", alter_sys=True)
    else:
        module = importlib.import_module(plan["module"])
        attribute = plan["attribute"].partition("(")[0]
        if attribute and not hasattr(module, attribute):
            raise ImportError(f"no attribute {attribute}")
        served = getattr(module, attribute, None)
        if plan["attribute"].endswith("()"):
            served()
        elif inspect.isfunction(served):
            handlers.append(served)


def call(handler):
    given = inspect.signature(handler).parameters.values()
    handler(*[plan["argument"] for each in given if each.default is inspect.Parameter.empty])


boot = failed(start)
print(dumps({"boot": boot, "calls": [] if boot else [failed(lambda: call(each)) for each in handlers]}))
"""


@dataclass(frozen=True)
class Judgement:
    """The errors of the start (empty: none) and of each request handler."""

    boot: str
    calls: Sequence[str]


def image_of(folder: Path, dockerfile: str) -> Image:
    """The image that a tree's Dockerfile builds."""
    tree = Tree(folder)
    return build((folder / dockerfile).read_text(), tree.context_of(dockerfile))


def lay_out(files: Files, root: Path) -> None:
    """Write the files of an image below a folder."""
    for path, node in files.walk():
        at = root / path[1:]
        at.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(node, Link):
            at.symlink_to(node.target)
        elif isinstance(node, File) and node.content is not None:
            content = node.content if isinstance(node.content, bytes) else node.content.read_bytes()
            at.write_bytes(content)


def judge(image: Image, root: Path, libraries: Collection[str] = (), argument: str = "x") -> Judgement:
    """Start the image's only program and call its handlers, with an argument for each of their parameters."""
    lay_out(image.files, root)
    (start,) = programs_of(image)
    modules = [module for library in libraries for module in MODULES[library]]
    return run(start, root, modules, argument)


def run(start: Start, root: Path, modules: Sequence[str], argument: str = "x") -> Judgement:
    """Run a program of an image that is laid out below a folder."""
    plan = {
        "path": [f"{root}{folder}" for folder in start.path],
        "script": f"{root}{start.script}" if start.script else "",
        "code": start.code,
        "module": start.module,
        "attribute": start.attribute,
        "is_main": start.is_main,
        "modules": modules,
        "argument": argument,
    }
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-B", "-c", _SCRIPT, json.dumps(plan)],
        cwd=f"{root}{start.cwd}",
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    judged = json.loads(done.stdout.splitlines()[-1])
    return Judgement(judged["boot"], judged["calls"])
