# Every target does its own set-up and works from a fresh clone. `make help`
# lists them; files are built only when what they are made of has changed.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

# The same flags for all, so that tests, linter and binary share what is compiled.
export CGO_ENABLED := 0
export GOFLAGS := $(strip $(filter-out -trimpath,$(shell go env GOFLAGS)) -trimpath)

ADDR ?= 127.0.0.1:8080
FOR ?= 10m
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
LINT := go tool -modfile=tools/go.mod golangci-lint
REPORT := go -C tools run ./testreport

BIN := bin/everdesk
PAGES := web/console/dist/index.html
MODULES := web/node_modules/.package-lock.json

go_sources := go.mod go.sum $(shell find cmd internal packs web -path '*/node_modules' -prune -o -path '*/dist' -prune -o \
	-type f \( -name '*.go' -o -path 'internal/*' -o -path 'packs/*' \) ! -name '*_test.go' -print 2>/dev/null)
web_sources := $(shell find web -path '*/node_modules' -prune -o -path '*/dist' -prune -o -path 'web/e2e' -prune -o \
	-type f ! -name '*.go' ! -name '*.test.ts' -print 2>/dev/null)
journeys := $(wildcard web/e2e/*.spec.mjs web/e2e/*.test.mjs)

.PHONY: help run build web dev test test-go test-web e2e screens drills lint verify api bench soak fmt clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: build ## build what is stale and start the demo shop (ADDR=127.0.0.1:8080)
	@tools/browse http://$(ADDR) & exec ./$(BIN) demo --addr $(ADDR)

build: $(BIN) ## the one binary, with the pages in it

web: $(PAGES) ## console and widget

$(MODULES): web/package-lock.json web/package.json $(wildcard web/*/package.json)
	npm --prefix web ci --no-audit --no-fund
	@touch $@

# One build makes the pages of the console and of the widget.
$(PAGES): $(MODULES) $(web_sources)
	npm --prefix web run build
	@touch $@

$(BIN): $(go_sources) $(PAGES)
	go build -ldflags '-s -w -X main.version=$(VERSION)' -o $@ ./cmd/everdesk

dev: $(MODULES) ## the server, and the console from Vite on port 5173, reloading as it changes
	@trap 'kill 0' EXIT; EVERDESK_DEV_SERVER=http://$(ADDR) npm --prefix web run dev -w console & \
	go run ./cmd/everdesk demo --addr $(ADDR)

test: test-go test-web ## all quick tests, and which suites were not run here

# Drills kill processes and cut connections: they have a target of their own.
test-go:
	@go -C tools test ./testreport ./benchreport
	@go test -json $$(go list ./... | grep -v /internal/drill) | $(REPORT)

test-web:
	@if ! command -v npm >/dev/null; then \
		case ",$${EVERDESK_TEST_REQUIRE:-}," in *,web,*) echo 'npm is required here'; exit 1;; esac; \
		echo 'not run, no npm: the tests of web/'; \
	else \
		$(MAKE) --no-print-directory $(MODULES) && npm --prefix web test; \
	fi

e2e: build ## journeys in a browser against the real binary
	EVERDESK_BIN=$(CURDIR)/$(BIN) tools/journeys $(or $(journeys),$(error there are no journeys in web/e2e))

screens: build ## pictures of every screen, to look at: web/e2e/pictures (PARTS="inbox widget")
	EVERDESK_BIN=$(CURDIR)/$(BIN) node web/e2e/screens.mjs $(PARTS)

drills: build ## kill, freeze and cut off what a desk is made of: nothing acknowledged is lost
	@EVERDESK_BIN=$(CURDIR)/$(BIN) go test -json -count=1 -run 'Killed|Cut' ./internal/store/ | $(REPORT)
	@if [ -d internal/drill ]; then \
		EVERDESK_BIN=$(CURDIR)/$(BIN) go test -json -count=1 -timeout 15m ./internal/drill/... | $(REPORT); fi

lint: $(MODULES) ## golangci-lint, type check and eslint
	$(LINT) run ./...
	cd tools && go tool golangci-lint run ./...
	npm --prefix web run check
	npm --prefix web run lint

verify: $(MODULES) ## modules are tidy, and what is generated is up to date
	go mod verify
	go mod tidy -diff
	go -C tools mod tidy -diff
	$(MAKE) --no-print-directory api
	git diff --exit-code -- api web/client/src/schema.d.ts

api: $(MODULES) ## the OpenAPI document, and the front end's types made of it
	@mkdir -p api
	go run ./cmd/everdesk openapi >api/openapi.json
	npm --prefix web run types

bench: build ## docs/benchmarks.md anew: every measurement on both engines (RUNS=3)
	EVERDESK_TEST_DURABLE=1 go test -run '^$$' -bench GroupCommit -benchtime 3s ./internal/store/
	tools/measure ./$(BIN) docs/benchmarks.md

soak: build ## a mixed load for ten minutes: memory and goroutines stay level (FOR=60s for a quick look)
	./$(BIN) bench soak --for $(FOR)

fmt: ## format everything
	$(LINT) fmt ./...
	npm --prefix web run lint -- --fix

clean:
	rm -rf bin web/console/dist/* web/widget/dist/*
