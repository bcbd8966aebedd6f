"""Messages: what an alert says, and how it looks as Block Kit or text. Pure.

Not here: when to notify (`incidents/`), or how a message travels (`channels/`).
"""
