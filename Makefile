# Two commands: `make run` and `make test`. Both do their own set-up.
PYTHON ?= python3
PORT ?= 8501
VENV := .venv
BIN := $(VENV)/bin

.PHONY: run test lint screenshots benchmark scorecard clean

run: $(VENV)/.run
	$(BIN)/python -m streamlit run app.py --server.port $(PORT)

test: $(VENV)/.test $(VENV)/.browser lint
	$(BIN)/python -m pytest -n auto --dist loadgroup

lint: $(VENV)/.test
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

screenshots: $(VENV)/.test $(VENV)/.browser
	TRIAGE_SCREENSHOTS=docs $(BIN)/python -m pytest tests/browser -k pictures

benchmark: $(VENV)/.test
	$(BIN)/python -m tests.benchmarks

scorecard: $(VENV)/.run
	$(BIN)/python -m tests.scorecard $(CORPUS)

$(BIN)/python:
	$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed, this is " + sys.version.split()[0] + ". Call make with PYTHON=python3.11, say." if sys.version_info < (3, 11) else 0)'
	# What a failure leaves half done would be taken for whole next time.
	$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); exit 1; }

$(VENV)/.run: requirements.txt | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/.test: requirements.txt tests/requirements.txt | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r tests/requirements.txt
	@touch $@ $(VENV)/.run

# A browser: the system's Chromium where there is one, else Debian's, else Playwright's own.
$(VENV)/.browser: $(VENV)/.test
	$(BIN)/python tests/browser/install.py
	@touch $@

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis
