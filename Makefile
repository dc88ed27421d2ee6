# How Diffusion Models Learn. `make` alone lists the targets.
#
# Every target makes the environment in .venv first if it is missing or if the pins have changed.
# It needs Python 3.11 or newer and make; PYTHON=... chooses another interpreter.

PYTHON := $(shell for python in python3 python3.13 python3.12 python3.11 python; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
HTML := _build/html
TIMES := $(VENV)/.seconds
PORT ?= 8000
# Two processes run the tests; those of one file, or of one page in the browser, stay together.
export WORKERS ?= 2

# One thread per process: the same sums in the same order on every machine, and no contention.
export OMP_NUM_THREADS := 1
export OPENBLAS_NUM_THREADS := 1
export MKL_NUM_THREADS := 1
export VECLIB_MAXIMUM_THREADS := 1
# The kernel of .venv, not one that is installed for the user.
export JUPYTER_PREFER_ENV_PATH := 1
export JUPYTER_PLATFORM_DIRS := 1
export PYTHONUTF8 := 1
unexport PYTHONPATH

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help book test run sync serve mutate bench

help: ## list the targets
	@echo "make TARGET, where TARGET is"
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  \1\t\2/p' Makefile

book: $(STAMP) ## build the pages from the stored outputs; a warning is an error
	@$(build)
	@echo "Open $(CURDIR)/$(HTML)/index.html, or run 'make serve'."

test: $(STAMP) ## run every check: style, units, doctests, notebooks, pages in a browser
	@rm -f $(TIMES)
	$(call step,1 of 6: style,$(BIN)/ruff check . && $(BIN)/ruff format --check --line-length 76 book/*.ipynb book/*/*.ipynb)
	$(call step,2 of 6: unit tests,$(BIN)/pytest tests --ignore=tests/browser -n $(WORKERS) --dist loadfile)
	$(call step,3 of 6: examples in docstrings,$(BIN)/pytest --doctest-modules specbook)
	$(call step,4 of 6: notebooks outside the repository against their stored outputs,$(BIN)/python book/_tools/outside.py)
	$(call step,5 of 6: build without warnings,$(build))
	$(call step,6 of 6: pages in a browser,$(BIN)/pytest tests/browser -n $(WORKERS) --dist loadgroup)
	@printf '\n== seconds of each step\n'
	@cat $(TIMES); awk '{ sum += $$1 } END { printf "%6d  in all\n", sum }' $(TIMES)

run: $(STAMP) ## execute the chapters in fresh kernels and store their outputs (CHAPTER=... for one)
	$(BIN)/python book/_tools/run.py $(CHAPTER)

sync: $(STAMP) ## carry laws, captions and claimed numbers into the pages
	$(BIN)/python book/_tools/sync.py

serve: ## serve the built pages on this machine (PORT=8000)
	@test -f $(HTML)/index.html || { echo "There is no built book: run 'make book' first."; exit 1; }
	$(BIN)/python -m http.server $(PORT) --bind 127.0.0.1 --directory $(HTML)

mutate: $(STAMP) ## break the laws on purpose and see that the tests notice
	$(BIN)/python tests/mutate.py
	$(BIN)/python tests/mutate_holds.py

bench: $(STAMP) ## compare costs with what cannot be done without, as ratios (a few minutes)
	$(BIN)/python tests/bench.py

# All pages, every time: Sphinx does not repeat the warnings of pages that it takes from its cache.
build = $(BIN)/jupyter-book build . --all -W -n --keep-going

# Run a command under a title, and note its seconds.
step = @printf '\n== %s\n' "$(1)"; begin=$$(date +%s); \
	{ $(2); } || { echo "make test stopped at step $(1)"; exit 1; }; \
	printf '%6d  %s\n' $$(($$(date +%s) - begin)) "$(1)" >> $(TIMES)

$(STAMP): requirements.txt pyproject.toml
	@test -n "$(PYTHON)" || { \
		echo "This book needs Python 3.11 or newer; none was found as python3 or python3.x."; \
		echo "Install one (https://www.python.org/downloads/) or call: make book PYTHON=/path/to/python3.11"; \
		exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "This book needs Python 3.11 or newer, and $(PYTHON) is older:"; $(PYTHON) --version; exit 1; }
	@$(BIN)/python -c 'import sys, pip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
		|| $(PYTHON) -m venv --clear $(VENV)
	$(BIN)/python -m pip install --disable-pip-version-check -r requirements.txt
	$(BIN)/python -m pip install --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@
