"""The command line: one command a file, its parameters, and tables on the terminal.

Not here: any judgement or SQL. A command's module is imported when the command is run, and imports neither Dagster nor
pandas; `main` imports none of them, so that `--help` answers at once.
"""
