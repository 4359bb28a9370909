# Every target makes its own environment first; nothing but python3 and make is needed.
PYTHON := .venv/bin/python
export PORTAL_NO_BOOTSTRAP := 1

.PHONY: help demo test check fmt bench lock

help:
	@echo "make demo | test | check | fmt | bench | lock"

demo:
	PORTAL_NO_BOOTSTRAP= python3 manage.py demo

test:
	PORTAL_NO_BOOTSTRAP= python3 manage.py test

.venv/.stamp: requirements/dev.txt
	python3 bootstrap.py dev
	@touch $@

check: .venv/.stamp
	$(PYTHON) -m tests.checks

fmt: .venv/.stamp
	$(PYTHON) -m ruff check --fix --quiet .
	$(PYTHON) -m ruff format .

# All of dev and the peer that imports are measured against; not part of what tests or production install.
bench: requirements/bench.txt
	python3 bootstrap.py bench
	$(PYTHON) -m bench

# Needs uv. After a change of dependencies in pyproject.toml.
lock:
	uv lock
	uv export -q --no-emit-project --no-default-groups -o requirements/run.txt
	uv export -q --no-emit-project --no-default-groups --group test -o requirements/test.txt
	uv export -q --no-emit-project --no-default-groups --group test --group dev -o requirements/dev.txt
	uv export -q --no-emit-project --all-groups -o requirements/bench.txt
