# `make demo` and `make test` are all a newcomer needs; both make .venv and install what is missing.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DEMO ?= demo
INSTALL = $(BIN)/python -m pip install --quiet --disable-pip-version-check --editable
NO_VALIDATE = Without the extra that validates, which needs a C compiler: the demo ends with the release.

.PHONY: demo test soak lint types imports tests wheel reports clean

demo: $(VENV)/.installed
	$(BIN)/culti demo --out $(DEMO)

test: lint types imports tests wheel

lint: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.installed-dev
	$(BIN)/mypy

imports: $(VENV)/.installed-dev
	$(BIN)/lint-imports

# Two processes: each test may hold an OCR engine of about 1 GB.
tests: $(VENV)/.installed-dev
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 2 -m "not soak"

soak: $(VENV)/.installed-dev
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -m soak

# The wheel is built and its command run in an environment that sees nothing of this folder.
wheel: $(VENV)/.installed-dev
	sh scripts/check_wheel.sh $(BIN)/python

$(VENV)/bin/python:
	sh scripts/make_venv.sh $(PYTHON) $(VENV)

$(VENV)/.installed: pyproject.toml | $(VENV)/bin/python
	$(INSTALL) ".[validate]" || { $(INSTALL) . && echo "$(NO_VALIDATE)"; }
	touch $@

$(VENV)/.installed-dev: pyproject.toml | $(VENV)/bin/python
	$(INSTALL) ".[dev,validate]"
	touch $@ $(VENV)/.installed

# Vulnerabilities and licences of what is installed: reports, which fail nothing.
reports: $(VENV)/.installed-dev
	sh scripts/supply_chain.sh $(BIN)/python

clean:
	rm -rf $(VENV) build dist $(DEMO) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
