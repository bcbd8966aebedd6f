"""The whole product once as it is deployed: the built wheel, Dagster's processes, Postgres, and a browser.

`make e2e` runs it, apart from `make test`. The tests are one story in the order of the clock: each takes up where the
one before it ended.
"""
