"""Which games are expected on a date, reconciled from independent sources.

Contains the sources' reports, what makes a listed game count, a source's freshness, and proof of a day off. Not here:
the pipeline's stages, and reading tables or services.
"""
