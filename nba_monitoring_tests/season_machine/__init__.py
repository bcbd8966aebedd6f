"""Whole seasons as the platform writes them, with planted faults and what should be reported of each.

What is right is worked out from what was planted (`answers.py`), never by the product's code: of this package only
`driving/` knows the product, and it through the command line, the Dagster job and the sensor alone.
"""
