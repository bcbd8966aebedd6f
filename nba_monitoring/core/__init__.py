"""Pure rules: games and ids, the slate, stages, coverage, verdict, record.

Everything is a frozen dataclass, an enum or a function of its arguments: no Dagster, SQL, network, file or clock; "now"
is handed in.
"""
