"""Pictures and pages over the history: the report of a season, with what its replay says.

Here pandas, the plotting library and the page's template are at home. Not here: any judgement of a date (`core/`), any
SQL (`warehouse/`). Nothing is imported from here before a report is asked for: together they take a second to load.
"""
