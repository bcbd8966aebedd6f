"""Measure `nba-monitoring images check`: time per image against the files it reads, and a large tree as a whole.

    .venv/bin/python benchmarks/images.py

Each measurement is a fresh process. The exit status is 1 if the CPU time per file grows with the number of files, or if
the large tree (4,500 files, 20 images that share a third of them) takes 20 CPU seconds or 300 MB.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

COMMAND = Path(sys.executable).with_name("nba-monitoring")
IMAGES, SHARED, OWN = 20, 1500, 150
SMALL, LARGE = 400, 3200
MOST_SECONDS, MOST_MEGABYTES, MOST_GROWTH = 20.0, 300.0, 1.5

# Some 150 lines, as long as the median file of a data platform.
FUNCTION = '''
def load_{n}(client, game_date, limit=100):
    """Rows of a date."""
    rows = []
    for row in client.query(f"SELECT * FROM t WHERE game_date = '{{game_date}}' LIMIT {{limit}}"):
        if row["player"] is None or row["points"] < 0:
            logger.warning("skipped %s", row)
            continue
        rows.append({{"player": row["player"].strip().lower(), "points": int(row["points"]), "date": game_date}})
    try:
        summary = {{key: sum(row[key] for row in rows) / max(len(rows), 1) for key in ("points",)}}
    except (TypeError, ValueError) as error:
        logger.exception("no summary: %s", error)
        summary = {{}}
    return rows, summary
'''


def module(imports: list[str]) -> str:
    lines = ["import logging", "from datetime import date", *(f"import {name}" for name in imports)]
    body = "".join(FUNCTION.replace("{n}", str(number)).replace("{{", "{").replace("}}", "}") for number in range(9))
    return "\n".join(lines) + "\n\nlogger = logging.getLogger(__name__)\n" + body


def write_package(root: Path, package: str, files: int, first: list[str]) -> None:
    """A package whose modules import each other as a tree, each the two of twice its number."""
    folder = root / package
    folder.mkdir(parents=True)
    (folder / "__init__.py").touch()
    for number in range(files):
        inner = [f"{package}.m{child}" for child in (2 * number + 1, 2 * number + 2) if child < files]
        (folder / f"m{number}.py").write_text(module([*inner, *(first if number == 0 else [])]))


def write_image(root: Path, package: str, copies: list[str]) -> None:
    lines = ["FROM python:3.11-slim", "WORKDIR /app", *(f"COPY {each}/ {each}/" for each in copies)]
    (root / f"{package}.Dockerfile").write_text("\n".join([*lines, f"CMD python -m {package}.m0", ""]))


def write_large_tree(root: Path) -> None:
    write_package(root, "shared", SHARED, [])
    for number in range(IMAGES):
        write_package(root, f"service{number}", OWN, ["shared.m0"])
        write_image(root, f"service{number}", ["shared", f"service{number}"])


def measure(tree: Path) -> tuple[float, float, float]:
    """CPU seconds, seconds and megabytes of a check, which must find all images complete."""
    started = time.perf_counter()
    process = subprocess.Popen([COMMAND, "images", "check", tree], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    out = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    assert status == 0, out
    assert "COMPLETE" in out
    took = time.perf_counter() - started
    return usage.ru_utime + usage.ru_stime, took, usage.ru_maxrss / 1024


def main() -> int:
    fails = False
    with TemporaryDirectory(prefix="nba-monitoring-images-") as name:
        per_file = {}
        for files in (1, SMALL, LARGE):
            root = Path(name) / str(files)
            write_package(root, "one", files, [])
            write_image(root, "one", ["one"])
            cpu, took, megabytes = measure(root)
            print(f"one image, {files:5} files: {cpu:6.2f} CPU s, {took:6.2f} s, {megabytes:4.0f} MB")
            per_file[files] = cpu
        growth = (per_file[LARGE] - per_file[1]) / (per_file[SMALL] - per_file[1]) * SMALL / LARGE
        print(f"CPU per file, {LARGE} files against {SMALL}: {growth:.2f} (at most {MOST_GROWTH})")
        fails |= growth > MOST_GROWTH
        root = Path(name) / "large"
        write_large_tree(root)
        cpu, took, megabytes = measure(root)
        print(f"{IMAGES} images, {SHARED + IMAGES * OWN} files: {cpu:.2f} CPU s (at most {MOST_SECONDS:.0f}), "
              f"{took:.2f} s, {megabytes:.0f} MB (at most {MOST_MEGABYTES:.0f})")  # fmt: skip
        fails |= cpu >= MOST_SECONDS or megabytes >= MOST_MEGABYTES
    return int(fails)


if __name__ == "__main__":
    sys.exit(main())
