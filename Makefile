# A machine needs only make and Python 3.11 to 3.14: every target sets up what it uses.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup setup-dev setup-az setup-pins setup-proxy demo test exhaustive laws check format lint types imports workflows drift docs coverage conformance bench bench-access bench-install bench-peers bodies generate dist sbom audit wheels lock pins clean

# Without PYTHON=..., the first of these that the pins support is used. An existing environment keeps its Python, unless
# PYTHON names another one.
ifndef PYTHON
PYTHON := $(shell for p in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	"$$p" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))' 2>/dev/null && echo "$$p" && break; done)
else
NAMED := --this-python
endif

JOBS ?= 2

# Settings of another Python must not affect this one, and `-m` must find the modules of this folder. Without the last
# one, each process that the tests start would compile all that it imports.
unexport PYTHONPATH PYTHONHOME PYTHONSAFEPATH PYTHONDONTWRITEBYTECODE

VENV := .venv
BIN := $(VENV)/bin
AZ_VENV := .venv-az
PINS_VENV := .venv-pins
AUDIT_VENV := .venv-audit
PROXY := .venv-proxy

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

setup-dev: ## add the developers' tools to .venv
	$(call set_up,dev)

demo: setup ## audit the embedded environment
	@$(BIN)/migaudit scan --demo --fail-on never

test: setup-dev ## run the tests without coverage, of large matrices a sample; TESTS=tests/facts runs all tests there
	@$(if $(TESTS),,HYPOTHESIS_PROFILE=everyday) $(PYTEST) $(or $(TESTS),-m "not conformance and not exhaustive")

exhaustive: setup-dev ## run the further cases that `make test` and `make check` leave out; takes some minutes
	@$(PYTEST) -m "exhaustive and not conformance"

laws: setup-dev ## run the property tests with many more examples and every wrong answer to every reader; takes hours
	@HYPOTHESIS_PROFILE=thorough MIGAUDIT_WHOLE_MATRIX=1 $(PYTEST) tests/properties tests/cleanup/test_answers_to_a_deletion.py

check: format lint types imports workflows drift docs coverage ## run all checks that a change must pass

format: setup-dev ## check the formatting of the code
	@echo "== format" && $(BIN)/ruff format --check .

lint: setup-dev ## check the code with ruff
	@echo "== lint" && $(BIN)/ruff check .

types: setup-dev ## check the types with mypy, and what Windows lacks
	@echo "== types" && $(BIN)/mypy
	@echo "== types on Windows" && $(BIN)/mypy --platform win32 --no-warn-unreachable --cache-dir .mypy_cache/win32 auditor

imports: setup-dev ## check which package imports which
	@echo "== import contract" && $(BIN)/lint-imports --no-cache

workflows: setup-dev ## audit the workflows and the action with zizmor, offline
	@echo "== workflows" && $(BIN)/zizmor --offline --pedantic --no-progress --quiet .

drift: setup-dev ## check that generated files and locks are up to date
	@echo "== drift of generated files" && $(BIN)/python -m scripts.drift

docs: setup-dev ## build the site into site/, with new pictures where a page or the workbook changed
	@echo "== docs" && $(BIN)/python -m scripts.report_pictures && $(BIN)/python -m scripts.workbook_picture && NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

coverage: setup-dev ## run the tests with branch coverage, and check its threshold
	@echo "== tests with branch coverage" && $(PYTEST) -m "not conformance and not exhaustive" --cov --cov-report= --cov-fail-under=0 && $(BIN)/coverage report

conformance: setup-dev setup-az setup-proxy ## test the emulator with the unmodified Azure CLI and SDKs, and the documented installation
	@PATH="$(CURDIR)/$(AZ_VENV)/bin:$(CURDIR)/$(PROXY)/usr/bin:$$PATH" $(PYTEST) -m conformance

setup-az: ## create .venv-az with the Azure CLI
	$(call set_up,azure-cli)

setup-proxy: ## put a proxy of the system's packages into .venv-proxy, for the tests of proxies; needs apt, but not root
	@command -v apt-get >/dev/null && command -v dpkg >/dev/null || { echo "no proxy to test with: this system has no apt"; exit 0; }; \
	test -x $(PROXY)/usr/bin/tinyproxy && exit 0; \
	rm -rf $(PROXY) && mkdir $(PROXY) && cd $(PROXY) && \
	{ apt-get download -qq tinyproxy-bin 2>apt.log && dpkg -x tinyproxy-bin_*.deb . ; } || \
	{ cat apt.log; echo "no proxy to test with: apt-get could not download tinyproxy-bin; try \`apt-get update\`"; }

setup-pins: ## create .venv-pins with the tools that renew the pins
	$(call set_up,pins)

bench: setup-dev ## measure scans beside a bare client, evaluations offline, access, starting, machines and refusals; writes docs/benchmarks.md
	@$(BIN)/python -m bench.page
	@$(BIN)/python -m bench.readiness_bench
	@$(BIN)/python -m bench.refusals_bench

bench-access: setup-dev ## measure the access index on a million role assignments
	@$(BIN)/python -m bench.access_index

bench-install: setup-dev ## measure the size of installations, installing and starting; writes docs/footprint.md
	@$(BIN)/python -m bench.install_bench

bench-peers: setup-dev setup-az ## measure a scan beside ScoutSuite, Prowler and a loop of az, which are installed from their packages
	@$(BIN)/python -m bench.peers

bodies: setup-dev ## read the answers of Azure kept in FOLDER=... as the readers do; print what they refuse, lose or misread
	@$(BIN)/python -m scripts.bodies $(FOLDER)

generate: setup-dev ## update the files that are generated from code and rules
	@$(BIN)/python -m scripts.drift --write

dist: setup-dev ## build the wheel and the source archive into dist/, the same bytes each time
	@$(BIN)/python -m scripts.dist

sbom: setup-dev ## write the bill of materials of a release into dist/, in CycloneDX
	@$(BIN)/python -m scripts.sbom

audit: ## look the pinned versions up in the database of vulnerabilities of the index; needs a network that reaches it
	$(call set_up,audit)
	@$(AUDIT_VENV)/bin/pip-audit --strict --disable-pip --require-hashes --requirement requirements/runtime.txt

wheels: setup-pins ## check that every pinned version has a wheel on every supported platform
	@$(PINS_VENV)/bin/python -m scripts.wheels

lock: setup-pins ## update the locks after a change of requirements; other versions stay
	@$(PINS_VENV)/bin/python -m scripts.pins --keep

pins: setup-pins ## renew the pins: take the newest allowed versions
	@$(PINS_VENV)/bin/python -m scripts.pins

clean: ## remove everything that was built, including the virtual environments
	rm -rf $(VENV) $(AZ_VENV) $(PINS_VENV) $(AUDIT_VENV) .venv-peers build dist site .coverage* htmlcov .hypothesis .mypy_cache .pytest_cache .ruff_cache .import_linter_cache
