"""Plant faults in generated seasons, and count how many are reported correctly and what else is reported.

    NBA_MONITORING_EVIDENCE=... .venv/bin/python benchmarks/seasons.py 20 [--faults 50] [--first-seed 1] [--checks 10]
    NBA_MONITORING_EVIDENCE=... .venv/bin/python benchmarks/seasons.py 3 --live 14 --faults 10

Each season is generated from its seed (`nba_monitoring_tests/season_machine`), on the dates of the evidence if that is
set. It is replayed as a whole. With `--live` some days of it pass instead: the real job and sensor run under a moved
clock, while the platform writes its rows. `--kinds` limits the faults to kinds whose name contains a word. The exit
status is 1 if any fault is reported wrongly, or anything else is reported.
"""

from __future__ import annotations

import argparse
import logging
import os
import sys
import warnings
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from nba_monitoring_tests.season_machine.comparing import Compared
from nba_monitoring_tests.season_machine.faults import ALL
from nba_monitoring_tests.season_machine.machine import make
from nba_monitoring_tests.season_machine.trying import tried_by_replay, tried_live


def main() -> int:
    parser = argparse.ArgumentParser(
        description="Generate seasons with planted faults, and compare the alerts with them."
    )
    parser.add_argument("seasons", type=int, help="number of seasons")
    parser.add_argument("--faults", type=int, default=50, help="faults per season")
    parser.add_argument("--first-seed", type=int, default=1, help="seed of the first season")
    parser.add_argument("--checks", type=int, default=0, help="faults per season to verify with 'check --as-of' too")
    parser.add_argument("--live", type=int, metavar="DAYS", help="let some days of each season pass instead")
    parser.add_argument("--kinds", default="", help="only kinds whose name contains this")
    asked = parser.parse_args()
    kinds = [name for name in ALL if asked.kinds in name]
    seeds = range(asked.first_seed, asked.first_seed + asked.seasons)
    with ProcessPoolExecutor(os.cpu_count()) as processes:
        tried = processes.map(partial(try_one, asked=asked, kinds=kinds), seeds)
        found = [show(seed, compared) for seed, compared in zip(seeds, tried, strict=True)]
    planted, wrong = sum(each.planted for each in found), sum(len(each.wrong) for each in found)
    others = sum(len(each.others) for each in found)
    print(f"{len(found)} seasons: {planted} planted, {planted - wrong} right, {wrong} wrong, {others} other alerts")
    for kind, count in Counter(fault.kind for each in found for fault, _ in each.wrong).most_common():
        print(f"  {kind}: {count} wrong")
    return 1 if wrong or others else 0


def try_one(seed: int, asked: argparse.Namespace, kinds: list[str]) -> Compared:
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    made = make(seed, asked.faults, kinds, asked.live)
    with TemporaryDirectory(prefix="nba-monitoring-season-") as folder:
        if asked.live:
            return tried_live(made, Path(folder))
        return tried_by_replay(made, Path(folder) / "season.duckdb", asked.checks)


def show(seed: int, compared: Compared) -> Compared:
    print(f"seed {seed}: {compared.planted} planted, {compared.right} right, {len(compared.others)} others", flush=True)
    for fault, why in compared.wrong:
        print(f"  {fault.kind}, {fault.day}: {why}")
    for message in compared.others:
        print(f"  other: {message}")
    return compared


if __name__ == "__main__":
    sys.exit(main())
