# Every target works in a fresh clone: it installs what it needs into .venv and node_modules.

PYTHON ?= python3

# Checked before anything is installed.
GOALS := $(filter-out clean,$(or $(MAKECMDGOALS),demo))
ifneq ($(GOALS),)
ifneq ($(shell $(PYTHON) -c 'import sys; print(sys.version_info >= (3, 11))' 2>/dev/null),True)
$(error make $(GOALS) needs Python 3.11 or later: install it, or name it, as in `make $(GOALS) PYTHON=python3.13`)
endif
endif
ifneq ($(filter-out docs,$(GOALS)),)
TERRAFORM := $(word 2,$(shell CHECKPOINT_DISABLE=1 terraform version 2>/dev/null))
ifeq ($(filter-out v0.% v1.0.% v1.1.% v1.2.% v1.3.%,$(TERRAFORM)),)
$(error make $(GOALS) needs Terraform 1.4 or later on the PATH (found: $(or $(TERRAFORM),none)): install it from https://developer.hashicorp.com/terraform/install, then run make again)
endif
endif

BIN := .venv/bin
export PATH := $(CURDIR)/$(BIN):$(CURDIR)/node_modules/.bin:$(PATH)
# Terraform and the CDK ask for nothing over the network, and read nothing of the machine's own configuration.
export CHECKPOINT_DISABLE := 1
export CI := 1
unexport TF_CLI_CONFIG_FILE

# One more than there are processors: a test often waits for a process that it has started.
WORKERS = $(shell $(PYTHON) -c 'import os; print((os.cpu_count() or 1) + 1)')

.PHONY: demo test coverage prove sbom check generate bench docs clean

# The demo ends with a cost report, which needs the prices of the extra `archive`. On a machine without Node, the
# extra `node` brings it, and npm with it.
EXTRAS := local,archive
ifeq ($(shell command -v node),)
EXTRAS := $(EXTRAS),node
endif

# With npm, the demo synthesizes through the real cdktf CLI; without, by running the program.
demo: .venv/local $(if $(shell command -v npm),node_modules/ready)
	@python examples/demo.py

ENVIRONMENTS := .venv/ready .venv-cdktn/ready node_modules/ready
PYTEST := pytest -n $(WORKERS) --dist worksteal
CDKTN := PATH="$(CURDIR)/.venv-cdktn/bin:$$PATH"

# Every test under cdktf, then those that depend on the engine under cdktn, where cdktf is not installed.
test: $(ENVIRONMENTS)
	$(PYTEST)
	$(CDKTN) $(PYTEST) -m engine

# Which lines and branches the tests under cdktf run; below the share in pyproject.toml, it fails.
coverage: $(ENVIRONMENTS)
	$(PYTEST) --cov --cov-report=term

# The proofs at full size, and the tests that are too costly for every change: real clients among them.
# If all pass, docs/trust.md is written from their results.
prove: export PROVE := 1
prove: $(ENVIRONMENTS) .venv-clients/ready .venv-audit/ready
	$(PYTEST) -m "proof or costly" --junitxml=build/proofs.xml
	$(CDKTN) $(PYTEST) -m "engine and (proof or costly)" --junitxml=build/proofs-cdktn.xml
	python tools/trust.py build/proofs.xml build/proofs-cdktn.xml docs/trust.md

# All that a user installs, with every extra and its licence, as CycloneDX JSON.
sbom: .venv-audit/ready
	@.venv-audit/bin/uv venv --quiet --clear --python $(PYTHON) build/installed
	@.venv-audit/bin/uv pip install --quiet --python build/installed/bin/python ".[test,postgres,cdktn,node]"
	@.venv-audit/bin/cyclonedx-py environment build/installed/bin/python --pyproject pyproject.toml --output-reproducible --output-file build/sbom.cdx.json
	@echo "build/sbom.cdx.json"

check: .venv/ready
	ruff check .
	ruff format --check .
	mypy
	pyright
	terraform fmt -check -recursive src
	python -m tools.generate --check
	python -m tools.plain_english

# Both Terraform modules and the argument tables of the documentation, from src/openai_constructs/schema.py.
generate: .venv/ready
	python -m tools.generate

bench: .venv/bench node_modules/ready
	python benchmarks/run.py
	python benchmarks/emulator.py
	python benchmarks/apply.py
	python benchmarks/plan.py
	python benchmarks/archive.py

# The references of errors and commands come from the code; the site has the script that draws its diagrams, so it needs no network.
docs: .venv/docs node_modules/ready
	python tools/error_reference.py build/errors
	python tools/cli_reference.py build/cli
	sed 's#](docs/#](#g' CHANGELOG.md > build/changelog.md
	zensical build --clean --strict
	mkdir -p site/javascripts
	cp node_modules/@mermaid-js/tiny/dist/mermaid.tiny.js site/javascripts/mermaid.js

.venv/local: pyproject.toml
	@echo "Installing the library into .venv (once)"
	@$(PYTHON) -m venv .venv
	@$(BIN)/pip install --quiet --upgrade "pip>=25.1"
	@$(BIN)/pip install --quiet --editable ".[$(EXTRAS)]"
	@touch $@

.venv/ready: .venv/local
	@echo "Installing the tools for development into .venv (once)"
	@$(BIN)/pip install --quiet --group dev
	@touch $@

# All of the first environment but cdktf.
.venv-cdktn/ready: .venv/ready tools/linked_environment.py
	@$(BIN)/python tools/linked_environment.py .venv-cdktn --without cdktf
	@touch $@

# Clients of other people, which must not decide what .venv has; the Node that the npm ones need comes along.
.venv-clients/ready: pyproject.toml tests/clients/package-lock.json
	@echo "Installing the clients into .venv-clients and tests/clients/node_modules (once)"
	@$(PYTHON) -m venv .venv-clients
	@.venv-clients/bin/pip install --quiet --upgrade "pip>=25.1"
	@.venv-clients/bin/pip install --quiet --group clients
	@cd tests/clients && PATH="$(CURDIR)/.venv-clients/bin:$$PATH" npm ci --no-audit --no-fund --ignore-scripts --loglevel=error
	@touch $@

# Tools that must not decide what .venv has, either.
.venv-audit/ready: pyproject.toml
	@echo "Installing the tools that check input and dependencies into .venv-audit (once)"
	@$(PYTHON) -m venv .venv-audit
	@.venv-audit/bin/pip install --quiet --upgrade "pip>=25.1"
	@.venv-audit/bin/pip install --quiet --group audit
	@touch $@

.venv/bench: .venv/ready
	@$(BIN)/pip install --quiet --group bench
	@touch $@

.venv/docs: .venv/ready
	@$(BIN)/pip install --quiet --group docs
	@touch $@

node_modules/ready: package-lock.json | .venv/local
	@echo "Installing the npm packages into node_modules (once)"
	@npm ci --no-audit --no-fund --ignore-scripts --loglevel=error
	@touch $@

clean:
	rm -rf .venv .venv-cdktn .venv-clients .venv-audit node_modules tests/clients/node_modules build dist site .cache cdktf.out .coverage .hypothesis .mypy_cache .pytest_cache .ruff_cache
