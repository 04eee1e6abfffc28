# Needs Python 3.11 or newer and make; everything else is set up on first use, below .venv and .wealist.
# `make` alone lists the targets.

SHELL   := /bin/sh
PYTHON  ?= python3
ENV     ?= prod
VENV    := .venv
CHECKOV := .wealist/checkov-3.3.30
PROWLER := .wealist/prowler-5.46.0

# POSIX shells name their start-up file by a variable of the same name: a path is no environment of ours.
ifneq (,$(findstring /,$(ENV)))
ENV     := prod
endif

# A misspelt ENV would plan prod.
MISSPELT := $(filter env=% Env=% environment=% ENVIRONMENT=% stack=% Stack=% STACK=%,$(MAKEOVERRIDES))
ifneq (,$(MISSPELT))
$(error $(firstword $(MISSPELT)) sets nothing here; write ENV=$(word 2,$(subst =, ,$(firstword $(MISSPELT)))))
endif

# The virtualenv is up to date when it bears the digest of what decides its content, whatever the time of these files.
DIGEST  := $(shell cat Pipfile.lock wealist/set_up.py | cksum | cut -d ' ' -f 1)
READY   := $(VENV)/.installed-$(DIGEST)
RUN     := $(VENV)/bin/python

UNIT    := $(RUN) -m pytest -q -m "not integration and not exhaustive" --hypothesis-profile=quick

# The tools of the virtualenv (node among them) before any other.
# Some machines forbid Python to keep its bytecode, which then compiles the same thousand modules at every run.
unexport PYTHONDONTWRITEBYTECODE
export PATH := $(CURDIR)/$(VENV)/bin:$(PATH)

.DEFAULT_GOAL := help
.PHONY: help setup plan demo synth test integration unit lint docs matrix witness audit bench clean python

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(READY) ## install everything into .venv; the other targets do so by themselves

plan: $(READY) ## plan ENV (prod) against the embedded AWS: no account needed, nothing changed
	@$(RUN) -m wealist plan $(ENV) --emulated

demo: $(READY) ## apply everything to an embedded AWS, change it, destroy dev, and check each claim (ten minutes)
	@$(RUN) -m wealist demo

synth: $(READY) ## synthesize every stack into cdktf.out
	@$(RUN) main.py

# More workers than two cores: applies mostly wait until the provider asks again what AWS has done.
test: $(READY) ## run every test, the real Terraform included (minutes)
	@$(RUN) -m pytest -n 4 --dist loadscope --no-loadscope-reorder

integration: $(READY) ## run only the tests that run whole programs, the real Terraform among them (minutes)
	@$(RUN) -m pytest -m integration -n 4 --dist loadscope --no-loadscope-reorder -v --durations=10

# Two plain processes, each with half of the tests: xdist's exchange of every result costs as much as one half.
unit: APART := tests/unit/checks tests/unit/operations tests/unit/toolkit
unit: $(READY) ## run the tests that need no Terraform, without every variation of everything (seconds)
	@mkdir -p .wealist; $(UNIT) -p no:cacheprovider $(APART) >.wealist/unit-apart.log 2>&1 & apart=$$!; trap "kill $$apart" INT; \
	$(UNIT) $(APART:%=--ignore %) tests/unit tests/modules tests/document; others=$$?; \
	wait $$apart; apart=$$?; cat .wealist/unit-apart.log; exit $$((apart | others))

lint: $(READY) $(CHECKOV)/.installed ## check style, types, formatting, workflows, and every stack: `wealist check` and Checkov
	$(RUN) -m ruff check
	$(RUN) -m ruff format --check
	$(RUN) -m mypy
	$(RUN) -m wealist.operations.terraform fmt -check -recursive modules
	$(VENV)/bin/shellcheck --version >/dev/null # without it, actionlint leaves the shell in workflows unchecked
	$(VENV)/bin/actionlint -shellcheck $(VENV)/bin/shellcheck .github/workflows/*.yml docs/examples/*.yml
	$(VENV)/bin/zizmor --offline --persona=auditor --no-progress --quiet .github docs/examples/*.yml
	$(RUN) main.py >/dev/null
	$(RUN) -m wealist check --all
	$(RUN) -m wealist.operations.checkov $(CHECKOV)/bin/checkov

docs: $(READY) ## describe every environment: docs/architecture, and a site in .wealist/site that a browser opens from disk
	@$(RUN) main.py >/dev/null
	@$(RUN) -m wealist docs

matrix: $(READY) ## synthesize and test with each library and its bindings, each in a virtualenv of its own (minutes)
	@$(RUN) -m tests.matrix

witness: $(READY) ## hold stacks, roles and the embedded AWS against an emulator that nobody here wrote (ten minutes)
	@$(RUN) -m tests.witness

audit: $(READY) $(PROWLER)/.installed ## apply everything to the embedded AWS, and hold what Prowler says of it against the waivers (ten minutes)
	@$(RUN) -m wealist.operations.audit $(PROWLER)/bin/prowler

bench: $(READY) ## measure synthesis against the stock way of loading cdktf
	@$(RUN) -m tests.bench

clean: ## remove what was synthesized, planned and cached; keep the virtualenv
	rm -rf cdktf.out .wealist .pytest_cache .mypy_cache .ruff_cache .hypothesis

# --- set-up -----------------------------------------------------------------------------------------------------------

python:
	@command -v $(PYTHON) >/dev/null || { \
	  echo "error: there is no $(PYTHON) on PATH" >&2; \
	  echo "remedy: install Python 3.11 or newer, or name it: make PYTHON=python3.12 ..." >&2; exit 2; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "error: $(PYTHON) is `$(PYTHON) --version`, 3.11 or newer is needed" >&2; \
	  echo "remedy: name a newer one: make PYTHON=python3.12 ..." >&2; exit 2; }

$(READY): | python
	@$(PYTHON) -m wealist.set_up $(DIGEST)

# Virtualenvs of their own: Checkov brings a fork of the package `hcl2`, which would overwrite ours, Prowler another boto3.
.wealist/%/.installed: | python
	@rm -rf .wealist/$(firstword $(subst -, ,$*))-*
	@$(PYTHON) -m wealist.set_up $(@D) $(subst -,==,$*)
