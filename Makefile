# Every target works in a fresh clone: it installs what it needs into .venv and node_modules.

PYTHON ?= python3
BIN := .venv/bin
export PATH := $(CURDIR)/$(BIN):$(CURDIR)/node_modules/.bin:$(PATH)
# Terraform and the CDK ask for nothing over the network, and read nothing of the machine's own configuration.
export CHECKPOINT_DISABLE := 1
export CI := 1
unexport TF_CLI_CONFIG_FILE

# One more than there are processors: a test often waits for a process that it has started.
WORKERS = $(shell $(PYTHON) -c 'import os; print((os.cpu_count() or 1) + 1)')

.PHONY: demo test check bench docs clean

# On a machine without Node, the extra `node` brings it, and npm with it.
NODE := $(if $(shell command -v node),,[node])

# With npm, the demo synthesizes through the real cdktf CLI; without, by running the program.
demo: .venv/ready $(if $(shell command -v npm),node_modules/ready)
	@python examples/demo.py

# Every test under cdktf where both engines are installed, then under cdktn where cdktf is not, but for those
# that have nothing to do with an engine.
test: .venv/ready .venv-cdktn/ready node_modules/ready
	pytest -n $(WORKERS) --dist worksteal --cov --cov-report=term
	PATH="$(CURDIR)/.venv-cdktn/bin:$$PATH" pytest -n $(WORKERS) --dist worksteal -m "not engineless"

check: .venv/ready
	ruff check .
	ruff format --check .
	mypy
	pyright
	terraform fmt -check -recursive src

bench: .venv/bench node_modules/ready
	python benchmarks/run.py
	python benchmarks/emulator.py
	python benchmarks/apply.py

# The error reference comes from the code; the site has the script that draws its diagrams, so it needs no network.
docs: .venv/docs node_modules/ready
	python tools/error_reference.py build/errors
	zensical build --clean --strict
	mkdir -p site/javascripts
	cp node_modules/@mermaid-js/tiny/dist/mermaid.tiny.js site/javascripts/mermaid.js

.venv/ready: pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --upgrade "pip>=25.1"
	$(BIN)/pip install --quiet --editable ".$(NODE)" --group dev
	@touch $@

.venv-cdktn/ready: pyproject.toml
	$(PYTHON) -m venv .venv-cdktn
	.venv-cdktn/bin/pip install --quiet --upgrade "pip>=25.1"
	.venv-cdktn/bin/pip install --quiet --editable ".$(NODE)" --group dev
	.venv-cdktn/bin/pip uninstall --quiet --yes cdktf
	@touch $@

.venv/bench: .venv/ready
	$(BIN)/pip install --quiet --group bench
	@touch $@

.venv/docs: .venv/ready
	$(BIN)/pip install --quiet --group docs
	@touch $@

node_modules/ready: package-lock.json | .venv/ready
	npm ci --no-audit --no-fund --ignore-scripts --loglevel=error
	@touch $@

clean:
	rm -rf .venv .venv-cdktn node_modules build dist site .cache cdktf.out .coverage .hypothesis .mypy_cache .pytest_cache .ruff_cache
