"""Google's REST APIs besides BigQuery: each request bounded in time and bytes, with the machine's own credentials.

A check of a date imports it only where a setting asks for it. Not here: what an answer means for a verdict or an alert
(`core/`).
"""
