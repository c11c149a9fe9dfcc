# Everything a developer types. In a fresh clone `make test` and `make demo` do all set-up themselves.
SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help
bin := .venv/bin
# Folders of tests lie in memory where there is room: a disk that makes sure of each commit takes longer than the tests.
in_memory = $$([ "$$(df --output=avail -k /dev/shm 2>/dev/null | tail -1)" -gt 4000000 ] 2>/dev/null && echo env PYTEST_DEBUG_TEMPROOT=/dev/shm)

.PHONY: help env demo test check types style house bench pictures torture dist clean

help: ## Show this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | while IFS=$$'\t' read -r name text; do \
	    printf '  make %-8s %s\n' "$$name" "$$text"; done

env: ## Build .venv from the hashed requirement files (nothing to do when it is up to date)
	@scripts/env.sh

demo: env ## Run four national nodes on this machine; ARGS="--headless --json" for a machine-readable run
	@$(bin)/spean demo $(ARGS)

test: env ## Run all tests on SQLite and PostgreSQL; ARGS="tests/unit/core" for a part
	@scripts/system.sh
	@$(in_memory) $(bin)/python -m pytest -n 2 -o tmp_path_retention_policy=failed $(ARGS)

check: env ## Check style, types, layers, packaging and documents
	@$(MAKE) --jobs=2 --output-sync=target types style house

types: env ## Check types alone
	@$(bin)/mypy --strict src

style: env ## Check style and layers alone
	@$(bin)/ruff check .
	@$(bin)/ruff format --check .
	@$(bin)/lint-imports --no-logo

house: env ## Check packaging and documents alone
	@$(bin)/python -m pytest tests/unit/house

bench: env ## Measure: every bench/*.py prints a table; ARGS="intake exchange" for some
	@scripts/bench.sh $(ARGS)

pictures: env ## Take the README's pictures anew, from a played demo in a real Chromium
	@scripts/system.sh
	@$(bin)/python scripts/pictures.py

torture: env ## Many crash points and simulated histories; ARGS passes its options on
	@$(bin)/python -m tests.torture $(ARGS)

dist: env ## Build wheel, standalone verifier and offline bundle into dist/
	@scripts/dist.sh

clean: ## Remove everything that was built or cached, .venv too
	@rm -rf .venv dist build mutants .demo .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache .coverage
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
