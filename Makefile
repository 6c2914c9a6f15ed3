# Isocenter RIS. `make help` lists what there is; each target installs what it needs and may be run again.
.DEFAULT_GOAL := help
.PHONY: help demo demo-reset test check format soak bench
.NOTPARALLEL:

SETUP = @command -v python3 >/dev/null || { echo "python3 is missing. Isocenter needs Python 3.11 or newer." >&2; exit 1; }; \
	exec python3 -m deploy.setup

help: ## This list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: ## Set everything up and run it in the foreground (Ctrl-C stops all)
	$(SETUP) demo

demo-reset: ## Throw the demo's data away; the next `make demo` starts over
	$(SETUP) demo-reset

test: ## All tests, on SQLite, then on PostgreSQL and Redis; ARGS="..." goes to pytest
	$(SETUP) test $(ARGS)

check: ## Lint, format, types, import contracts, migrations, deploy checks
	$(SETUP) check

format: ## Sort imports and format the code
	$(SETUP) format

soak: ## The long tests: kills, soaks, a million rows; ARGS="..." goes to pytest
	$(SETUP) soak $(ARGS)

bench: ## Measure one thing beside its peers: make bench NAME=<name>
	$(SETUP) bench $(NAME)
