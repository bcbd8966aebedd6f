"""The files of `deploy/`, read."""

from __future__ import annotations

from typing import Any

import yaml

from nba_monitoring_tests.orchestration.served import PROJECT

DEPLOY = PROJECT / "deploy"


def read_yaml(name: str) -> Any:
    """A YAML file of `deploy/`, with its anchors resolved."""
    return yaml.safe_load((DEPLOY / name).read_text())
