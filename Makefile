# Everything a newcomer needs: `make demo`, `make test`. Only git, make and Python >= 3.11 are expected;
# where python3 is older, name another one: `make demo PYTHON=python3.12`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: demo test check bench format render lock clean
.DEFAULT_GOAL := demo

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "OneDoor needs Python 3.11 or newer and '$(PYTHON)' is not: try make PYTHON=python3.12" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

demo: $(STAMP)  ## a county, from raw export files to certificate, pages and workbooks; names the files at the end
	rm -rf demo-run demo-run-input demo-run-导出
	$(BIN)/onedoor demo --size county --run demo-run

test: $(STAMP)  ## all tests, with branch coverage
	$(BIN)/python -m pytest -n auto --cov --cov-report=term

check: $(STAMP)  ## format, lint, types, import contract, docs
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/python -m docs.render --check

bench: $(STAMP)  ## all studies that need nobody else's data, an hour and a half; on stdout a JSON document each
	@for study in draw coordination intake outputs travel travel-bound small exact-limit growth executors "roster --size street" \
		"roster --size county" "roster --size city-month" "roster --size metro-month" "roster --size metro-year"; do \
		echo "benchmarks $$study" >&2; $(BIN)/python -m benchmarks $$study --json || exit; done

format: $(STAMP)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

render: $(STAMP)  ## write the reference pages that come from data
	$(BIN)/python -m docs.render

lock:  ## needs uv; only a maintainer who changes dependencies runs this
	uv pip compile --universal --generate-hashes --no-emit-index-url --group dev pyproject.toml -o requirements.lock --custom-compile-command "make lock"

clean:
	rm -rf $(VENV) demo-run demo-run-input demo-run-导出 .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage*
