"""Trees to check, written to a folder from their files' texts."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

from nba_monitoring.images import ImageChecker, ImageReport, Tree
from nba_monitoring.services_file import ImageEntry
from nba_monitoring_tests.evidence import evidence_folder

SLIM = "FROM python:3.11-slim\nWORKDIR /app\n"


def written(files: Mapping[str, str], folder: Path) -> Path:
    """Write files by path; `-> target` makes a link."""
    for path, text in files.items():
        at = folder / path
        at.parent.mkdir(parents=True, exist_ok=True)
        if text.startswith("-> "):
            at.symlink_to(text[3:])
        else:
            at.write_text(text)
    return folder


def checked(folder: Path, dockerfile: str = "Dockerfile", **knobs: Any) -> ImageReport:
    """The report on one image of a tree."""
    return ImageChecker(Tree(folder)).check(ImageEntry.model_validate({"dockerfile": dockerfile, **knobs}))


def said(report: ImageReport) -> list[tuple[str, str, str]]:
    """When, kind and what is missing, of each finding."""
    return [(finding.when.value, finding.kind.value, finding.missing) for finding in report.findings]


def make_trees() -> ModuleType:
    """The script among the evidence that writes trees of the shapes that happened; skips without the evidence."""
    path = evidence_folder() / "images" / "make_trees.py"
    spec = importlib.util.spec_from_file_location("make_trees", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["make_trees"] = module
    spec.loader.exec_module(module)
    return module
