"""Which games are expected on a date, as a reconciliation of independent witnesses.

Here live the sources' reports, what makes a listed game count or not, a source's freshness, and proof of a day off.
Not here: what any stage of the pipeline holds, or reading a table or service.
"""
