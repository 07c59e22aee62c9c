# Every target works in a fresh clone: it installs what it needs into .venv and node_modules.

PYTHON ?= python3
BIN := .venv/bin
export PATH := $(CURDIR)/$(BIN):$(CURDIR)/node_modules/.bin:$(PATH)
# Terraform and the CDK ask for nothing over the network, and read nothing of the machine's own configuration.
export CHECKPOINT_DISABLE := 1
export CI := 1
unexport TF_CLI_CONFIG_FILE

.PHONY: demo test check bench docs clean

# With npm, the demo synthesizes through the real cdktf CLI; without, by running the program.
demo: .venv/ready $(if $(shell command -v npm),node_modules/ready)
	@python examples/demo.py

test: .venv/ready node_modules/ready
	pytest -n auto --dist worksteal --cov --cov-report=term

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

docs: .venv/docs
	mkdocs build --strict --quiet

.venv/ready: pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --upgrade "pip>=25.1"
	$(BIN)/pip install --quiet --editable . --group dev
	@touch $@

.venv/bench: .venv/ready
	$(BIN)/pip install --quiet --group bench
	@touch $@

.venv/docs: .venv/ready
	$(BIN)/pip install --quiet --group docs
	@touch $@

node_modules/ready: package-lock.json
	npm ci --no-audit --no-fund --ignore-scripts --loglevel=error
	@touch $@

clean:
	rm -rf .venv node_modules build dist cdktf.out .coverage .hypothesis .mypy_cache .pytest_cache .ruff_cache
