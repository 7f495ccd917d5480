# Everything runs in .venv, which is set up on first use and again when the metadata or the constraints change.
# Another interpreter: make PYTHON=/usr/bin/python3.12 demo
PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin

.PHONY: help venv demo test test-slow test-lower lint format types docs clean

help:
	@echo "make demo      a small punch curve becomes a stress-strain curve (results in demo/)"
	@echo "make test      the fast tests and the docstrings' examples"
	@echo "make test-slow the slow tests"
	@echo "make test-lower the fast tests with the oldest versions that pyproject.toml allows"
	@echo "make lint      ruff: style and format; the arrows between the rooms        make format  apply them"
	@echo "make types     mypy"
	@echo "make docs      the documentation, in docs/_build/html"
	@echo "make clean     remove what the above made, .venv included"

venv: .venv/installed

.venv/installed: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed; this is %s. Name one: make PYTHON=..." % sys.version.split()[0] if sys.version_info < (3, 11) else 0)'
	@test -x $(BIN)/pip || $(PYTHON) -m venv --clear .venv || { echo "Debian and Ubuntu keep venv in a package of its own: apt-get install python3-venv"; exit 1; }
	@echo "Installing into .venv (a few minutes the first time) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[dev,docs]"
	@touch $@

demo: .venv/installed
	@$(BIN)/sklearn-spt demo

# Four workers at most: each imports torch, which takes half a gigabyte of memory.
PYTEST := $(BIN)/python -m pytest --quiet --numprocesses=auto --maxprocesses=4 --dist=worksteal

test: .venv/installed
	$(PYTEST) $(PYTEST_ARGS)

test-slow: .venv/installed
	$(PYTEST) --slow -m slow $(PYTEST_ARGS)

# The oldest versions warn of what is newer than they are. What the tests need beside them is as new as can be; the
# vendor's tables of LS-DYNA's keywords ask for newer versions.
test-lower:
	@test -x .venv-lower/bin/pip || $(PYTHON) -m venv .venv-lower
	@$(PYTHON) .ci/lower-bounds > .venv-lower/constraints.txt
	@.venv-lower/bin/python -m pip install --quiet --disable-pip-version-check -c .venv-lower/constraints.txt -e ".[plot,frame,excel,onnx]" \
	  dask distributed hypothesis numpydoc pytest pytest-cov pytest-xdist rich
	.venv-lower/bin/python -m pytest --quiet --numprocesses=auto --maxprocesses=4 --dist=worksteal tests \
	  --ignore=tests/simulation/lsdyna/test_decks.py -W default::DeprecationWarning -W default::PendingDeprecationWarning -W default::FutureWarning $(PYTEST_ARGS)

lint: .venv/installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --no-cache

format: .venv/installed
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

types: .venv/installed
	$(BIN)/mypy

# One thread: the examples train small networks, which threads slow down on a busy machine.
docs: .venv/installed
	OMP_NUM_THREADS=1 $(BIN)/sphinx-build -W --keep-going -b html docs docs/_build/html

clean:
	rm -rf .venv .venv-lower demo build dist docs/_build docs/auto_examples docs/generated docs/sg_execution_times.rst
