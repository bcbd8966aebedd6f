"""Google's REST APIs besides BigQuery: each request bounded in time and bytes, with the machine's own credentials.

Imported only where a setting asks for it. Not here: what an answer means for a verdict or an alert (`core/`).
"""
