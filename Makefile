# Every target sets up what it needs; a second call finds it done.

BIN := .venv/bin
INSTALLED := .venv/.installed
PACKAGES := bench blocks bot clients demo engine handlers scheduler services store tests
LOCK_ANY := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 \
	--generate-hashes --no-header --no-annotate --no-emit-index-url
LOCK := $(LOCK_ANY) pyproject.toml
# Both pin other versions of AWS's SDK than we do, so each has an environment of its own.
MINISTACK := .venv-ministack/.installed
CHECKOV := .venv-checkov/.installed
INFRA := .venv-infra/.installed
AUDIT := .venv-audit/.installed
FUZZ := .venv-fuzz/.installed
FUZZ_SECONDS := 600
# What is installed somewhere; the rest only adds tools that never see a customer's data.
AUDITED := requirements.txt requirements-dev.txt requirements-bench.txt requirements-build.txt
# A program to test against, and no library of ours: it stays apart.
LOCALSTRIPE := .venv-localstripe/.installed

.DEFAULT_GOAL := help
.PHONY: help install demo test test-nightly search check check-infra audit fuzz bench lock clean

help: ## Say what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: $(INSTALLED) ## Make .venv with everything locked in requirements-dev.txt

demo: $(INSTALLED) ## Run the whole bot on this machine, with a simulated Slack and AWS to click on
	$(BIN)/dd0c demo

test: $(INSTALLED) $(MINISTACK) $(LOCALSTRIPE) ## Run the tests
	$(BIN)/pytest -n 4 --dist worksteal

test-nightly: $(INSTALLED) ## Run the long trials of tests/faults, an hour of kills and outages under load, and show what they counted
	$(BIN)/pytest -m nightly -s tests/faults

search: $(INSTALLED) ## Look for what breaks a property among new examples, ten times as many as the tests take; what it finds is kept
	$(BIN)/pytest -n 4 -m hypothesis --hypothesis-profile=search

check: $(INSTALLED) ## Check format, lint, types, imports, the examples in the code, and the gates: schemas, flags, decision logs
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest -q --doctest-modules engine blocks
	$(BIN)/pytest -q tests/gates

check-infra: $(INSTALLED) $(CHECKOV) $(INFRA) ## Check what deploys: templates, image, compose file, workflows, scripts
	.venv-checkov/bin/checkov --directory infra --framework cloudformation terraform --skip-download --quiet --compact
	.venv-infra/bin/hadolint Dockerfile
	.venv-infra/bin/shellcheck install.sh scripts/*.sh
	.venv-infra/bin/check-jsonschema --builtin-schema vendor.compose-spec infra/compose.yaml
	.venv-infra/bin/check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml
	.venv-infra/bin/check-jsonschema --builtin-schema vendor.dependabot .github/dependabot.yml
	$(BIN)/python scripts/dockerfile_steps.py
	$(BIN)/python scripts/try_self_hosting.py

audit: $(AUDIT) ## Look the locked packages up in a database of known weaknesses, which must be reachable
	for file in $(AUDITED); do .venv-audit/bin/pip-audit --disable-pip --require-hashes --strict -r $$file || exit 1; done

fuzz: $(FUZZ) ## Fuzz what reads from outside, ten minutes together: FUZZ_SECONDS=60 for less
	.venv-fuzz/bin/python -m tests.fuzz --seconds $(FUZZ_SECONDS)

bench: $(INSTALLED) ## Run the benchmarks: detection in full, speed, ingest, poll, slack and pages in short (three minutes together)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-bench.txt
	$(BIN)/dd0c bench detection
	$(BIN)/dd0c bench speed --quick
	$(BIN)/dd0c bench ingest --rounds 1
	$(BIN)/dd0c bench poll --quick
	$(BIN)/dd0c bench slack --rounds 1
	$(BIN)/dd0c bench pages --rounds 10

lock: $(INSTALLED) ## Write the locked requirements again from pyproject.toml
	$(LOCK) --extra local --extra parquet --extra dev -o requirements-dev.txt
	$(LOCK) -c requirements-dev.txt --extra parquet -o requirements.txt
	$(LOCK) -c requirements-dev.txt --extra bench -o requirements-bench.txt
	echo 'ministack>=1.5.33' | $(LOCK_ANY) - -o requirements-ministack.txt
	echo 'localstripe>=1.15.10' | $(LOCK_ANY) - -o requirements-localstripe.txt
	echo 'checkov>=3.3' | $(LOCK_ANY) - -o requirements-checkov.txt
	echo 'pip-audit>=2.10' | $(LOCK_ANY) - -o requirements-audit.txt
	echo 'atheris>=3.0,<3.1' | $(LOCK_ANY) pyproject.toml - -c requirements-dev.txt -o requirements-fuzz.txt
	echo 'hatchling>=1.27' | $(LOCK_ANY) - -c requirements-dev.txt -o requirements-build.txt
	printf 'check-jsonschema>=0.39\nhadolint-bin>=2.15\nshellcheck-py>=0.11\n' | $(LOCK_ANY) - -o requirements-infra.txt

clean: ## Remove .venv and everything the tools left behind
	rm -rf .venv .venv-ministack .venv-localstripe .venv-checkov .venv-infra .venv-audit .venv-fuzz .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache build dist
	find $(PACKAGES) -name __pycache__ -type d -prune -exec rm -rf {} +

$(INSTALLED): requirements-dev.txt pyproject.toml scripts/preflight.sh
	PYTHON="$$(sh scripts/preflight.sh)" && "$$PYTHON" -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

.venv-%/.installed: requirements-%.txt scripts/preflight.sh
	PYTHON="$$(sh scripts/preflight.sh)" && "$$PYTHON" -m venv .venv-$*
	.venv-$*/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-$*.txt
	@touch $@
