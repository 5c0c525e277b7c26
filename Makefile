# Everything a newcomer needs: `make demo`, `make test`. Only git, make and Python >= 3.11 are expected.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: demo test check bench format lock clean
.DEFAULT_GOAL := demo

$(STAMP): requirements.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

demo: $(STAMP)  ## a county, from raw export files to certificate, pages and workbooks
	rm -rf demo-run
	$(BIN)/onedoor demo --size county --run demo-run

test: $(STAMP)  ## all tests, with branch coverage
	$(BIN)/python -m pytest -n auto --cov --cov-report=term

check: $(STAMP)  ## format, lint, types, import contract, docs
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/python -m docs.render --check

bench: $(STAMP)  ## long studies; results on stdout as JSON
	$(BIN)/python -m benchmarks all --json

format: $(STAMP)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lock:  ## needs uv; only a maintainer who changes dependencies runs this
	uv pip compile --universal --generate-hashes --no-emit-index-url --group dev pyproject.toml -o requirements.lock --custom-compile-command "make lock"

clean:
	rm -rf $(VENV) demo-run .mypy_cache .ruff_cache .pytest_cache .hypothesis
