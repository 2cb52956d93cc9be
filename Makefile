# Two commands do everything: `make run` and `make test`. What they do stands in the README for people without make.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: run test test-all test-browser test-browser-all lint bench sample clean

# Work keeps itself in that folder, for each browser; FUNNEL_LENS_WORK= keeps none.
run: export FUNNEL_LENS_WORK ?= $(HOME)/.local/share/funnel-lens
run: .venv/app
	$(BIN)/streamlit run app.py

# Servers and commands that tests start find the sources compiled, and need not compile them each anew.
test test-all test-browser test-browser-all: export PYTHONDONTWRITEBYTECODE =

# Two processes on two cores: a thread each.
test: export FUNNEL_LENS_THREADS = 1
test: .venv/tests
	$(BIN)/python -m pytest -n 2 -m "not browser and not thorough"

# All that needs no browser; of what the tests of rules draw, all and not three of ten.
test-all: export EXAMPLES ?= 1
test-all: .venv/tests
	$(BIN)/python -m pytest -n 2 -m "not browser"

# Of walks over all pages in both themes and all languages, a part; all of them before a release.
test-browser: .venv/tests
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder -m "browser and not thorough"

test-browser-all: .venv/tests
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder -m browser

lint: .venv/tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: .venv/tests bench/requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r bench/requirements.txt
	$(BIN)/python bench/run.py
	$(BIN)/python bench/compare.py
	$(BIN)/python bench/cohorts.py

sample: .venv/app
	$(BIN)/python data/samples/generate.py

.venv/app: requirements.txt
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	touch $@

.venv/tests: .venv/app tests/requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r tests/requirements.txt
	touch $@

clean:
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis
