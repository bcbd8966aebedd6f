"""Alerts in three rooms: `incidents` decides what to report, `messages` says it, `channels` sends it.

`notifier` does one tick of all three. Not here: judging a date (`core/`), or finding the runs that have something to
report (`orchestration/`).
"""
