# Everything a developer does here, without root and without Docker. `make help` is the manual.
# Paths are relative throughout, so that a working copy may stand in a folder with a space in its name.

PYTHON ?= python3
# An opa of your own instead of a fetched one: `make setup OPA=/path/to/opa`.
OPA ?=
# More arguments for pytest: `make test ARGS="-k opa -x"`.
ARGS ?=
# How long `make fuzz` looks for each target, at most how many inputs (0: no limit), with which seed (0: by chance).
SECONDS_EACH ?= 600
RUNS ?= 0
SEED ?= 0
ONLY ?=

BIN := .venv/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check
CAPABILITIES = "$$(dirname "$$(readlink -f $(BIN)/opa)")/opa-capabilities.json"

SHELL := /bin/sh
MAKEFLAGS += --no-builtin-rules
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help
.PHONY: help setup demo test policy docs lint fmt test-tools test-cluster test-action fuzz mutation assurance image bench lock clean redo

# A step of the set-up counts as done where its stamp is there and what it made still works: an environment that is
# half made, or was made for another folder, is made anew. This is asked once per call and costs milliseconds.
DONE := $(shell test "$$(cat .venv/.packages 2>/dev/null)" = "$$PWD" && test -x $(BIN)/python && echo packages; \
	test -x $(BIN)/mesh-attestor && echo package; test -x $(BIN)/opa && echo opa)
again = $(if $(filter $(1),$(DONE)),,redo)

##@ To see it work

help: ## show this manual
	@awk 'BEGIN { FS = ":.*## " } /^##@ / { printf "\n%s\n", substr($$0, 5) } \
		/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile
	@printf '\nPYTHON=python3.12 chooses the Python of the set-up, OPA=PATH an opa of your own, ARGS=… goes to pytest.\n'

setup: .venv/.opa ## make .venv with the pinned packages, mesh-attestor and opa; once, then only after changes
	@:

demo: setup ## watch a healthy, an insecure and an unobserved mesh being judged
	@$(BIN)/python -m tests.demo

##@ To check it

test: setup policy ## the quick tests: Python and policies
	@$(BIN)/python -m pytest -q -n auto --maxprocesses 8 -m "not tools and not slow and not assurance and not action and not cluster" $(ARGS)

test-tools: setup ## the tests that need jq, strace and cosign, and the slow ones
	@$(BIN)/python -m pytest -q -n auto --maxprocesses 8 -m "(tools or slow) and not assurance" $(ARGS)

test-cluster: setup ## against a real kube-apiserver, etcd and Prometheus, built with Go the first time; no root
	@.ci/cluster
	@$(BIN)/python -m pytest -q -m cluster $(ARGS)

test-action: setup ## the action in a real Docker engine, under act; installs both, as root
	@.ci/engine
	@$(PIP) install --require-hashes --only-binary :all: -r requirements/action.txt
	@$(BIN)/python -m pytest -q -m action $(ARGS)

fuzz: setup ## fuzz with coverage guidance, SECONDS_EACH=600 for each target; RUNS=…, ONLY=name,…, SEED=…
	@$(PIP) install --require-hashes --only-binary :all: -r requirements/fuzz.txt
	@$(BIN)/python -m tests.fuzz --seconds $(SECONDS_EACH) --runs $(RUNS) --seed $(SEED) --only "$(ONLY)" $(ARGS)

image: ## build the image of the action, as a runner does
	@docker build --tag mesh-attestor .

policy: setup ## the policies: form, strict compilation, unit tests, every line covered
	@$(BIN)/opa fmt --fail --diff policy
	@$(BIN)/opa check --strict --capabilities $(CAPABILITIES) policy
	@$(BIN)/opa test --timeout 120s --capabilities $(CAPABILITIES) --threshold 100 policy >/dev/null \
		|| { $(BIN)/opa test --timeout 120s --capabilities $(CAPABILITIES) policy >&2; \
		echo "policy: \`$(BIN)/opa test --coverage policy\` lists the lines under not_covered" >&2; exit 1; }
	@echo "policy: formatted, strict, and every line covered by its tests"

lint: setup ## style and types
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy

##@ To work on it

fmt: setup ## format Python and policies, mend what can be mended
	@$(BIN)/ruff check --fix-only --quiet
	@$(BIN)/ruff format --quiet
	@$(BIN)/opa fmt --write policy

mutation: setup ## change the pure core, then the rules, and see the tests fail: ONLY=attestor/merkle.py SAMPLE=60 SEED=1
	@$(PIP) install --require-hashes --only-binary :all: -r requirements/mutation.txt
	@$(BIN)/python -m tests.mutants python $(addprefix --only ,$(ONLY)) --sample $(or $(SAMPLE),0) --seed $(or $(SEED),1)
	@$(if $(ONLY),,$(BIN)/python -m tests.mutants rego --sample $(or $(SAMPLE),0) --seed $(or $(SEED),1))

assurance: setup ## the figures behind docs/security-model.md: cases, faults, secrets, mutants, fuzzers; SHORT=1 takes minutes
	@$(PIP) install --require-hashes --only-binary :all: -r requirements/fuzz.txt
	@$(PIP) install --require-hashes --only-binary :all: -r requirements/mutation.txt
	@$(BIN)/python -m tests.assurance $(if $(SHORT),--short) $(addprefix --only ,$(ONLY))


docs: setup ## write the catalogue of rules and the pages made from it anew
	@$(BIN)/python -m tools.catalogue

bench: setup ## measure start-up, a whole run and verification
	@$(BIN)/python -m benchmarks

lock: .lock-venv/bin/uv ## choose the newest versions of all packages and pin them by hash
	@for set in runtime dev action fuzz mutation; do \
		.lock-venv/bin/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
			--no-emit-index-url --custom-compile-command "make lock" \
			--output-file requirements/$$set.txt requirements/$$set.in || exit 1; \
	done

clean: ## remove what set-up and the tools made; the cache of opa and what fuzzers found (.fuzz) stay
	@rm -rf .venv .lock-venv build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis .coverage htmlcov

# --- how setup works: three stamps, each written when its step is wholly done ---------------------------------

redo:

.venv/.packages: requirements/dev.txt $(call again,packages)
	@command -v "$(PYTHON)" >/dev/null || { \
		echo "set-up: there is no $(PYTHON) on PATH" >&2; \
		echo "why: Python is not installed, or has another name." >&2; \
		echo "do:  install Python 3.11 or newer, or name it: make setup PYTHON=python3.12" >&2; exit 2; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "set-up: $(PYTHON) is $$("$(PYTHON)" -V 2>&1), and 3.11 or newer is needed" >&2; \
		echo "why: older distributions still bring an older Python." >&2; \
		echo "do:  install a newer one beside it and name it: make setup PYTHON=python3.12" >&2; exit 2; }
	@"$(PYTHON)" -c 'import ensurepip, venv' 2>/dev/null || { \
		v=$$("$(PYTHON)" -c 'import sys; print("%d.%d" % sys.version_info[:2])'); \
		echo "set-up: $(PYTHON) cannot make virtual environments (no venv or ensurepip in it)" >&2; \
		echo "why: some distributions split Python and leave that part out." >&2; \
		echo "do:  Debian, Ubuntu: apt install python3-venv (or python$$v-venv); Fedora: dnf install python3-pip python3-libs" >&2; exit 2; }
	@echo "set-up: virtual environment .venv"
	@"$(PYTHON)" -m venv --clear .venv
	@echo "set-up: packages, pinned by hash"
	@$(PIP) install --require-hashes --only-binary :all: -r requirements/dev.txt
	@printf '%s' "$$PWD" >$@

.venv/.package: pyproject.toml .venv/.packages $(call again,package)
	@echo "set-up: mesh-attestor itself"
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

.venv/.opa: attestor/toolchain.lock.json .venv/.package $(call again,opa) $(if $(OPA),redo)
	@echo "set-up: opa"
	@$(BIN)/python -m attestor.install opa --link $(BIN) $(if $(OPA),--opa "$(OPA)")
	@touch $@

.lock-venv/bin/uv:
	@"$(PYTHON)" -m venv --clear .lock-venv
	@.lock-venv/bin/python -m pip --quiet --disable-pip-version-check install uv
