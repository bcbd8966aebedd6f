"""Slack alerts: what to say (pure), how it looks (Block Kit), how it travels (Web API, webhook, log)."""
