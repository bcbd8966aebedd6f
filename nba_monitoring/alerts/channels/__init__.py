"""Channels: how a message travels (Slack, Apprise or the log), and what each channel still owes.

Not here: what a message says (`messages/`), or when there is one (`incidents/`).
"""
