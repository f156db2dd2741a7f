# Everything starts here: each command first sets up what it needs (set_up.py), which takes no time when it stands.

PYTHONS = .venv/bin/python python3 python3.13 python3.12 python3.11
CODE = core ledger brands members rights exchange settlement webhooks adapters schema gateway benchmarks examples tests set_up.py
ARGS =

.DEFAULT_GOAL = help
.PHONY: help run test check format lock set-up

help:
	@echo "make run     the journey of one member, one brand and one month's end, then a server that goes on"
	@echo "make test    all tests, against a PostgreSQL that they start themselves (ARGS='tests/core -k clock')"
	@echo "make check   the rules: formatting, lint, import law, types, dependencies"
	@echo "make format  put the code into its form"
	@echo "make lock    choose versions anew, into constraints.txt"

run: set-up
	@.venv/bin/agio demo $(ARGS)

test: set-up
	@.venv/bin/python -m pytest -n 2 $(ARGS)

check: set-up
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/lint-imports
	.venv/bin/python -m mypy $(wildcard $(CODE))
	.venv/bin/deptry .

format: set-up
	.venv/bin/ruff format .
	.venv/bin/ruff check --fix .

lock: set-up
	.venv/bin/uv pip compile pyproject.toml --group dev --constraint refused.txt --output-file constraints.txt \
	  --universal --python-version 3.11 --generate-hashes --no-emit-index-url --upgrade --quiet \
	  --custom-compile-command "make lock"

set-up:
	@for python in $(PYTHONS); do \
	  if $$python -c 'import ensurepip, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; \
	  then exec $$python -I set_up.py; fi; \
	done; \
	echo "Agio needs Python 3.11 or newer with its venv module, and none of these is one: $(PYTHONS)." >&2; \
	echo "(Debian and Ubuntu: apt-get install python3 python3-venv)" >&2; \
	exit 1
