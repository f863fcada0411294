# Every target sets up what it needs: a fresh machine with python3, pip, go, node and gcc is enough.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: run test demo chat studio eval bench bench-planning nemesis security migrate lint format lock clean

# The stamp lies inside the environment, so removing .venv is all a clean start takes.
.venv/ready: requirements.lock requirements-bootstrap.lock pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-bootstrap.lock
	@$(BIN)/uv pip sync --quiet --compile-bytecode --python $(BIN)/python --require-hashes requirements.lock
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $@

run: .venv/ready
	@$(BIN)/mediaplanner run

chat: .venv/ready
	@$(BIN)/mediaplanner chat

demo: .venv/ready
	@$(BIN)/mediaplanner demo

studio: .venv/ready
	@$(BIN)/mediaplanner studio

eval: .venv/ready
	@$(BIN)/python -m evals.run

bench: .venv/ready
	@$(BIN)/python -m evals.bench.run

bench-planning: .venv/ready
	@$(BIN)/python -m evals.planning_bench $(if $(instances),--instances $(instances)) $(if $(seed),--seed $(seed))

nemesis: .venv/ready
	@$(BIN)/python -m evals.nemesis $(if $(seconds),--seconds $(seconds)) $(if $(seed),--seed $(seed))

# With an equals sign: after a space the path would count as the tests to run, before the option is known.
security: .venv/ready
	@$(BIN)/python -m pytest -m security --security-figures=.venv/security-figures.json
	@$(BIN)/python -m tests.security.report .venv/security-figures.json

migrate: .venv/ready
	@$(BIN)/mediaplanner migrate

lint: .venv/ready
	@$(BIN)/ruff format --quiet --check . || { $(BIN)/ruff format --diff --quiet .; exit 1; }
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy --no-error-summary
	@$(BIN)/lint-imports --no-cache > .venv/lint-imports.log 2>&1 || { cat .venv/lint-imports.log; exit 1; }

format: .venv/ready
	@$(BIN)/ruff format --quiet .
	@$(BIN)/ruff check --quiet --fix .

# The stock clients of the protocols that the API speaks, as tests/e2e drives them.
tests/clients/node_modules/ready: tests/clients/package.json tests/clients/package-lock.json tests/clients/.npmrc
	@cd tests/clients && npm ci --silent --ignore-scripts
	@touch $@

# In the order of their folders, files with the slow tests come in the middle, and many short ones even out the end.
test: lint tests/clients/node_modules/ready
	@$(BIN)/mediaplanner prepare --quiet
	@$(BIN)/python -m coverage erase
	@$(BIN)/python -m pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder --cov --cov-report=

lock:
	@$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
	  --no-annotate --quiet --all-extras pyproject.toml --output-file requirements.lock

clean:
	@rm -rf .venv tests/clients/node_modules
