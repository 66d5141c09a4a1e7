# Two commands do all the set-up: `make run` and `make test`.
PYTHON ?= python3
PY := .venv/bin/python
PIP := $(PY) -m pip install --quiet --disable-pip-version-check

run: .venv/run
	@$(PY) -m gateway
	@$(PY) -m streamlit run app.py

test: .venv/dev
	@$(PY) -m pytest

lint: .venv/dev
	@$(PY) -m ruff format --check .
	@$(PY) -m ruff check .
	@$(PY) -m mypy

check: lint test

bench: .venv/dev
	@$(PY) -m bench

# The page of rules; with LIVE=1, the same questions to the gateway that .env names.
conformance: .venv/dev
	@$(PY) -m tests.conformance $(if $(LIVE),--live)

# Every preset at full size, twenty minutes; the table is in the README.
experiments: .venv/dev
	@$(PY) -m gateway.experiments --write README.md

screenshots: .venv/dev
	@$(PY) -m tests.browser.screenshots

# Clients that others wrote, each in an environment of its own: heavy, so apart from `make test`.
# What they warn of is their makers' business.
CLIENTS := tests/clients/apart
test-clients: .venv/run .clients/agents/made .clients/models/made $(CLIENTS)/node/node_modules/made
	@failed=0; \
	 .clients/agents/bin/python -m pytest -W ignore $(CLIENTS)/agents || failed=1; \
	 .clients/models/bin/python -m pytest -W ignore $(CLIENTS)/models || failed=1; \
	 $(PY) -m pytest $(CLIENTS)/node || failed=1; \
	 exit $$failed

# Made anew when what is asked for changes.
.clients/%/made: $(CLIENTS)/%/requirements.txt | $(PY)
	@echo "Installing the clients of $(CLIENTS)/$*; this takes a minute."
	@rm -rf .clients/$* && $(PY) -m venv .clients/$*
	@.clients/$*/bin/python -m pip install --quiet --disable-pip-version-check -r $<
	@touch $@

$(CLIENTS)/node/node_modules/made: $(CLIENTS)/node/package-lock.json
	@command -v npm >/dev/null && node -e "process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)" || { \
	  echo "Node.js 20 or newer with npm is needed for the clients that come from npm."; exit 1; }
	@cd $(CLIENTS)/node && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

# Empty files that say when the packages were installed; newer requirements install again.
.venv/run: requirements.txt | $(PY)
	@echo "Installing what the app needs; the first time this takes a minute or two."
	@$(PIP) -r requirements.txt
	@touch $@

.venv/dev: requirements-dev.txt requirements-dask.txt .venv/run
	@echo "Installing what tests and checks need."
	@$(PIP) -r requirements-dev.txt
	@touch $@

$(PY):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "Python 3.11 or newer is needed. Name one: make run PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -m venv .venv || { rm -rf .venv; \
	  echo "No virtual environment could be made. On Debian: apt-get install python3-venv"; exit 1; }

.PHONY: run test test-clients lint check bench conformance experiments screenshots
