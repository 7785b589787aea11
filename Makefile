# `make demo` shows pcipass and `make test` tests it; both install what they need (Debian, as root).

BINARY := .build/release/pcipass
PREFIX ?= /usr/local
SHARE = $(DESTDIR)$(PREFIX)/share
FUZZ_SECONDS ?= 60
SOAK ?= 1000000

BUILD_PACKAGES := libyaml-dev
TEST_PACKAGES := $(BUILD_PACKAGES) gcc g++ libre2-dev python3 python3-yaml python3-jsonschema python3-prometheus-client pciutils \
  libvirt0 libvirt-dev zsh fish groff-base mandoc
LINT_PACKAGES := $(BUILD_PACKAGES) python3 shellcheck
BENCH_PACKAGES := $(TEST_PACKAGES)

.DELETE_ON_ERROR:
.PHONY: help build demo test unit-test headers lab lab-shell lab-test lint goldens schemas bench fuzz soak install clean \
  build-packages test-packages lint-packages bench-packages swift

help: ## List the targets
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 20

build: build-packages swift ## Build the release binary, with the Swift library linked statically
	swift build --configuration release --static-swift-stdlib --disable-local-rpath --product pcipass

demo: build ## Plan, apply and roll back manifests/ on a simulated host
	@Tests/demo $(BINARY)

test: unit-test demo lab-test ## Run all tests, including those on the real kernel of the lab

# The check of imports is part of every build of the tests, so that `make lint` builds nothing again after `make test`.
BUILD_TESTS := swift build --build-tests --explicit-target-dependency-import-check error

unit-test: headers swift
	$(BUILD_TESTS)
	swift test --skip-build

headers: test-packages ## Check our libvirt declarations against the libvirt headers
	cc -std=gnu11 -Wall -Werror -fsyntax-only -I Sources/CLibvirt/include Tests/Headers/libvirt.c

lab-test: build
	Tests/Lab/run --binary $(BINARY)

lab: ## Build the lab once: Debian with a real kernel in QEMU
	Tests/Lab/build

lab-shell: build ## Open a shell in the lab, with pcipass installed
	Tests/Lab/shell --binary $(BINARY)

lint: lint-packages swift ## Check the format of Swift and shell files, the order of the tree, and the imports
	swift format lint --strict --parallel --recursive Package.swift Sources Tests
	shellcheck --external-sources $(shell git ls-files -co --exclude-standard | xargs grep -lE '^#!.*(bash|sh)$$' 2>/dev/null)
	shellcheck --shell=bash --external-sources Tests/Lab/*.sh Tests/Lab/scenarios/*.sh
	Tests/House/check
	python3 Tests/House/test_check.py
	$(BUILD_TESTS)

goldens: test-packages swift ## Re-record the expected outputs of the tests; then review the diff
	PCIPASS_RECORD=1 swift test --filter 'CommandTests|DocumentsTests'

SCHEMAS := host guest host-class host-state plan plan-list status status-list devices doctor explain history run boot validation failure

schemas: build ## Regenerate the JSON Schemas
	@for name in $(SCHEMAS); do $(BINARY) schema $$name > schemas/$$name.schema.json; done

soak: build-packages swift ## Run SOAK (1000000) random steps of the simulated world
	PCIPASS_STEPS=$(SOAK) swift test --filter WorldTests

fuzz: build-packages swift ## Fuzz each reader for FUZZ_SECONDS (60)
	Tests/Fuzz/run --seconds $(FUZZ_SECONDS)

bench: build bench-packages ## Compare the performance of pcipass with that of the tools that it replaces
	Benchmarks/run --binary $(BINARY)

install: build ## Install the command, its completions and manual pages under PREFIX (/usr/local)
	install -D --mode 755 --strip $(BINARY) $(DESTDIR)$(PREFIX)/sbin/pcipass
	install -d $(SHARE)/bash-completion/completions $(SHARE)/zsh/site-functions $(SHARE)/fish/vendor_completions.d \
	  $(SHARE)/man/man8
	$(BINARY) completion bash > $(SHARE)/bash-completion/completions/pcipass
	$(BINARY) completion zsh > $(SHARE)/zsh/site-functions/_pcipass
	$(BINARY) completion fish > $(SHARE)/fish/vendor_completions.d/pcipass.fish
	$(BINARY) man --out $(SHARE)/man/man8

clean: ## Remove the build; keep the lab
	rm -rf .build

swift:
	@command -v swift > /dev/null || { echo "Swift is missing: install a Swift toolchain, 6.2 or later (swift.org), and add it to PATH" >&2; exit 1; }

build-packages test-packages lint-packages bench-packages: %-packages:
	@missing=; for package in $($(shell echo $* | tr a-z A-Z)_PACKAGES); do \
	  dpkg-query --show --showformat '$${Status}' $$package 2>/dev/null | grep -q 'install ok installed' || missing="$$missing $$package"; \
	done; \
	if [ -n "$$missing" ]; then \
	  echo "Installing with apt-get:$$missing"; \
	  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing > /dev/null; \
	fi
