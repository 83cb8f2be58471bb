SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.SUFFIXES:
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help
MAKEFLAGS += --no-builtin-rules --no-print-directory

# What is typed behind `make` reaches programs as it was typed: make expands none of it, and recipes
# read it from the environment. Nothing below data/ is named, listed or read by this file.
PY ?= .venv/bin/python
OUT := reports
override PY := $(value PY)
override OUT := $(value OUT)
override JOBS := $(value JOBS)
override LAUNCH := $(value LAUNCH)
override NAME := $(value NAME)
override ARGS := $(value ARGS)
export PY OUT JOBS LAUNCH NAME ARGS

# With PY=python, in an activated conda environment, no environment is made.
ENV := $(if $(filter .venv/bin/python,$(PY)),env)
TOOLS := $(if $(filter .venv/bin/python,$(PY)),tools)

# One hash seed and one thread a process: the same inputs give the same bytes.
export PYTHONHASHSEED := 0
export OPENBLAS_NUM_THREADS := 1
export OMP_NUM_THREADS := 1

REPORT := -m analysis.report --list analysis/data/report_list.py \
	--prepare analysis.data.launches:prepare_report --statements analysis.data.claims:list_statements \
	--front analysis.evidence.front_page:describe_front_page \
	--cluster analysis.data.scheduler:cluster_of_environment

.PHONY: help reports launch check zip lab test evidence bench picture lint env tools lock clean

help: ## say what each of these is for
	@awk -F ':[^#]*## ' '/^[a-z]+:.*##/ { printf "%-12s%s\n", $$1, $$2 }' Makefile

# ---- reports ----
reports: $(ENV) ## make the reports that are out of date (LAUNCH=mi_9: of that launch alone; OUT=folder; JOBS=2 at a time)
	@"$$PY" $(REPORT) --out="$$OUT" --jobs="$$JOBS" --only="$$LAUNCH"

launch: $(ENV) ## write a launch file that explains itself, to put your figures in (NAME=my_phone)
	@"$$PY" -m analysis.data.new_launch "$$NAME"

check: $(ENV) ## say all that is wrong or odd in a launch file and its data, in seconds (LAUNCH=my_phone; all without)
	@"$$PY" -m analysis.data --logs analysis.sellout.log_problems:problems_of_logs

zip: reports ## pack the reports into one file to send, reports.zip (LAUNCH=my_phone: the pages of that launch alone)
	@"$$PY" -m analysis.report --out="$$OUT" --zip=reports.zip --only="$$LAUNCH"

# ---- work ----
lab: $(ENV) ## open the notebooks in JupyterLab; what you type is saved, not what is shown (ARGS="--no-browser --port 8890" goes to it)
	@"$$PY" -m jupyterlab --LabApp.news_url=None --LabApp.extension_manager=readonly \
		--LabApp.app_settings_dir=.ci/lab --LabApp.workspaces_dir=.cache/lab \
		--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate \
		--ContentsManager.pre_save_hook=analysis.report.lab.keep_what_was_typed \
		$$([ "$$(id -u)" != 0 ] || echo --allow-root) \
		--LabApp.default_url=/lab/tree/notebooks/start.ipynb $$ARGS

# One process more than there are processors: a test that waits for a browser leaves its own idle.
test: $(TOOLS) ## run all tests
	@processors=$$(env -u OMP_NUM_THREADS nproc 2>/dev/null || echo 2); \
	"$$PY" -m pytest -q -rs -n "$${JOBS:-$$((processors + 1))}" --dist loadfile --no-loadscope-reorder tests

evidence: $(ENV) ## count how often the intervals hold, and write data/evidence/*.csv (hours)
	@"$$PY" -m analysis.evidence $$ARGS

bench: $(TOOLS) ## measure speed against plain rivals, side by side (minutes; ARGS=reports: one of them)
	@"$$PY" tests/bench $$ARGS

picture: $(ENV) ## draw the picture of the README anew
	@"$$PY" .ci/picture.py

lint: $(TOOLS) ## check style and formatting of code and notebooks
	@"$$PY" -m ruff check . && "$$PY" -m ruff format --check .

# ---- environment ----
MAKE_ENV := python=.venv/bin/python; [ -x $$python ] || python=python3; $$python -I .ci/environment.py make

env: ## make .venv from environment.lock where it is not (with conda: conda env create -f environment.yml)
	@$(MAKE_ENV)

tools: ## the same, with the tools of tests
	@$(MAKE_ENV) tests

lock: ## remake environment.lock from environment.yml (reaches the package registry)
	@tools=$$(mktemp -d); trap 'rm -rf "$$tools"' EXIT; \
	python3 -m venv "$$tools"; \
	"$$tools/bin/pip" install --quiet --disable-pip-version-check uv pyyaml; \
	read_list="$$tools/bin/python .ci/environment.py"; \
	pin="$$tools/bin/uv pip compile --quiet - --universal --python-version 3.11 --no-header --no-annotate"; \
	$$read_list requirements | $$pin --generate-hashes --output-file "$$tools/whole"; \
	$$read_list requirements in-use | $$pin --constraint "$$tools/whole" --output-file "$$tools/in-use"; \
	{ echo "# Made by make lock from environment.yml, requirements sha256 $$($$read_list fingerprint)"; \
		$$read_list arrange "$$tools/whole" "$$tools/in-use"; } > "$$tools/lock"; \
	mv "$$tools/lock" environment.lock

clean: ## remove the reports made and caches (no file of yours, and not .venv)
	@python3 -m analysis.report --out="$$OUT" --clean
	@rm -rf .pytest_cache .ruff_cache .hypothesis .cache
	@find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +
