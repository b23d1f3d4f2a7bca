# demo, test, lint, bench: each makes what it needs first; a second call is quick.

PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)
VENV := .venv
BIN := $(VENV)/bin
TEST_PACKAGES := chromium fonts-noto-cjk mosquitto
PYTEST_ARGS ?=

.PHONY: demo test lint bench screenshots venv clean

demo: $(VENV)/embedded.stamp
	@exec $(BIN)/hazmat demo

test: venv
	@bash .ci/apt-install $(TEST_PACKAGES)
	@$(MAKE) --no-print-directory lint
	$(BIN)/pytest --numprocesses 2 --dist loadfile $(PYTEST_ARGS)

lint: venv
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: venv
	$(BIN)/hazmat bench flow

screenshots: venv
	@bash .ci/apt-install $(TEST_PACKAGES)
	$(BIN)/python -m tests.screenshots

venv: $(VENV)/dev.stamp

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed: apt-get install python3" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || bash .ci/apt-install python3-venv
	$(PYTHON) -m venv $(VENV)

$(VENV)/embedded.stamp: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --editable '.[embedded]'
	@touch $@

$(VENV)/dev.stamp: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --editable '.[dev]'
	@touch $@ $(VENV)/embedded.stamp

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
