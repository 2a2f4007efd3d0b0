# Every target sets up what it needs: .venv/ with the package, its extras and the tools.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
PAGES  := $(VENV)/.pages
# On Linux without a GPU, PyPI's torch brings gigabytes of CUDA:
#   make grade PIP_FLAGS="--extra-index-url https://download.pytorch.org/whl/cpu"
PIP_FLAGS ?=
OUT    ?= results
# More of the audit's options, such as AUDIT="--seeds 2".
AUDIT  ?=
# Each of the many processes that tests start would compile the package for itself.
export PYTHONDONTWRITEBYTECODE :=
# The tests keep all cores busy: a process with a thread for each would only make them wait for each other.
export OMP_NUM_THREADS := 1
# Each core begins with a stretch of the tests, so that most of a file share what is dear to set up.
CORES  ?= -n auto --dist worksteal

.PHONY: help venv grade test quick thorough audit pages browser pictures attacks peers lint types imports release cut clean

help:  ## show the targets
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

venv: $(READY)  ## set up .venv/

$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "convlab needs Python 3.11 or later; name one with make PYTHON=...")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile $(PIP_FLAGS) -c constraints.txt -e '.[dev]'
	@$(BIN)/python -m compileall -q -j 0 -x /tests/ $(VENV) > /dev/null || true  # on all cores; not all is Python of this version
	touch $(READY)

grade: $(READY)  ## build the three zips, grade the example submissions, print where the results are
	$(BIN)/convlab release --out dist
	$(BIN)/python examples/make.py build/examples
	$(BIN)/convlab grade build/examples --out $(OUT)

test: $(READY)  ## run the tests, on all cores
	$(BIN)/python -m pytest $(CORES) -m 'not ci'

quick: $(READY)  ## run the tests that take no more than a second or so
	$(BIN)/python -m pytest $(CORES) -m 'not slow and not ci'

thorough: $(READY)  ## run every test on every case, with ten times the examples, as CI does
	CONVLAB_TESTS=thorough $(BIN)/python -m pytest $(CORES)

attacks: $(READY)  ## run every attack on the sandbox under every set of layers, and count
	$(BIN)/python tests/attacks/count.py

audit: $(READY)  ## measure the grader: right solutions must pass it, wrong ones must not
	$(BIN)/convlab audit $(AUDIT)

$(PAGES): $(READY)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[browser]'
	touch $(PAGES)

pages: $(PAGES)  ## put JupyterLab and what drives Chromium into .venv/

BROWSER ?= tests/test_browser.py tests/test_desk_browser.py tests/test_jupyterlab.py

browser: $(PAGES)  ## run the tests that need a browser
	CONVLAB_TESTS=thorough $(BIN)/python -m pytest $(BROWSER)

pictures: $(PAGES)  ## take the pictures in README anew, in Chromium
	$(BIN)/python tests/pictures.py docs/pictures

peers:  ## measure CPU time against otter and nbgrader, which go into a .venv of their own
	$(PYTHON) -m venv build/peers
	build/peers/bin/python -m pip install --quiet --disable-pip-version-check $(PIP_FLAGS) -c constraints.txt -e '.[peers]'
	build/peers/bin/python benchmarks/peers

lint: $(READY)  ## ruff
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(READY)  ## mypy, strict
	$(BIN)/mypy

imports: $(READY)  ## the import rules
	PYTHONPATH=assignment $(BIN)/lint-imports

release: $(READY)  ## build dist/student.zip, dist/autograder.zip, dist/solutions.zip
	$(BIN)/convlab release --out dist

cut: $(READY)  ## regenerate student/ and otter_config.json from solutions/ and assignment/
	$(BIN)/convlab cut

clean:  ## remove what the other targets made
	rm -rf build dist $(OUT) $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis *.egg-info
