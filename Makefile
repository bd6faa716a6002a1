# `make run` serves the board, `make test` runs every test. Python 3.11 is all they need beforehand.
SHELL := /bin/bash
VENV := .venv
BIN := $(VENV)/bin
# The board has no sign-in: other machines reach it only by ADDRESS=0.0.0.0.
ADDRESS ?= 127.0.0.1
PORT ?= 8501

.PHONY: help run test test-fast lint screenshots bench bench-figures bench-board bench-peers pins clean

help:
	@echo "make run          serve the board on http://localhost:$(PORT); builds the demo company first if there are no books"
	@echo "make test         every test, with a real browser"
	@echo "make test-fast    the tests that take no browser and less than a minute"
	@echo "make lint         format, style and types"
	@echo "make screenshots  pictures of every page in screenshots/"
	@echo "make bench        the benchmarks; results in bench/results/"
	@echo "make bench-figures every figure and list over 10 M orders; makes 3 GB of books once"
	@echo "make bench-board  every page over the same books: server time, cold and warm"
	@echo "make bench-peers  RFM and cohorts beside openretailscience"
	@echo "make pins         requirements.txt and requirements-dev.txt anew from their .in files"
	@echo "make clean        remove .venv; the books stay"

run: $(VENV)/.run
	@scripts/books.sh
	$(BIN)/streamlit run streamlit_app.py --server.headless true --server.address $(ADDRESS) --server.port $(PORT)

test: $(VENV)/.test
	@scripts/browser.sh
	$(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder

test-fast: $(VENV)/.test
	$(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder -m "not slow and not browser"

lint: $(VENV)/.test
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/pyright

screenshots: $(VENV)/.test
	@scripts/browser.sh
	@scripts/books.sh
	@scripts/screenshots.sh

bench: $(VENV)/.test
	$(BIN)/python -m bench.run

bench-figures: $(VENV)/.test
	$(BIN)/python -m bench.figures

bench-board: $(VENV)/.test
	$(BIN)/python -m bench.board

# Peers want other versions of what we use: an environment of their own.
bench-peers: $(VENV)/.test
	$(BIN)/uv venv -q --allow-existing --python $(BIN)/python $(VENV)-peers
	$(BIN)/uv pip sync -q --python $(VENV)-peers/bin/python requirements-bench.txt
	$(BIN)/python -m bench.peers --peer $(VENV)-peers/bin/python

pins: $(VENV)/.test
	$(BIN)/uv pip compile -q --no-header --no-emit-index-url --no-annotate --python-version 3.11 requirements.in -o requirements.txt
	$(BIN)/uv pip compile -q --no-header --no-emit-index-url --no-annotate --python-version 3.11 requirements-dev.in -o requirements-dev.txt
	$(BIN)/uv pip compile -q --no-header --no-emit-index-url --no-annotate --python-version 3.11 requirements-bench.in -o requirements-bench.txt

clean:
	rm -rf $(VENV) $(VENV)-peers

# A stamp says that .venv holds the pins; it is older than the pins once they change.
$(VENV)/.run: requirements.txt
	@scripts/environment.sh run

$(VENV)/.test: requirements.txt requirements-dev.txt
	@scripts/environment.sh test
