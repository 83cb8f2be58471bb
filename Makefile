SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.SUFFIXES:
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help
MAKEFLAGS += --no-builtin-rules --no-print-directory

# In an activated conda environment: make reports PY=python
PY ?= .venv/bin/python
JOBS ?= $(shell nproc 2>/dev/null || echo 2)
ENV := $(if $(filter .venv/bin/python,$(PY)),.venv/.made)
# One hash seed and one thread a process: the same inputs give the same bytes.
export PYTHONHASHSEED := 0
export OPENBLAS_NUM_THREADS := 1
export OMP_NUM_THREADS := 1

# ---- reports: one rule for each pair of launch and study says what it depends on ----
OUT := reports
LAUNCHES := $(patsubst data/launches/%.yaml,%,$(wildcard data/launches/*.yaml))
# "launch/study" for every word between the brackets of a launch file's line `studies: [...]`
PAIRS := $(shell awk -F'[][]' '/^studies:/ { n = split($$2, s, /[ ,]+/); f = FILENAME; sub(/.*\//, "", f); sub(/\.yaml$$/, "", f); \
	for (i = 1; i <= n; i++) if (s[i] != "") print f "/" s[i] }' $(LAUNCHES:%=data/launches/%.yaml) /dev/null)
# A study whose notebook takes no launch is made once.
ALONE := $(shell grep -L '"launch: str' $(wildcard notebooks/[0-9]_*.ipynb) /dev/null | sed -E 's,^notebooks/[0-9]_(.*)\.ipynb$$,\1,; /dev/d')
CHOSEN := $(if $(LAUNCH),$(filter $(LAUNCH:%=%/%),$(PAIRS)),$(PAIRS) $(ALONE))
PAGES := $(PAIRS:%=$(OUT)/%.html) $(addprefix $(OUT)/,$(ALONE:%=%.html) index.html claims.html)
COMMON := $(wildcard analysis/*.py analysis/*/*.py analysis/*/*.j2 analysis/look/house.mplstyle .ci/counted.py .ci/report/*.py .ci/report/template/* data/market/*.csv data/orders/* data/histories/*) data/README.md environment.lock
STALE := $(OUT)/.stale
RENDER = PYTHONPATH=.ci $(PY) -m report --prepare analysis.data.launches:prepare_report --statements analysis.data.claims:list_statements --out $(OUT) --jobs $(JOBS)

.PHONY: help reports launch index stale env lock lab test evidence bench lint zip clean
help: ## list the targets
	@grep -hE '^[a-z]+:.*##' Makefile | sed -E 's/:[^#]*## /\t/' | expand -t 12

reports: $(ENV) ## render every report that is out of date (LAUNCH=mi_9: that launch's alone)
	@mkdir -p $(OUT); rm -f $(STALE)
	@$(if $(filter-out $(foreach pair,$(PAIRS),$(firstword $(subst /, ,$(pair)))),$(or $(LAUNCH),$(LAUNCHES))),$(PY) -m analysis.data $(LAUNCH))
	@$(PRUNE)
	@$(MAKE) -s -j1 stale STALE_LIST=$(STALE)
	@if [ -s $(STALE) ]; then $(RENDER) $$(cat $(STALE)); rm -f $(STALE); \
	elif [ -s $(OUT)/index.html ] && [ -s $(OUT)/claims.html ] && [ ! -e $(OUT)/.work ]; then echo "$(words $(CHOSEN)) reports are up to date: $(OUT)/index.html"; \
	else $(RENDER); fi

# A report whose launch or study is gone takes its page and its place in the index with it.
PRUNE = for page in $(filter-out $(PAGES),$(wildcard $(OUT)/*.html $(OUT)/*/*.html)); do \
	rm -f "$${page%.html}".html "$${page%.html}".ipynb "$${page%.html}".json $(OUT)/index.html; \
	rmdir --ignore-fail-on-non-empty "$$(dirname "$$page")"; done

stale: $(CHOSEN:%=$(OUT)/%.html)
	@:

define rule
$(OUT)/$(1).html: data/launches/$(firstword $(subst /, ,$(1))).yaml $(wildcard notebooks/?_$(lastword $(subst /, ,$(1))).ipynb) $(COMMON) | $(ENV)
	@$$(if $$(STALE_LIST),echo $(1) >> $$(STALE_LIST),$$(RENDER) $(1))
endef
$(foreach pair,$(PAIRS),$(eval $(call rule,$(pair))))

$(ALONE:%=$(OUT)/%.html): $(OUT)/%.html: $(wildcard notebooks/[0-9]_*.ipynb data/evidence/*.csv tests/test_*.py) $(COMMON) | $(ENV)
	@$(if $(STALE_LIST),echo $* >> $(STALE_LIST),$(RENDER) $*)

launch: $(ENV) ## write a launch file that explains itself: make launch NAME=my_phone
	@$(PY) -m analysis.data.new_launch "$(NAME)"

# ---- environment: from environment.lock where there is no conda ----
env: $(ENV) ## make .venv from environment.lock (conda users: conda env create -f environment.yml)
.venv/.made: environment.lock
	@python3 -c 'import sys; sys.exit("Python 3.11 to 3.13 is needed, not " + sys.version.split()[0] if not (3, 11) <= sys.version_info < (3, 14) else 0)'
	@echo "making .venv from environment.lock (once; a minute or two)"
	@python3 -m venv --clear .venv
	@.venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-compile -r environment.lock
	@.venv/bin/python -m compileall -q -j0 .venv/lib >/dev/null 2>&1 || true
	@touch $@

lock: ## remake environment.lock from environment.yml (reaches the package registry)
	@tools=$$(mktemp -d); trap 'rm -rf "$$tools"' EXIT; \
	python3 -m venv "$$tools"; "$$tools/bin/pip" install --quiet --disable-pip-version-check uv pyyaml; \
	read_list="$$tools/bin/python .ci/environment.py"; \
	$$read_list requirements | "$$tools/bin/uv" pip compile --quiet - --universal --python-version 3.11 --generate-hashes \
		--no-header --no-annotate --output-file "$$tools/lock"; \
	{ echo "# Made by make lock from environment.yml, requirements sha256 $$($$read_list fingerprint)"; cat "$$tools/lock"; } > "$$tools/whole"; \
	mv "$$tools/whole" environment.lock

# ---- work ----
lab: $(ENV) ## open JupyterLab on its start page (ARGS="--no-browser --port 8890" goes to it)
	@$(PY) -m jupyterlab --LabApp.news_url=None --LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate --LabApp.extension_manager=readonly \
		$(if $(filter 0,$(shell id -u)),--allow-root) --LabApp.default_url=/lab/tree/notebooks/start.ipynb $(ARGS)

test: $(ENV) ## run all tests
	@$(PY) -m pytest -q -n $(JOBS) --dist loadfile --no-loadscope-reorder tests

evidence: $(ENV) ## count coverage at length and write data/evidence/*.csv (hours)
	@$(PY) tests/evidence.py $(ARGS)

bench: $(ENV) ## measure speed as ratios, side by side (minutes; ARGS=runner: one of them)
	@$(PY) tests/bench.py $(ARGS)

lint: $(ENV) ## check style and formatting of code and notebooks
	@$(PY) -m ruff check . && $(PY) -m ruff format --check .

zip: reports ## pack the reports into one file, reports.zip
	@rm -f reports.zip; $(PY) -m zipfile -c reports.zip $(OUT) && echo "reports.zip: unpack it anywhere and open reports/index.html"

clean: ## remove reports and caches (not .venv)
	@rm -rf $(OUT) .pytest_cache .ruff_cache .hypothesis; find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +
