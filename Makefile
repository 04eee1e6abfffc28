# Needs Python 3.11 or newer and make. The first use installs everything else below .venv and .wealist.
# `make` alone lists the targets.

SHELL   := /bin/sh
PYTHON  ?= python3
ENV     ?= prod
VENV    := .venv
CHECKOV := .wealist/checkov-3.3.30
PROWLER := .wealist/prowler-5.46.0

# POSIX shells use the variable ENV for the path of a start-up file. Ignore such a path.
ifneq (,$(findstring /,$(ENV)))
ENV     := prod
endif

# Reject misspelt names of ENV, which would otherwise plan prod.
MISSPELT := $(filter env=% Env=% environment=% ENVIRONMENT=% stack=% Stack=% STACK=%,$(MAKEOVERRIDES))
ifneq (,$(MISSPELT))
$(error $(firstword $(MISSPELT)) sets nothing here; write ENV=$(word 2,$(subst =, ,$(firstword $(MISSPELT)))))
endif

# The virtualenv is up to date if it holds a file named by the digest of its inputs, regardless of their timestamps.
DIGEST  := $(shell cat Pipfile.lock wealist/set_up.py | cksum | cut -d ' ' -f 1)
READY   := $(VENV)/.installed-$(DIGEST)
RUN     := $(VENV)/bin/python

UNIT    := $(RUN) -m pytest -q -m "not integration and not exhaustive" --hypothesis-profile=quick

# Without bytecode files, Python compiles a thousand modules at every run.
unexport PYTHONDONTWRITEBYTECODE
# Prefer the tools of the virtualenv, including node.
export PATH := $(CURDIR)/$(VENV)/bin:$(PATH)

.DEFAULT_GOAL := help
.PHONY: help setup plan demo synth test integration unit lint docs matrix witness audit bench clean python

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(READY) ## install everything into .venv; the other targets do this too

plan: $(READY) ## plan ENV (default prod) against the embedded AWS, without an account
	@$(RUN) -m wealist plan $(ENV) --emulated

demo: $(READY) ## apply, change and destroy stacks in the embedded AWS, and verify each claim (ten minutes)
	@$(RUN) -m wealist demo

synth: $(READY) ## synthesize every stack into cdktf.out
	@$(RUN) main.py

# More workers than cores: applies mostly wait for the provider's next poll.
test: $(READY) ## run every test, including those with the real Terraform (minutes)
	@$(RUN) -m pytest -n 4 --dist loadscope --no-loadscope-reorder

integration: $(READY) ## run only the tests that start programs, such as the real Terraform (minutes)
	@$(RUN) -m pytest -m integration -n 4 --dist loadscope --no-loadscope-reorder -v --durations=10

# Two processes, each with half of the tests, are faster than xdist, which sends every result between processes.
unit: FIRST_HALF := tests/unit/checks tests/unit/costs tests/unit/operations tests/unit/toolkit
unit: $(READY) ## run the tests that need no Terraform, except exhaustive ones (seconds)
	@mkdir -p .wealist; $(UNIT) -p no:cacheprovider $(FIRST_HALF) >.wealist/unit.log 2>&1 & first=$$!; \
	trap "kill $$first" INT; \
	$(UNIT) $(FIRST_HALF:%=--ignore %) tests/unit tests/modules tests/document; second=$$?; \
	wait $$first; first=$$?; cat .wealist/unit.log; exit $$((first | second))

lint: $(READY) $(CHECKOV)/.installed ## check style, types, workflows, and every stack with `wealist check` and Checkov
	$(RUN) -m ruff check
	$(RUN) -m ruff format --check
	$(RUN) -m mypy
	$(RUN) -m wealist.operations.terraform fmt -check -recursive modules
	$(VENV)/bin/shellcheck --version >/dev/null # actionlint silently skips shell scripts without it
	$(VENV)/bin/actionlint -shellcheck $(VENV)/bin/shellcheck .github/workflows/*.yml docs/examples/*.yml
	$(VENV)/bin/zizmor --offline --persona=auditor --no-progress --quiet .github docs/examples/*.yml
	$(RUN) main.py >/dev/null
	$(RUN) -m wealist check --all
	$(RUN) -m wealist.operations.checkov $(CHECKOV)/bin/checkov

docs: $(READY) ## write docs/architecture, and a site below .wealist/site
	@$(RUN) main.py >/dev/null
	@$(RUN) -m wealist docs

matrix: $(READY) ## synthesize and test with each library and its bindings (minutes)
	@$(RUN) -m tests.matrix

witness: $(READY) ## test stacks, roles and the embedded AWS against a second emulator (ten minutes)
	@$(RUN) -m tests.witness

audit: $(READY) $(PROWLER)/.installed ## apply everything to the embedded AWS and run Prowler on it (ten minutes)
	@$(RUN) -m wealist.operations.audit $(PROWLER)/bin/prowler

bench: $(READY) ## measure synthesis, plans and reviews, and compare with stock loading of cdktf
	@$(RUN) -m tests.bench

clean: ## remove outputs, plans and caches; keep the virtualenv
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

# Separate virtualenvs: Checkov installs a fork of `hcl2` that would overwrite ours, Prowler another boto3.
.wealist/%/.installed: | python
	@rm -rf .wealist/$(firstword $(subst -, ,$*))-*
	@$(PYTHON) -m wealist.set_up $(@D) $(subst -,==,$*)
