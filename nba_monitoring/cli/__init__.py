"""The command line: commands, their options, and tables for the terminal.

Not here: verdicts (`core/`) or SQL (`warehouse/`). A command's module is imported when the command runs, and rich only
when a table is printed; neither Dagster nor pandas is imported to check a past date.
"""
