"""The command line: one command a file, its parameters, and tables on the terminal.

Not here: any judgement or SQL. Modules import what a command needs inside the command, never Dagster or pandas, so that
`--help` and a wrong option answer at once.
"""
