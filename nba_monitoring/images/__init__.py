"""Checks container images without building them: which imports can't succeed in the image, and when they run.

Here: what an image will hold, which program it starts, and which imports that program runs. Not here: the services
file (`services_file.py`) and the terminal (`cli/images.py`). Pure: it reads files of the tree and nothing else. Only
the command imports it.
"""

from nba_monitoring.images.checking import ImageChecker, ImageReport
from nba_monitoring.images.findings import Finding, ImageStatus, When
from nba_monitoring.images.tree import Tree

__all__ = ["Finding", "ImageChecker", "ImageReport", "ImageStatus", "Tree", "When"]
