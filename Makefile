# What a person types, and what CI runs. Everything is installed into .venv, nothing globally.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
VALIDATORS := $(VENV)/.validators
SUPPLY := $(VENV)/.supply
PYTEST := $(BIN)/python -m pytest -n 3 --dist loadfile

.DEFAULT_GOAL := help
.PHONY: help install demo test coverage lint bench bench-quick check-deploy audit sbom test-faults lock clean

help: ## list these targets
	@grep -E '^[a-z-]+:.*## ' $(firstword $(MAKEFILE_LIST)) | sed 's/:.*## /\t/' | expand -t 16

install: $(INSTALLED) ## make the environment in .venv

$(INSTALLED): requirements.lock pyproject.toml
	@command -v $(PYTHON) >/dev/null || { echo "No $(PYTHON) here: install Python 3.11 or newer, or run make PYTHON=/path/to/python3"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "$(PYTHON) is $$($(PYTHON) -V 2>&1): RosterHub needs 3.11 or newer; run make PYTHON=/path/to/python3"; exit 1; }
	@echo "Installing into $(VENV), once per change of requirements.lock; this takes a minute or three"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || { echo "$(PYTHON) could not make $(VENV); on Debian and Ubuntu: apt install python3-venv"; exit 1; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-input --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-input --no-deps --no-build-isolation -e .
	@touch $@

demo: install ## start everything, load made-up districts, show the API; Ctrl-C stops (ONCE=1: check and exit)
	@$(BIN)/python -m deploy.local.demo $(if $(filter-out 0,$(ONCE)),--once)

test: lint ## lint, types and tests
	@$(PYTEST) -m 'not faults'

coverage: install ## what the tests reach; slower than `make test`
	@$(PYTEST) -m 'not faults' --cov=pipelines --cov=api --cov=deploy --cov-report=term:skip-covered

lint: install ## style and types
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

bench: install ## measure, at full size
	@$(BIN)/python -m tests.benchmarks

bench-quick: install ## measure, small
	@$(BIN)/python -m tests.benchmarks --quick

check-deploy: $(VALIDATORS) $(SUPPLY) ## validate everything in deploy/
	@$(BIN)/python -m deploy.validation

$(VALIDATORS): $(INSTALLED) deploy/validators.lock deploy/validation/monitoring_tools.sh
	@echo "Installing what validates deployment files into $(VENV), once"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-input --require-hashes -r deploy/validators.lock
	@sh deploy/validation/monitoring_tools.sh $(BIN)
	@touch $@

audit: $(SUPPLY) ## ask whether a locked package has a known fault (exit code 3: nobody could be asked)
	@$(BIN)/python -m deploy.supply.audit

sbom: $(SUPPLY) ## list what the images are made of, with licences: build/rosterhub.cdx.json
	@$(BIN)/python -m deploy.supply.sbom

$(SUPPLY): $(INSTALLED) deploy/supply.lock
	@echo "Installing what audits and lists packages into $(VENV), once"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-input --require-hashes -r deploy/supply.lock
	@touch $@

test-faults: install ## crashes, failover, point-in-time recovery, soak, long fuzzing; writes docs/reliability.md
	@command -v pgbackrest >/dev/null && test -x /usr/lib/postgresql/15/bin/postgres || echo "Tests will be skipped that need: apt install postgresql-15 pgbackrest"
	@test "$$(id -u)" = 0 || echo "Tests of full disks will be skipped: only root may mount small ones"
	@ROSTERHUB_RELIABILITY=docs/reliability.md $(BIN)/python -m pytest -m faults
	@$(BIN)/python -m tests.benchmarks.soak --minutes 30 --page docs/reliability.md

LOCK := $(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
  --no-strip-extras --no-annotate --no-header --no-emit-index-url --no-emit-find-links

lock: install ## renew requirements.lock and what is locked beside it from pyproject.toml
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	@$(LOCK) --group dev pyproject.toml -o requirements.lock
	@$(LOCK) --group build --constraint requirements.lock pyproject.toml -o deploy/runtime.lock
	@$(LOCK) --group pyproject.toml:validators --constraint requirements.lock -o deploy/validators.lock
	@$(LOCK) --group pyproject.toml:supply --constraint requirements.lock -o deploy/supply.lock

clean: ## stop what runs here and remove what was made, except .venv and .rosterhub
	@if test -x $(BIN)/python; then $(BIN)/python -m pipelines.cli down; fi
	@rm -rf build dist *.egg-info .pytest_cache .ruff_cache .mypy_cache .coverage bench.json
	@find . -name __pycache__ -not -path './$(VENV)/*' -prune -exec rm -rf {} +
