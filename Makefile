# Needs a POSIX shell, make and Python 3.11 to 3.14 with venv; everything else is installed into .venv.

VENV = .venv
BIN = $(VENV)/bin
STAMP = $(VENV)/complete
LOCKS = requirements/build.txt requirements/dev.txt
PYTHON = python3 python3.14 python3.13 python3.12 python3.11
PYTHON_CHECK = import ensurepip, sys, venv; sys.exit(not (3, 11) <= sys.version_info < (3, 15))
PIP = $(BIN)/python -m pip --quiet --disable-pip-version-check
FIND_PYTHON = found=; for python in $(PYTHON); do \
	if command -v "$$python" >/dev/null && "$$python" -c '$(PYTHON_CHECK)' 2>/dev/null; then found=$$python; break; fi; \
	done; \
	if [ -z "$$found" ]; then \
	echo 'Glint needs Python 3.11 to 3.14 with its venv module (on Debian and Ubuntu: apt-get install python3-venv).' >&2; \
	echo 'None of these is one: $(PYTHON). Name another: PYTHON=/path/to/python' >&2; \
	exit 1; \
	fi
ONCE =
ARGS =
# One test at a time more than there are processors: half of the time they wait, for ERPs, databases and browsers.
WORKERS = $(shell echo $$(($$(getconf _NPROCESSORS_ONLN) + 1)))
UPGRADE =
ERPS =
MINUTES = 60
FAULTS = 10000
FAILOVERS = 20
POOLER =
POOLING = session
SEED = 1

.PHONY: help install demo test erps lint format bench bench-scale bench-memory soak faults failover openapi screenshots lock clean

help:
	@echo 'make demo      set everything up and run the main job; ONCE=1 ends after one round'
	@echo 'make test      set everything up and run all tests; ARGS="-k money" narrows them'
	@echo 'make erps      install real ERPs into .erps, for the tests of our adapters; ERPS="tryton odoo" only these'
	@echo 'make install   set up $(VENV) only; PYTHON=/path/to/python chooses the interpreter'
	@echo 'make lint      ruff, mypy, hadolint'
	@echo 'make format    let ruff mend what it can'
	@echo 'make bench     measure against the bare minimum, and print ratios'
	@echo 'make bench-scale   how far one machine goes with several services and workers, and p50 and p99 under a steady load'
	@echo 'make bench-memory  memory of a service and a worker, every minute for MINUTES=60 of steady load'
	@echo 'make soak      random events for MINUTES=60 from SEED=1, verified again and again'
	@echo 'make faults    inject FAULTS=10000 faults from SEED=1 into real processes, and check that all are survived'
	@echo 'make failover  kill the leader of a PostgreSQL under Patroni FAILOVERS=20 times; POOLER=pgbouncer goes through one'
	@echo 'make openapi   write openapi.yaml from the code'
	@echo 'make screenshots  take the pictures of the README anew, with the Chromium that is here'
	@echo 'make lock      bring requirements/ up to pyproject.toml; UPGRADE=1 takes the newest versions'
	@echo 'make clean     remove $(VENV) and caches, never data'

install: $(STAMP)

# The stamp goes before anything is changed: a folder without it was never finished, and is made anew.
$(STAMP): pyproject.toml $(LOCKS)
	@if [ -f $@ ] && $(BIN)/python -c 'import pip; $(PYTHON_CHECK)'; then \
		rm $@; \
	else \
		$(FIND_PYTHON); \
		echo "Setting up $(VENV) with $$("$$found" --version); the first time takes about a minute."; \
		"$$found" -m venv --clear $(VENV); \
	fi
	$(PIP) install --require-hashes -r requirements/build.txt -r requirements/dev.txt
	$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

demo: install
	@once='$(ONCE)'; $(BIN)/glint demo $${once:+--once}

test: install
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder $(ARGS)

erps: install
	$(BIN)/python -m tests.erps install $(ERPS)

lint: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/hadolint Dockerfile

format: install
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: install
	$(BIN)/python -m bench $(ARGS)

bench-scale: install
	$(BIN)/python -m bench.scale

bench-memory: install
	$(BIN)/python -m bench.memory --minutes $(MINUTES)

soak: install
	$(BIN)/python -m tests.soak --minutes $(MINUTES) --seed $(SEED)

faults: install
	$(BIN)/python -m tests.faults --faults $(FAULTS) --seed $(SEED)

failover: install
	$(BIN)/python -m tests.failover --failovers $(FAILOVERS) --seed $(SEED) --pooler '$(POOLER)' --pooling $(POOLING)

openapi: install
	@$(BIN)/glint openapi > openapi.yaml.new || { rm openapi.yaml.new; exit 1; }
	mv openapi.yaml.new openapi.yaml

screenshots: install
	$(BIN)/python -m tests.screens.look --readme

lock:
	@$(FIND_PYTHON); UPGRADE='$(UPGRADE)' sh requirements/compile "$$found"

clean:
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis build dist
