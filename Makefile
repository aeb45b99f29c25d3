SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

# Every recipe runs in the environment that scripts/setup.sh made ready.
env = . scripts/env.sh

.PHONY: help
help: ## Say what there is to make
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | \
		awk -F ':.*## ' '{ printf "  make %-9s %s\n", $$1, $$2 }'

.PHONY: setup
setup:
	@scripts/setup.sh

.PHONY: build
build: setup ## Build the node
	@$(env); cargo build --release --locked --workspace

.PHONY: run
run: build ## Run the payable-AI loop on a development chain, which stays up
	@$(env); node scripts/demo/main.mjs

.PHONY: test
test: setup ## Check the format, run all tests, then the loop end to end on the built node
	@$(env); if cargo fmt --version >/dev/null 2>&1; then cargo fmt --all --check; \
		else echo "no rustfmt here: the format is not checked"; fi
	@$(env); node --test --test-reporter=spec scripts/lib/*.test.mjs
	@$(env); cargo test --release --locked --workspace
	@$(env); cargo build --release --locked --workspace
	@scripts/rehearsal.sh
	@$(env); node --test --test-concurrency=3 --test-reporter=spec scripts/e2e/*.test.mjs

.PHONY: evaluate
evaluate: ## Measure how well attribution works, and write the report on it
	@scripts/evaluate.sh

.PHONY: fmt
fmt: ## Format all Rust code
	@$(env); cargo fmt --all

.PHONY: lint
lint: setup ## Run clippy, and shellcheck and cargo-deny where they are installed
	@$(env); SKIP_WASM_BUILD=1 cargo clippy --release --locked --workspace --all-targets -- -D warnings
	@if command -v shellcheck >/dev/null; then shellcheck scripts/*.sh .ci/run; fi
	@if command -v cargo-deny >/dev/null; then cargo deny check; fi

.PHONY: clean
clean: ## Remove what was built and installed for the scripts; the cache's downloads stay
	@$(env); cargo clean
	@rm -rf scripts/node_modules
