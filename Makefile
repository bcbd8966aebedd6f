# Everything is set up in .venv (and, for the tests, an emulator of BigQuery in .venv-emulator).
PYTHON ?= python3
PORT ?= 3000
BIN := .venv/bin
# Tests that share a service stay in one worker. More than a few workers gain nothing: each imports Dagster first. Of all
# those of `make test-all` some mostly wait, for Dagster's processes: they leave their core to another worker.
WORKERS ?= auto
test-all: private WORKERS = 4
# Bytecode is kept even where the environment says not to: each worker would rewrite the assertions of every test, and
# each process that a test starts compile the package.
PYTEST = PYTHONDONTWRITEBYTECODE= $(BIN)/pytest -n $(WORKERS) --maxprocesses 8 --dist loadgroup
PIP_FLAGS := --quiet --disable-pip-version-check --no-warn-script-location

.PHONY: setup demo dev check test-fast test test-all e2e image-test hooks lock

setup: .venv/.runtime

.venv/.runtime: pyproject.toml setup.py constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/pip install $(PIP_FLAGS) -c constraints.txt -e .
	touch $@

.venv/.dev: .venv/.runtime
	$(BIN)/pip install $(PIP_FLAGS) -c constraints.txt -e '.[dev]'
	touch $@

# bqemulator pins its own sqlglot and DuckDB, so it lives apart.
.venv-emulator/.ready: constraints-emulator.txt
	$(PYTHON) -m venv .venv-emulator
	.venv-emulator/bin/pip install $(PIP_FLAGS) -r constraints-emulator.txt
	touch $@

demo: .venv/.runtime
	$(BIN)/python -m nba_monitoring.cli.demo

# With Dagster's events in batches, as deploy/dagster.yaml says why.
dev: .venv/.runtime
	mkdir -p .local/dagster
	cp deploy/dagster.yaml .local/dagster/
	DAGSTER_HOME=$(CURDIR)/.local/dagster DAGSTER_EVENT_BATCH_SIZE=1000 \
		$(BIN)/dagster dev --workspace workspace.yaml --port $(PORT)

# Format, lint, types, layers.
check: .venv/.dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# What needs neither Dagster's own processes nor the BigQuery emulator, with few examples per property.
QUICK := not daemon and not emulator and not thorough

# The same without the tests marked slow.
test-fast: .venv/.dev
	$(PYTEST) --hypothesis-profile fast -m "$(QUICK) and not slow"

test: check
	$(PYTEST) --hypothesis-profile fast -m "$(QUICK)"

# `make test`, then what it leaves out, and every property again with many examples.
test-all: test .venv-emulator/.ready
	$(PYTEST) --hypothesis-profile thorough -m "daemon or emulator or thorough or hypothesis"

# What the image installs; and what moves the clock of its processes.
.venv-e2e/.ready: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv-e2e
	.venv-e2e/bin/pip install $(PIP_FLAGS) -c constraints.txt '.[postgres,k8s]' time-machine
	touch $@

# The wheel, in Dagster's own processes on a Postgres and the emulator of BigQuery, under a moved clock, and a browser's
# look at it. With Chromium, and minutes of waiting: not part of test. What an earlier build has left would go into it.
e2e: .venv/.dev .venv-emulator/.ready .venv-e2e/.ready
	rm -rf build .venv-e2e/wheel
	.venv-e2e/bin/pip wheel --quiet --disable-pip-version-check --no-deps --wheel-dir .venv-e2e/wheel .
	.venv-e2e/bin/pip install $(PIP_FLAGS) --no-deps --force-reinstall .venv-e2e/wheel/*.whl
	$(BIN)/pytest --exitfirst --verbose --verbose --durations 10 nba_monitoring_tests/e2e

# The image, built and run in containers: as root, on Debian, with a gigabyte to download and to write. Not part of test.
image-test: .venv/.dev
	PYTHONPATH=$(CURDIR) $(BIN)/python deploy/image_test/run.py

# Ruff before every commit.
hooks: .venv/.dev
	$(BIN)/pre-commit install

# A fresh set of pins: run after changing pyproject.toml, then run the tests.
lock:
	rm -rf .venv-lock && $(PYTHON) -m venv .venv-lock
	.venv-lock/bin/pip install $(PIP_FLAGS) -e '.[dev]'
	.venv-lock/bin/pip freeze --exclude-editable > constraints.txt
	rm -rf .venv-lock
