# Each target makes what it needs; a stamp file says that a thing is made.
.DELETE_ON_ERROR:
.PHONY: demo test check bench chromium clean

# What is compiled once serves all the processes that tests start, whatever this machine wants otherwise.
export PYTHONDONTWRITEBYTECODE :=

PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
READY := .venv/.ready
CODE := offswitch connectors flows tests bench

demo: $(READY)
	$(BIN)/offswitch demo

test: $(READY) chromium
	$(BIN)/pytest -n 3 --dist loadgroup

check: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy $(CODE)
	$(BIN)/lint-imports

bench: $(READY)
	$(BIN)/python -m bench

# PIP_CONSTRAINT reaches the build's own environment too, which -c does not.
$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Offswitch needs Python 3.11 or newer; say PYTHON=... to make")'
	@echo "Installing into .venv (about a minute) …"
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@PIP_CONSTRAINT=constraints.txt $(BIN)/python -m pip install -qq --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@

# Tests that look at pages need a browser; Debian's is enough.
chromium:
	@if command -v chromium >/dev/null; then :; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium fonts-noto-core >/dev/null; \
	else echo "chromium is missing: install it (Debian: apt-get install chromium), or the page tests fail"; fi

clean:
	rm -rf .venv .cache
