"""The report of a season: its figures, page and pictures.

Here pandas, matplotlib and the page's template are used. Not here: verdicts (`core/`) or SQL (`warehouse/`). Imported
only when a report is made, since the libraries take a second to load.
"""
