PYTHON ?= python3
run = .venv/bin/

.DEFAULT_GOAL := help
.PHONY: help demo last-seat-sells she-buys-the-insurance parcel-ships step test fuzz fuzz-api freshness bench bench-sender bench-scale bench-ingest bench-rules bench-render gallery golden mutants lint types check format lock clean setup setup-dev setup-bench

help: ## list the tasks
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-24s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: setup ## serve the scenarios on 127.0.0.1:8000 (another port: PORT=8001 make demo)
	@$(run)dyncontent demo

last-seat-sells: setup ## in the running demo: the VIP trip sells out
	@$(run)dyncontent demo-step last-seat-sells

she-buys-the-insurance: setup ## in the running demo: Aino buys the home insurance
	@$(run)dyncontent demo-step she-buys-the-insurance

parcel-ships: setup ## in the running demo: the orders move on to the next step
	@$(run)dyncontent demo-step parcel-ships

step: setup ## in the running demo, what STEP names: make step STEP=invoice-is-paid (all: dyncontent demo-step --help)
	@$(if $(STEP),$(run)dyncontent demo-step $(STEP),$(error name a step: make step STEP=invoice-is-paid; dyncontent demo-step --help names all))

test: setup-dev ## run every test; rules and renderers at full branch coverage
	@$(run)python -m pytest --numprocesses auto --dist worksteal --cov

fuzz: setup-dev ## damage pictures and fonts in very many ways (about an hour)
	@$(run)python -m pytest tests/fuzz --hypothesis-profile=fuzz

fuzz-api: setup-dev ## try the API by its description (some 20 minutes; longer: EXAMPLES=1000 make fuzz-api)
	@EXAMPLES=$${EXAMPLES:-200} $(run)python -m pytest tests/fuzz/test_api.py

freshness: setup-dev ## measure how soon a change on one process is seen on all others: at rest, under full load, without the change log
	@$(run)python -m benchmarks.freshness

bench: setup-dev ## measure what opens and clicks cost, beside nginx, nginx with Lua, Starlette and thumbor (some of it: SCENARIOS="cached click" make bench)
	@$(run)python -m benchmarks.opens $(SCENARIOS)

bench-sender: setup-dev ## measure how many requests a second the sender of make bench can send
	@$(run)python -m benchmarks.sender

bench-scale: setup-dev ## measure what very many people cost: memory, a worker over ten million opens (hours)
	@$(run)python -m benchmarks.scale

bench-ingest: setup-dev ## measure how fast recipients are taken and links made, in bulk
	@$(run)python -m benchmarks.ingest

bench-rules: setup-bench ## measure conditions and decisions beside other engines
	@$(run)python -m benchmarks.rules

bench-render: setup-dev ## measure what it costs to draw for one person, beside Pillow, resvg, satori and canvas
	@$(run)python -m benchmarks.render

gallery: setup-dev ## draw every kind of picture in four languages: var/gallery/index.html and a sheet
	@$(run)python -m scripts.gallery

golden: setup-dev ## draw the committed pictures anew: the tests' and the docs'; look at them
	@$(run)python -m scripts.gallery golden

mutants: setup-dev ## change compile and decide in every small way, and see whether a test notices
	@rm -rf mutants
	@$(run)mutmut run
	@$(run)mutmut results

lint: setup-dev ## style and import laws
	@$(run)ruff check .
	@$(run)ruff format --check .
	@$(run)lint-imports

types: setup-dev ## mypy, strict
	@$(run)mypy

check: test lint types ## all that must hold; CI lints the Dockerfile too

format: setup-dev ## put the code into the house's style
	@$(run)ruff check --fix-only --quiet .
	@$(run)ruff format .

lock: ## resolve the dependencies anew (needs uv and the network)
	@scripts/lock

clean: ## remove what was built; keeps var/, where the data is
	@rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache .coverage mutants benchmarks/peers/render/node_modules benchmarks/peers/opens/thumbor/.venv

setup:
	@$(PYTHON) scripts/setup.py runtime

setup-dev: setup
	@$(PYTHON) scripts/setup.py dev

setup-bench: setup-dev
	@$(PYTHON) scripts/setup.py bench
