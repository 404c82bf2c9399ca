# Bedplate: every command a contributor needs. `make help` lists them.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.DEFAULT_GOAL := help

$(VENV)/.run: requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "bedplate needs Python 3.11 or newer (set PYTHON=…)" >&2; exit 2; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --require-hashes -r requirements.txt
	$(BIN)/pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: requirements-dev.txt $(VENV)/.run
	$(BIN)/pip install --quiet --require-hashes -r requirements-dev.txt
	@touch $@

.PHONY: help plan test test-all check golden bench toolchain wheel lock

help:  ## List these commands.
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

ENV ?= dev
plan: $(VENV)/.run  ## Set up, then plan an environment (ENV=dev).
	@$(BIN)/bedplate plan $(ENV)

check: $(VENV)/.dev  ## Formatting, lint, types, layer contracts.
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy --cache-dir "$${XDG_CACHE_HOME:-$$HOME/.cache}/bedplate/mypy"
	$(BIN)/lint-imports --cache-dir "$${XDG_CACHE_HOME:-$$HOME/.cache}/bedplate/import-linter"

test: $(VENV)/.dev  ## Everything that needs only Python (four minutes of two idle cores).
	@$(BIN)/python -m tests.tiers python

test-all: $(VENV)/.dev  ## Every tier and the check of speed; builds the tool chain where it is missing.
	@$(BIN)/python -m tests.tiers all

golden: $(VENV)/.dev  ## Write golden files, schemas and reference pages again; review the difference.
	@$(BIN)/python -m tests.golden.update

bench: $(VENV)/.dev  ## Measure speed and memory beside floors, stored ratios and goals (minutes).
	@$(BIN)/python -m tests.bench.run

toolchain: $(VENV)/.dev  ## Download or build the engine and control-plane binaries.
	@$(BIN)/python -m tests.toolchain.toolchain build

# From the commit, not from the folder: what lies around here is in no wheel, and the commit's own time is in its files.
wheel: $(VENV)/.run  ## Build the wheel of the current commit into dist/: the same commit gives the same bytes.
	@rm -rf dist/source && mkdir -p dist/source && git archive HEAD | tar -x -C dist/source
	@SOURCE_DATE_EPOCH=$$(git log -1 --format=%ct) $(BIN)/pip wheel --quiet --no-deps --no-index --no-build-isolation --wheel-dir dist dist/source
	@rm -rf dist/source && ls dist

lock: $(VENV)/.dev  ## Write requirements*.txt again from pyproject.toml (needs uv).
	uv pip compile --quiet --universal --generate-hashes --no-header --no-annotate --python-version 3.11 --extra build pyproject.toml -o requirements.txt
	uv pip compile --quiet --universal --generate-hashes --no-header --no-annotate --python-version 3.11 --extra build --extra dev pyproject.toml -o requirements-dev.txt
