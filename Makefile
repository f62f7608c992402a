# Everything runs in a virtual environment of its own, made from the pinned requirements.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
PYTEST := $(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

.DEFAULT_GOAL := help
.PHONY: help run test coverage bench package clean

help: ## Say what there is to make
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(READY) ## Run it all on 127.0.0.1, with examples (PORT=8000, EXAMPLES=0 for none)
	@exec $(BIN)/python -m local

test: $(READY) ## Check style and types, and run every test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy chalicelib local infra
	$(PYTEST)

coverage: $(READY) ## Run every test, and list the lines that none reaches (twice as long)
	$(PYTEST) --cov --cov-report=term

bench: $(READY) ## Measure what incidents, patterns and playbooks cost (some minutes)
	@$(BIN)/python -m tests.bench

package: $(READY) ## Package for AWS into build/package (STAGE=dev)
	@$(BIN)/python -m infra.package --stage $(or $(STAGE),dev) --out build/package

clean: ## Remove what was built, and the virtual environment
	rm -rf build tests/*/npm/node_modules .chalice/deployments .coverage .hypothesis .schemathesis .mypy_cache .pytest_cache .ruff_cache
	rm -rf $(VENV)

$(READY): requirements.txt requirements-dev.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed; say which: make PYTHON=python3.12 ..."; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' || \
		{ echo "This Python cannot make virtual environments (Debian: apt-get install python3-venv)"; \
		exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@
