"""The asset graph that Dagster serves: assets, checks, schedules, the sensor, and their resource.

Everything that imports Dagster lives here, and the heartbeat, which the sensor sends. Not here: decisions (`core/`),
the text of alerts (`alerts/`), SQL (`warehouse/`).
"""
