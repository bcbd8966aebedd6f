"""Decisions: games, the slate, stages, coverage, verdicts, records, incidents, and texts that several rooms share.

Frozen dataclasses, enums and functions of their arguments: no Dagster, warehouse, network, terminal or clock; the
current time is an argument. SQL conditions and aggregates are built here as text, which only `warehouse/` runs.
"""
