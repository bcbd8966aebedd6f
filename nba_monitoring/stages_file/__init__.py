"""Reads the stages file: the shipped `stages.yaml`, or the operator's own.

Here: from YAML to stages, and the errors of a bad file. Not here: what a stage is (`core/stages.py`), and which file is
read (`settings.py`).
"""

from nba_monitoring.stages_file.loading import SHIPPED, load_stages
from nba_monitoring.stages_file.problems import StagesError

__all__ = ["SHIPPED", "StagesError", "load_stages"]
