# Two promises: `make demo` and `make test`, on a machine with only Python 3.11 and make.
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
CLIP ?=
# Some libraries ask for the OpenCV that needs a desktop's libraries; its headless twin needs none.
HEADLESS = $(BIN)/python -m pip uninstall --quiet --yes opencv-python \
	&& $(BIN)/python -m pip install --quiet --no-deps --force-reinstall --constraint .constraints.txt opencv-python-headless
# One process a core, each with one thread: more threads than cores only wait for each other.
TEST := OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n auto
# Label Studio wants other versions of what we use too, so it lives in an environment of its own.
OUTSIDE := .venv-labelstudio
OUTSIDE_TESTS := tests/e2e/labelstudio
BOARD_TESTS := tests/e2e/fiftyone

.DEFAULT_GOAL := help
.PHONY: help setup setup-test setup-label-studio demo test lint fast slow label-studio fiftyone clean

help:  ## List the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 20

$(BIN)/python:
	@command -v $(PYTHON) >/dev/null || { echo "$(PYTHON) is missing: install Python 3.11, or name yours: make PYTHON=/path/to/python3.11 ..."; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: pyproject.toml .constraints.txt | $(BIN)/python
	@echo "installing the pinned set into $(VENV) (about 6 GB; some minutes)"
	$(BIN)/python -m pip install --quiet --progress-bar on --constraint .constraints.txt --editable .
	$(HEADLESS)
	@touch $@

$(VENV)/.installed-test: $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --constraint .constraints.txt --editable '.[test,postgres,s3,synth,train,evaluate,fiftyone]'
	$(HEADLESS)
	@touch $@

setup: $(VENV)/.installed  ## Build .venv and install what the engine needs

setup-test: $(VENV)/.installed-test  ## ... and what its checks need

$(OUTSIDE)/.installed: .constraints-labelstudio.txt
	@command -v $(PYTHON) >/dev/null || { echo "$(PYTHON) is missing: install Python 3.11, or name yours: make PYTHON=/path/to/python3.11 ..."; exit 1; }
	@echo "installing Label Studio into $(OUTSIDE) (about 1 GB; a minute or two)"
	$(PYTHON) -m venv $(OUTSIDE)
	$(OUTSIDE)/bin/python -m pip install --quiet --progress-bar on --constraint .constraints-labelstudio.txt label-studio
	rm -rf $(OUTSIDE)/seed
	@touch $@

setup-label-studio: $(OUTSIDE)/.installed  ## Build .venv-labelstudio, for `python -m ml_backend.together` and its checks

demo: setup  ## Run the whole way on the bundled clip, or on yours: make demo CLIP=my.mp4
	$(BIN)/engine demo $(if $(CLIP),--clip "$(CLIP)")

test: lint fast slow label-studio fiftyone  ## Run every check

lint: setup-test  ## Style, types, import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

fast: setup-test  ## Tests that take less than two seconds each
	$(TEST) -m "not slow"

slow: setup-test  ## Tests that start servers, kill processes, run networks
	$(TEST) -m slow --ignore=$(OUTSIDE_TESTS) --ignore=$(BOARD_TESTS)

# A file stays in one process: its tests share a workspace, and their process a server.
label-studio: setup-test setup-label-studio  ## Tests against a real Label Studio
	$(TEST) --dist loadfile --no-loadscope-reorder $(OUTSIDE_TESTS)

# As above: its tests share an app and a mongod.
fiftyone: setup-test  ## Tests against a real FiftyOne app
	$(TEST) --dist loadfile --no-loadscope-reorder $(BOARD_TESTS)

clean:  ## Remove what the demo wrote; the environment and workspaces stay
	rm -rf demo-output build
