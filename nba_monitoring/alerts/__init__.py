"""Alerts: when to speak and what to say (pure), how it looks (Block Kit or text), how it travels (Slack or the log)."""
