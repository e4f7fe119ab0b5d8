# Two commands set everything up: `make demo` and `make test`. `make help` lists the rest.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8000
WHEELHOUSE ?= dist
INSTALLED ?= install-dev
TEST_PACKAGES := chromium fonts-dejavu-core nginx-light postgresql uap-core curl openjdk-17-jre-headless
BENCH_PACKAGES := goaccess wrk
BENCHMARKS := import_log collect close pages parsers smoothing engines release combinations trends

# Installs those of the Debian packages $(1) that are missing.
define apt_install
	@missing=""; for package in $(1); do \
	  dpkg-query -W -f='$${Status}' $$package 2>/dev/null | grep -q 'install ok installed' || missing="$$missing $$package"; \
	done; \
	if [ -n "$$missing" ]; then \
	  echo "installing from Debian:$$missing"; \
	  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing >/dev/null; \
	fi
endef

.PHONY: help install install-dev demo serve test lint unit audit bench wheelhouse screenshot clean
.DEFAULT_GOAL := help

help: ## what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 14

$(VENV)/pyvenv.cfg:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: pyproject.toml | $(VENV)/pyvenv.cfg
	$(BIN)/pip install --quiet --editable .
	@touch $@

$(VENV)/.installed-dev: pyproject.toml | $(VENV)/pyvenv.cfg
	$(BIN)/pip install --quiet --editable '.[dev]'
	@touch $(VENV)/.installed $@

install: $(VENV)/.installed ## create .venv and install hubbub into it

install-dev: $(VENV)/.installed-dev ## the same with what tests need, Debian's packages included
	$(call apt_install,$(TEST_PACKAGES))
	$(if $(shell command -v npm),,$(call apt_install,nodejs npm))

demo: install ## a simulated city on http://127.0.0.1:8000 (PORT=… moves it)
	$(BIN)/hubbub demo --port $(PORT)

serve: install ## serve the home in HUBBUB_HOME (or the folder here)
	$(BIN)/hubbub serve --port $(PORT)

lint: install-dev ## style, types and import rules
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# --no-loadscope-reorder keeps the order of tests/conftest.py: the longest files first.
test: lint ## lint, then every test
	$(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder

unit: install-dev ## the fast tests only
	$(BIN)/pytest tests/unit

audit: install ## bound from below what each mechanism costs (some minutes); writes docs/audit.md
	$(BIN)/hubbub audit --run $(if $(RUNS),--runs $(RUNS)) \
	  --write docs/audit.md --write src/hubbub/release/audit/audit.json

bench: install-dev ## every benchmark, one after the other
	$(call apt_install,$(BENCH_PACKAGES))
	@for name in $(BENCHMARKS); do echo "== $$name"; $(BIN)/python benchmarks/$$name.py || exit 1; done

wheelhouse: $(INSTALLED) ## wheel, sdist and all they need, for machines without a network
	$(BIN)/python -m build --quiet --no-isolation --outdir $(WHEELHOUSE) .
	$(BIN)/pip wheel --quiet --wheel-dir $(WHEELHOUSE) $(WHEELHOUSE)/hubbub-*.whl 'hatchling>=1.27'

screenshot: install-dev ## make the README's picture again from the demo
	$(BIN)/python tests/screenshot.py docs/dashboard.png

clean: ## remove what was made
	rm -rf $(VENV) demo build dist
