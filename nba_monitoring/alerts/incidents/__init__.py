"""Incidents: what opens, changes and ends one, and when to notify. Pure.

Not here: what an alert says (`messages/`), or how it travels (`channels/`).
"""
