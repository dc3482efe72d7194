# Python 3.11 or newer and make are all a machine needs: every target does its own set-up.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup demo test laws check format lint types imports drift docs coverage conformance bench bench-access generate pins clean

PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	"$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$p" && break; done)
JOBS ?= 2

VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

AZ_VENV := .venv-az
AZ_READY := $(AZ_VENV)/.ready

PIP_INSTALL := -m pip install --quiet --disable-pip-version-check
PYTEST := $(BIN)/python -m pytest -q -n $(JOBS) --dist worksteal

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(READY) ## create .venv with the pinned requirements and the project

$(READY): requirements/dev.txt pyproject.toml
	@test -n "$(PYTHON)" || { echo "migaudit needs Python 3.11 or newer; say where it is: make PYTHON=/path/to/python3" >&2; exit 1; }
	@echo "setting up $(VENV) (a minute or two, once)"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python $(PIP_INSTALL) --require-hashes -r requirements/dev.txt
	@$(BIN)/python $(PIP_INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@

demo: $(READY) ## audit the embedded environment
	@$(BIN)/migaudit scan --demo --fail-on never

test: $(READY) ## run the tests
	@$(PYTEST) --cov --cov-report= --cov-fail-under=0

laws: $(READY) ## search for what breaks a law: many more examples than the tests take, other ones each time
	@HYPOTHESIS_PROFILE=thorough $(PYTEST) tests/properties

check: format lint types imports drift docs coverage ## everything that must hold before a change goes in

format: $(READY)
	@echo "== format" && $(BIN)/ruff format --check .

lint: $(READY)
	@echo "== lint" && $(BIN)/ruff check .

types: $(READY)
	@echo "== types" && $(BIN)/mypy

imports: $(READY)
	@echo "== import contract" && $(BIN)/lint-imports --no-cache

drift: $(READY)
	@echo "== drift of what is generated" && $(BIN)/python -m scripts.drift

docs: $(READY) ## take the pictures anew where they changed, and build the site into site/
	@echo "== docs" && $(BIN)/python -m scripts.report_pictures && NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

coverage: test
	@echo "== branch coverage" && $(BIN)/coverage report

conformance: $(READY) $(AZ_READY) ## drive the unmodified Azure CLI and SDKs against the emulator
	@PATH="$(CURDIR)/$(AZ_VENV)/bin:$$PATH" $(BIN)/python -m pytest -q -m conformance tests/conformance

$(AZ_READY): requirements/azure-cli.txt
	@test -n "$(PYTHON)" || { echo "migaudit needs Python 3.11 or newer; say where it is: make PYTHON=/path/to/python3" >&2; exit 1; }
	@echo "setting up $(AZ_VENV) with the Azure CLI (about 400 MB, once)"
	@test -x $(AZ_VENV)/bin/python || $(PYTHON) -m venv $(AZ_VENV)
	@$(AZ_VENV)/bin/python $(PIP_INSTALL) --require-hashes -r requirements/azure-cli.txt
	@touch $@

bench: $(READY) ## measure a whole scan beside a bare HTTP client
	@$(BIN)/python -m bench.scan_bench

bench-access: $(READY) ## measure the access index on a million role assignments
	@$(BIN)/python -m bench.access_index

generate: $(READY) ## write again what is generated from code and rules
	@$(BIN)/python -m scripts.drift --write

pins: $(READY) ## resolve the requirements anew
	@$(BIN)/python -m scripts.pins

clean: ## remove everything that was built, the virtual environments too
	rm -rf $(VENV) $(AZ_VENV) build dist site .coverage* htmlcov .hypothesis .mypy_cache .pytest_cache .ruff_cache .import_linter_cache
