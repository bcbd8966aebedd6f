"""Alerts: when to notify and what to say (pure), how it looks (Block Kit or text), how it travels (Slack or the log).

Not here: judging a date (`core/`), or finding the runs that have something to tell (`orchestration/`).
"""
