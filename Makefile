# Targets of a fresh machine that has only Go, gcc, Node and apt: `make demo` and `make test`. Each installs what it
# lacks, or says in one line what to install where it may not.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := build

# What is needed beyond Go and gcc: to run and test, and to generate the protobuf code. No C library but gcc's own.
RUN_PACKAGES   := redis-server
PROTO_PACKAGES := protobuf-compiler
# Printed sheets are tested in a browser, with the fonts of their readers.
TEST_PACKAGES  := chromium fonts-noto-cjk
# The checkers that lie with the shared data sets are Python.
DATA_PACKAGES  := $(if $(wildcard $(or $(SWMAAS_SHARED),../shared)/tools),python3)

# Arguments for `make demo`, e.g. make demo ARGS="--speed 600 --seed 3"
ARGS ?=
# Length of each fuzz target's run.
FUZZTIME ?= 5s
# Patterns of the benchmarks to run and of the packages that hold them.
BENCH ?= .
BENCHPKG ?= ./...

.PHONY: setup
setup: ## install what running, testing and generating need
	@.ci/setup $(RUN_PACKAGES) $(TEST_PACKAGES) $(DATA_PACKAGES) $(PROTO_PACKAGES)

.PHONY: build
build: ## build bin/swmaas
	@go build -o bin/swmaas ./cmd/swmaas

.PHONY: release
release: ## a release with build information in bin/release: make release VERSION=v1.0.0
	@VERSION=$(VERSION) .ci/release

.PHONY: demo
demo: ## a day in Kurobe, on everything embedded
	@.ci/setup --soft $(RUN_PACKAGES)
	@$(MAKE) --no-print-directory build
	@bin/swmaas demo $(ARGS)

.PHONY: test
test: ## all tests, with the race detector but for long searches
	@.ci/setup $(RUN_PACKAGES) $(TEST_PACKAGES) $(DATA_PACKAGES)
	@.ci/test

.PHONY: test-data
test-data: ## tests on the shared data sets, none may be skipped
	@.ci/setup $(RUN_PACKAGES) $(DATA_PACKAGES)
	@.ci/test-data

.PHONY: race
race: ## all tests with the race detector, long searches included
	@.ci/setup $(RUN_PACKAGES) $(TEST_PACKAGES) $(DATA_PACKAGES)
	@. .ci/packages; go test -race -timeout 60m "$${packages[@]}"

.PHONY: fuzz
fuzz: ## every fuzz target for FUZZTIME
	@.ci/setup $(RUN_PACKAGES)
	@FUZZTIME=$(FUZZTIME) .ci/fuzz

.PHONY: mutate
mutate: ## remove every test of a constraint in turn: the solver's tests must fail each time
	@SWMAAS_MUTATE=1 go test -count=1 -run TestMutations -timeout 60m -v ./dispatch/solver

.PHONY: bench
bench: ## benchmarks: speed
	@.ci/setup $(RUN_PACKAGES)
	@go test -run '^$$' -bench '$(BENCH)' -benchmem $(BENCHPKG)

.PHONY: quality
quality: build ## solution quality on the public dial-a-ride instances
	@.ci/setup $(DATA_PACKAGES)
	@.ci/quality

.PHONY: lint
lint: ## go vet and staticcheck
	@. .ci/packages; go vet "$${packages[@]}"; go tool staticcheck "$${packages[@]}"

.PHONY: format
format: ## format every Go file that a person wrote
	@git ls-files -z --cached --others --exclude-standard -- '*.go' ':!api/gen' | xargs -0 go tool gofumpt -w

.PHONY: proto
proto: ## check the .proto files and write what is made of them anew
	@.ci/setup $(PROTO_PACKAGES)
	@api/proto/generate.sh

.PHONY: proto-baseline
proto-baseline: ## what the contract promises from now on: later changes are compared with it as it is now
	@.ci/setup $(PROTO_PACKAGES)
	@api/proto/generate.sh --baseline

.PHONY: clients
clients: build ## book a ride from Node, a browser and curl on a running service
	@.ci/setup $(RUN_PACKAGES) $(TEST_PACKAGES)
	@.ci/clients

.PHONY: grpcurl
grpcurl: build ## book a ride on a running service with grpcurl
	@.ci/setup $(RUN_PACKAGES)
	@.ci/grpcurl

.PHONY: ghz
ghz: build ## measure reads on a running service with ghz
	@.ci/setup $(RUN_PACKAGES)
	@.ci/ghz

.PHONY: verify
verify: ## format, vet, staticcheck, generated code, architecture, cores without cgo, module file
	@.ci/setup $(RUN_PACKAGES) $(PROTO_PACKAGES)
	@.ci/verify

.PHONY: help
help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  \1\t\2/' | expand -t 14
