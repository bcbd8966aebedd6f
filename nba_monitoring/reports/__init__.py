"""The morning page: what it shows of a season, and where it is written.

Here the page's template is used. Not here: verdicts (`core/`) or SQL (`warehouse/`). Imported only when a page is made.
"""
