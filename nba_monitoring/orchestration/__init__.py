"""The asset graph as Dagster serves it: assets, checks, schedules, the sensor, and what they work with.

Here lives all that imports Dagster, and the heartbeat, which is sent from it. Not here: any judgement (`core/`), any
wording of an alert (`alerts/`), any SQL (`warehouse/`).
"""
