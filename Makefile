# Two commands do all the set-up: `make run` and `make test`.
PYTHON ?= python3
PY := .venv/bin/python

run: .venv/run
	@$(PY) -m gateway
	@$(PY) -m streamlit run app.py

test: .venv/dev
	$(PY) -m pytest

check: .venv/dev
	$(PY) -m ruff format --check .
	$(PY) -m ruff check .
	$(PY) -m mypy
	$(PY) -m pytest

bench: .venv/dev
	$(PY) -m bench

screenshots: .venv/dev
	$(PY) -m tests.browser.screenshots

.venv/run: requirements.txt
	@test -x $(PY) || $(PYTHON) -m venv .venv
	$(PY) -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

.venv/dev: requirements.txt requirements-dev.txt .venv/run
	$(PY) -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

.PHONY: run test check bench screenshots
