# Python 3.11 or newer and make are all a machine needs: every target does its own set-up.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup setup-dev setup-az setup-pins demo test laws check format lint types imports drift docs coverage conformance bench bench-access generate wheels lock pins clean

# The first of these that the pins are made for. A Python that was named is the one to use; one that was found here gives
# way to the one that an environment was made with.
ifndef PYTHON
PYTHON := $(shell for p in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	"$$p" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))' 2>/dev/null && echo "$$p" && break; done)
else
NAMED := --this-python
endif

JOBS ?= 2

# Nothing of another Python gets into this one, and `-m` finds the modules of this folder.
unexport PYTHONPATH PYTHONHOME PYTHONSAFEPATH

VENV := .venv
BIN := $(VENV)/bin
AZ_VENV := .venv-az
PINS_VENV := .venv-pins

PYTEST := $(BIN)/python -m pytest -q -n $(JOBS) --dist worksteal

define set_up
	@"$(or $(PYTHON),false)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
		{ echo "this needs Python 3.11 to 3.14; say where it is: make PYTHON=/path/to/python3" >&2; exit 1; }
	@"$(PYTHON)" -m scripts.environment $(1) $(NAMED)
endef

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## create .venv with what migaudit runs on, from the pinned requirements
	$(call set_up,run)

setup-dev: ## add the developers' tools to it
	$(call set_up,dev)

demo: setup ## audit the embedded environment
	@$(BIN)/migaudit scan --demo --fail-on never

test: setup-dev ## run the tests
	@$(PYTEST) --cov --cov-report= --cov-fail-under=0

laws: setup-dev ## search for what breaks a law: every wrong answer to every reader, and many more examples than the tests take
	@HYPOTHESIS_PROFILE=thorough MIGAUDIT_WHOLE_MATRIX=1 $(PYTEST) tests/properties tests/cleanup/test_answers_to_a_deletion.py

check: format lint types imports drift docs coverage ## everything that must hold before a change goes in

format: setup-dev
	@echo "== format" && $(BIN)/ruff format --check .

lint: setup-dev
	@echo "== lint" && $(BIN)/ruff check .

types: setup-dev
	@echo "== types" && $(BIN)/mypy

imports: setup-dev
	@echo "== import contract" && $(BIN)/lint-imports --no-cache

drift: setup-dev
	@echo "== drift of what is generated" && $(BIN)/python -m scripts.drift

docs: setup-dev ## take the pictures anew where they changed, and build the site into site/
	@echo "== docs" && $(BIN)/python -m scripts.report_pictures && NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

coverage: test
	@echo "== branch coverage" && $(BIN)/coverage report

conformance: setup-dev setup-az ## drive the unmodified Azure CLI and SDKs against the emulator, and install as documented
	@PATH="$(CURDIR)/$(AZ_VENV)/bin:$$PATH" $(PYTEST) -m conformance

setup-az:
	$(call set_up,azure-cli)

setup-pins:
	$(call set_up,pins)

bench: setup-dev ## measure a whole scan beside a bare HTTP client
	@$(BIN)/python -m bench.scan_bench

bench-access: setup-dev ## measure the access index on a million role assignments
	@$(BIN)/python -m bench.access_index

generate: setup-dev ## write again what is generated from code and rules
	@$(BIN)/python -m scripts.drift --write

wheels: setup-pins ## ask the index whether every pinned version has a wheel wherever migaudit runs
	@$(PINS_VENV)/bin/python -m scripts.wheels

lock: setup-pins ## pin what pyproject.toml and the lists in requirements/ ask for now; other versions stay
	@$(PINS_VENV)/bin/python -m scripts.pins --keep

pins: setup-pins ## renew the pins: the newest versions that are allowed
	@$(PINS_VENV)/bin/python -m scripts.pins

clean: ## remove everything that was built, the virtual environments too
	rm -rf $(VENV) $(AZ_VENV) $(PINS_VENV) build dist site .coverage* htmlcov .hypothesis .mypy_cache .pytest_cache .ruff_cache .import_linter_cache
