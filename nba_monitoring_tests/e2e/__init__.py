"""The whole product once as it is deployed: the built wheel, Dagster's processes, Postgres, and a browser.

`make e2e` runs it; `make test` does not. The tests follow the clock: each continues where the previous one ended.
"""
