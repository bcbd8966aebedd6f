"""The table of stages, read from YAML: the shipped one, or a file of the user's.

Here lives how a file becomes stages, and what is said about one that is wrong. What a stage is lives in core/stages.py;
which file is read, in settings.py.
"""

from nba_monitoring.stages_file.loading import SHIPPED, load_stages
from nba_monitoring.stages_file.problems import StagesError

__all__ = ["SHIPPED", "StagesError", "load_stages"]
