# Everything a person does here. Needs Python 3.11 or newer, make and a C compiler; sets up the rest itself.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SOURCES := common server tui tests
export CHAOS_SEED

.PHONY: help run serve demo test chaos check format bench snapshots docs clean

help: ## Show what can be made.
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

run: $(VENV)/run.stamp ## Open the dashboard, on a local server that it finds or starts.
	@$(BIN)/skill-fleet-tui $(ARGS)

serve: $(VENV)/run.stamp ## Run a server in the foreground.
	@$(BIN)/skill-fleet serve $(ARGS)

test: $(VENV)/dev.stamp ## Run every test: side by side, but for those that say how long something takes.
	$(BIN)/pytest -q -n auto --dist loadfile --no-loadscope-reorder -m "not alone" $(ARGS) || [ $$? -eq 5 ]
	$(BIN)/pytest -q -m alone $(ARGS) || [ $$? -eq 5 ]

check: $(VENV)/dev.stamp ## Lint, formatting, types and import contracts.
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/ty check $(SOURCES)
	$(BIN)/lint-imports

format: $(VENV)/dev.stamp ## Format the code.
	$(BIN)/ruff check --fix $(SOURCES)
	$(BIN)/ruff format $(SOURCES)

chaos: $(VENV)/dev.stamp ## Kill, cut and pause everything: SEEDS=200 runs of it, or the one of CHAOS_SEED=n.
	$(BIN)/python -m tests.chaos --seeds $(or $(SEEDS),200) $(ARGS)

bench: $(VENV)/dev.stamp ## Measure, as ratios against baselines in the same run.
	$(BIN)/python -m tests.benchmarks $(ARGS)

snapshots: $(VENV)/dev.stamp ## Accept the screens as they are now.
	$(BIN)/pytest tests/snapshots --snapshot-update $(ARGS)

docs: $(VENV)/dev.stamp ## Regenerate the reference pages and the screenshot.
	$(BIN)/python -m tests.support.documentation

clean: ## Remove the environment and caches.
	rm -rf $(VENV) .pytest_cache .ruff_cache .hypothesis .import_linter_cache

$(VENV)/bin/pip:
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --upgrade pip

$(VENV)/run.stamp: pyproject.toml constraints.txt | $(VENV)/bin/pip
	@echo "Setting up (once; a minute or two) ..."
	$(BIN)/pip install --quiet --constraint constraints.txt --editable '.[server]'
	@touch $@

$(VENV)/dev.stamp: pyproject.toml constraints.txt | $(VENV)/bin/pip
	@echo "Setting up (once; a minute or two) ..."
	$(BIN)/pip install --quiet --constraint constraints.txt --editable '.[dev]'
	@touch $@ $(VENV)/run.stamp
