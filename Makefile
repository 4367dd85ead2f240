# Minga. Each line is a command that can also be typed by hand; the stamps only save doing it twice.
#
#   make run      a trial node in ./data on http://127.0.0.1:8000; ARGS="--bind 127.0.0.1:8010" chooses another place
#   make demo     the story of a kitchen and a fund, played by seven real nodes
#   make test     all tests; what needs a program that is not there is skipped with its reason
#   make check    format, lint, strict types, generated files, layers
#   make bench    the benchmarks
#   make screenshots   every page in both sizes and languages, into screenshots/
#   make lock     pins anew what pyproject.toml asks for

PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)
BIN := .venv/bin
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check
TESTS ?= tests
LAWS := tests/test_layers.py tests/test_public_names.py tests/test_generated.py tests/test_dependencies.py

# Compiled once, kept: a node on an old machine starts a second sooner.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: run demo test check bench screenshots lock clean

run: .venv/installed
	$(BIN)/minga up $(ARGS)

demo: .venv/installed
	$(BIN)/python -m node.demo

test: .venv/tested
	$(BIN)/python -m pytest --numprocesses=auto --dist=loadfile --no-loadscope-reorder $(TESTS)

check: .venv/tested
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy & types=$$!; \
	$(BIN)/python -m pytest -p no:cacheprovider $(LAWS); laws=$$?; \
	wait $$types && exit $$laws

bench: .venv/tested
	$(BIN)/python -m tests.bench

screenshots: .venv/tested
	$(BIN)/python -m tests.screenshots

clean:
	rm -rf .venv tests/peers/node_modules .pytest_cache .mypy_cache .ruff_cache .hypothesis *.egg-info

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "Minga needs Python 3.11 or newer (apt-get install python3 python3-venv); found: $$(python3 --version 2>&1)" >&2; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { echo "$(PYTHON) has no venv: apt-get install python3-venv" >&2; exit 1; }
	$(PYTHON) -m venv .venv

# Nothing is taken from a registry but what the locks pin by hash; Minga itself is installed in place.
.venv/installed: deploy/requirements.lock pyproject.toml | $(BIN)/python
	$(INSTALL) --require-hashes -r deploy/requirements.lock
	$(INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@

.venv/tested: deploy/requirements-test.lock tests/peers/package-lock.json .venv/installed
	if command -v npm >/dev/null; then npm ci --silent --no-audit --no-fund --prefix tests/peers; \
	else echo "npm is not there: the tests with a Fedify server will be skipped"; fi & peers=$$!; \
	$(INSTALL) --require-hashes -r deploy/requirements-test.lock; ours=$$?; \
	wait $$peers && exit $$ours
	@touch $@

COMPILE := CUSTOM_COMPILE_COMMAND="make lock" .venv/tools/bin/pip-compile --quiet --generate-hashes --strip-extras --allow-unsafe \
	--annotation-style=line --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --build-deps-for=editable

lock: $(BIN)/python
	$(PYTHON) -m venv .venv/tools
	.venv/tools/bin/pip install --quiet pip-tools
	$(COMPILE) --output-file=deploy/requirements.lock pyproject.toml
	$(COMPILE) --extra=test --constraint=deploy/requirements.lock --output-file=deploy/requirements-test.lock pyproject.toml
