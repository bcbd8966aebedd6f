# Everything is installed into .venv, and for the tests an emulator of BigQuery into .venv-emulator.
PYTHON ?= python3
PORT ?= 3000
BIN := .venv/bin
# Tests that share a service stay in one worker. More than a few workers gain nothing, because each imports Dagster first.
# Some tests of `make test-all` mostly wait for Dagster's processes, and leave their core to another worker.
WORKERS ?= auto
test-all: private WORKERS = 4
# Keep bytecode even if the environment says not to. Otherwise each worker would rewrite the assertions of every test, and
# each process that a test starts would compile the package.
PYTEST = PYTHONDONTWRITEBYTECODE= $(BIN)/pytest -n $(WORKERS) --maxprocesses 8 --dist loadgroup
# Most modules are never imported: to compile them all takes a good part of the installation.
PIP_FLAGS := --quiet --disable-pip-version-check --no-warn-script-location --no-compile
# Only files whose hashes are in requirements/. The package itself is then installed without looking for anything else.
PINNED = install $(PIP_FLAGS) --require-hashes -r requirements/build.txt -r
OURS := $(PIP_FLAGS) --no-deps --no-build-isolation

# Runs a command that takes minutes, after a line that says what it does, and a dot every three seconds.
define with_dots
@printf '%s ' $(1); (while sleep 3 >/dev/null 2>&1; do printf .; done) & dots=$$!; \
$(2); status=$$?; kill $$dots; echo; exit $$status
endef

.PHONY: setup demo dev check test-fast test test-all e2e image-test hooks lock sbom

setup: .venv/.runtime

.venv/.runtime: pyproject.toml setup.py requirements/build.txt requirements/runtime.txt
	@$(PYTHON) -c 'import sys, ensurepip, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo '"$(PYTHON)" is not Python 3.11 or newer with venv. Install it (on Debian: apt install python3-venv),' \
			'or name another: make PYTHON=python3.12' >&2; exit 1; }
	@$(PYTHON) -m venv .venv
	$(call with_dots,'Installing the monitor into .venv (once; a minute or two)', \
		$(BIN)/pip $(PINNED) requirements/runtime.txt && $(BIN)/pip install $(OURS) -e .)
	@touch $@

.venv/.dev: .venv/.runtime requirements/dev.txt
	$(call with_dots,'Installing what the tests need into .venv (once; a minute or two)', \
		$(BIN)/pip $(PINNED) requirements/dev.txt)
	@touch $@

# bqemulator pins its own sqlglot and DuckDB, so it has its own environment.
.venv-emulator/.ready: requirements/emulator.txt
	@$(PYTHON) -m venv .venv-emulator
	$(call with_dots,'Installing an emulator of BigQuery into .venv-emulator (once)', \
		.venv-emulator/bin/pip $(PINNED) requirements/emulator.txt)
	@touch $@

demo: .venv/.runtime
	@$(BIN)/python -m nba_monitoring.cli.demo

dev: .venv/.runtime
	@$(BIN)/python -m nba_monitoring.cli.dev $(PORT)

# Format, lint, types, layers.
check: .venv/.dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# Tests that need neither Dagster's own processes nor the BigQuery emulator, with few examples per property.
QUICK := not daemon and not emulator and not thorough

# The same without the tests marked slow.
test-fast: .venv/.dev
	$(PYTEST) --hypothesis-profile fast -m "$(QUICK) and not slow"

test: check
	$(PYTEST) --hypothesis-profile fast -m "$(QUICK)"

# `make test`, then what it leaves out, and every property again with many examples.
test-all: test .venv-emulator/.ready
	$(PYTEST) --hypothesis-profile thorough -m "daemon or emulator or thorough or hypothesis"

# What the image installs, and the library that moves the clock of its processes.
.venv-e2e/.ready: requirements/build.txt requirements/production.txt requirements/e2e.txt
	$(PYTHON) -m venv .venv-e2e
	.venv-e2e/bin/pip $(PINNED) requirements/production.txt -r requirements/e2e.txt
	touch $@

# The wheel, in Dagster's own processes on a Postgres and the BigQuery emulator, under a moved clock, and its pages in
# Chromium; and with each process killed and stopped. It waits for minutes, so it is not part of test-all. Leftovers of an
# earlier build would get into the wheel.
e2e: .venv/.dev .venv-emulator/.ready .venv-e2e/.ready
	rm -rf build .venv-e2e/wheel
	.venv-e2e/bin/pip wheel --quiet --no-deps --no-build-isolation --wheel-dir .venv-e2e/wheel .
	.venv-e2e/bin/pip install $(OURS) --force-reinstall .venv-e2e/wheel/*.whl
	$(BIN)/pytest --exitfirst --verbose --verbose --durations 10 nba_monitoring_tests/e2e

# The image, built and run in containers, as root on Debian. It downloads and writes a gigabyte; not part of test-all.
image-test: .venv/.dev
	PYTHONPATH=$(CURDIR) $(BIN)/python deploy/image_test/run.py

# Ruff before every commit.
hooks: .venv/.dev
	$(BIN)/pre-commit install

# Rebuild the pins, with the hashes of every file that the package index has for them: run after changing pyproject.toml,
# then run the tests. A pin stays unless it no longer fits; UPGRADE=--upgrade takes the newest versions.
LOCK = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-strip-extras --no-annotate \
	--custom-compile-command 'make lock' $(UPGRADE)

lock:
	$(LOCK) pyproject.toml --extra dev --no-emit-package nba_monitoring --output-file requirements/dev.txt
	$(LOCK) pyproject.toml --constraints requirements/dev.txt --output-file requirements/runtime.txt
	$(LOCK) pyproject.toml --constraints requirements/dev.txt --extra postgres --extra k8s \
		--output-file requirements/production.txt
	$(LOCK) --group e2e --constraints requirements/dev.txt --output-file requirements/e2e.txt
	for group in build audit emulator; do $(LOCK) --group $$group --output-file requirements/$$group.txt; done

# What the image contains, as CycloneDX: its Python packages and its Debian packages.
ENGINE ?= docker
IMAGE ?= nba_monitoring:latest

sbom:
	$(ENGINE) run --rm --interactive $(IMAGE) python - < deploy/sbom.py > sbom.json
