# AETlas: one plain Makefile.  `make help` lists the targets and the settings.
# One file for the whole tree.  It calls itself again in two places only: after tools/setup, because what
# pkg-config answers may have changed, and for the sanitizer build, which is the same rules on another folder.

# ---- settings: config.mk (make configure KEY=VALUE ...) < command line ----
-include config.mk

PREFIX ?= /usr/local
ifeq ($(origin CC),default)
CC := mpicc
endif
ARCH   ?= native
OPT    ?= -O3 -march=$(ARCH) -fno-math-errno -fno-trapping-math
SAN    ?= 0
V      ?= 0
BUILD  ?= $(if $(filter 1,$(SAN)),build-san,build)
EXTRA_CFLAGS ?=
EXTRA_LDLIBS ?=
SETTINGS = PREFIX CC ARCH OPT EXTRA_CFLAGS EXTRA_LDLIBS

# as many jobs as cores, unless -j was given (make tells only its recipes) or a make above us shares its own
GIVEN_J := $(filter-out 0,$(MAKELEVEL))$(shell tr '\0' '\n' </proc/$$PPID/cmdline 2>/dev/null | \
    grep -E -e '^-[a-zA-Z]*j' -e '^--jobs')
JOBS_FLAG := $(if $(strip $(GIVEN_J)),,-j$(shell nproc 2>/dev/null || echo 2))
MAKEFLAGS += $(JOBS_FLAG)
Q := $(if $(filter 1,$(V)),,@)

# ---- compile: no -ffast-math, because NaN and Inf in images must be seen and sums keep their order ----
WARN = -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith \
       -Wwrite-strings -Wvla -Wundef -Wdouble-promotion
HDF5_PC := $(shell pkg-config --exists hdf5-openmpi 2>/dev/null && echo hdf5-openmpi || echo hdf5)
# OpenBLAS before GSL, whose own plain BLAS would else answer for it
PKGS := fftw3 fftw3f $(HDF5_PC) openblas lapacke gsl qhull_r libtiff-4 libpng inih zlib
PC_CFLAGS := $(shell pkg-config --cflags $(PKGS) 2>/dev/null)
PC_LIBS   := $(shell pkg-config --libs $(PKGS) 2>/dev/null)
# -g1: a report needs lines, not variables, and compiling without them takes a fifth less
SANFLAGS = -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer -O1 -g1
FLAGS  = -std=c17 -D_GNU_SOURCE $(WARN) $(if $(filter 1,$(SAN)),$(SANFLAGS),$(OPT) -g) \
         -Iinclude -Isrc $(PC_CFLAGS) $(EXTRA_CFLAGS)
CFLAGS = $(FLAGS) $(if $(WERROR),-Werror)
# Debian has no fftw3_mpi.pc
LDLIBS = -lfftw3_mpi -lfftw3f_mpi $(PC_LIBS) $(EXTRA_LDLIBS) -lm -lpthread

VERSION := $(shell git describe --always --dirty --tags 2>/dev/null || cat VERSION 2>/dev/null || echo unknown)
SRC   := $(wildcard src/*/*.c)
OBJ   := $(SRC:src/%.c=$(BUILD)/obj/%.o)
LIB   := $(BUILD)/libaetlas.a
PROG  := $(BUILD)/aetlas
UNIT  := $(patsubst tests/unit/%.c,$(BUILD)/unit/%,$(wildcard tests/unit/*.c))
BENCHES := $(patsubst tests/bench/%.c,$(BUILD)/bench/%,$(wildcard tests/bench/*.c))
VERSIONED := $(patsubst src/%.c,$(BUILD)/obj/%.o,$(shell grep -rl AET_VERSION src --include='*.c'))

all: $(PROG)
unit: $(UNIT)

# Rebuild all when the flags change (not for -Werror: it changes no object), and what prints the version
# when that changes.
$(BUILD)/flags: FORCE
	@mkdir -p $(@D)
	@command -v $(CC) >/dev/null && pkg-config --exists $(PKGS) || { \
	    echo "make: $(CC), pkg-config or one of these libraries is missing: $(PKGS)" >&2; \
	    echo "make: tools/setup names what is missing and installs it where it can" >&2; exit 1; }
	@echo '$(CC) $(FLAGS)' | cmp -s - $@ || echo '$(CC) $(FLAGS)' >$@
$(BUILD)/version: FORCE
	@mkdir -p $(@D)
	@echo '$(VERSION)' | cmp -s - $@ || echo '$(VERSION)' >$@
$(VERSIONED): $(BUILD)/version
$(VERSIONED): DEFINES = -DAET_VERSION='"$(VERSION)"'

# The projectors' inner loops: no NaN decides anything in them, and clamps become single instructions.
$(BUILD)/obj/physics/projector_column.o: DEFINES = -ffp-contract=fast -ffinite-math-only -fno-signed-zeros
$(BUILD)/obj/physics/slice_gridding.o: DEFINES = -ffp-contract=fast
$(BUILD)/obj/physics/gram.o: DEFINES = -ffp-contract=fast

$(BUILD)/obj/%.o: src/%.c $(BUILD)/flags
	@mkdir -p $(@D)
	@echo "  CC   $<"
	$(Q)$(CC) $(CFLAGS) $(DEFINES) -MMD -MP -c $< -o $@

# ---- link ----
$(LIB): $(OBJ)
	@rm -f $@
	$(Q)ar rcs $@ $(OBJ)

$(PROG): $(BUILD)/obj/main.o $(LIB)
	@echo "  LINK $@"
	$(Q)$(CC) $(CFLAGS) $^ $(LDLIBS) -o $@

$(BUILD)/unit/%: tests/unit/%.c $(LIB) $(BUILD)/flags
	@mkdir -p $(@D)
	@echo "  TEST $<"
	$(Q)$(CC) $(CFLAGS) -Itests/unit -MMD -MP $< $(LIB) $(LDLIBS) -o $@

$(BUILD)/bench/%: tests/bench/%.c $(LIB) $(BUILD)/flags
	@mkdir -p $(@D)
	@echo "  BENCH $<"
	$(Q)$(CC) $(CFLAGS) -Itests/bench -MMD -MP $< $(LIB) $(LDLIBS) -o $@

# ---- test ----
check:
	@tools/setup
	@$(MAKE) WERROR=1 all unit
	@$(MAKE) WERROR=1 SAN=1 all unit
	@tests/run

check-quick:
	@tools/setup
	@$(MAKE) WERROR=1 all unit
	@tests/run check/ unit/ cmd/

bench: $(PROG) $(if $(BENCH),$(filter $(BUILD)/bench/$(BENCH) $(BUILD)/bench/$(BENCH)_%,$(BENCHES)),$(BENCHES))
	@BUILD=$(BUILD) tools/bench $(BENCH)

demo:
	@tools/setup
	@$(MAKE) all
	@tools/demo

# ---- tools ----
setup:
	@tools/setup

configure:
	@touch config.mk; $(foreach v,$(SETTINGS),$(if $(findstring command line,$(origin $(v))),\
	    sed -i '/^$(v) = /d' config.mk; echo '$(v) = $(value $(v))' >>config.mk;)) \
	echo "config.mk:"; sed 's/^/    /' config.mk

install: all
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share/aetlas/jobs \
	    $(DESTDIR)$(PREFIX)/share/aetlas/configs $(DESTDIR)$(PREFIX)/share/doc/aetlas
	install -m 755 $(PROG) $(DESTDIR)$(PREFIX)/bin/aetlas
	install -m 644 $(wildcard configs/*) $(DESTDIR)$(PREFIX)/share/aetlas/configs
	install -m 644 $(wildcard jobs/*) $(DESTDIR)$(PREFIX)/share/aetlas/jobs
	install -m 644 README.md CHANGELOG.md CONTRIBUTING.md LICENSE $(DESTDIR)$(PREFIX)/share/doc/aetlas

FORMATTED = $(shell git ls-files 'src/*.[ch]' 'include/*.h' 'tests/*.[ch]')
format:
	$(Q)clang-format -i $(FORMATTED)

configs: $(PROG)
	@$(PROG) config >configs/default.ini

TIDY ?= $(SRC) src/main.c
tidy:
	@command -v clang-tidy >/dev/null || { echo "make tidy: clang-tidy is not installed" >&2; exit 1; }
	clang-tidy --quiet $(TIDY) -- $(filter-out -march=%,$(FLAGS)) -DAET_VERSION='""' \
	    $$($(CC) --showme:compile 2>/dev/null || $(CC) -show | tr ' ' '\n' | grep '^-I')

clean:
	rm -rf build build-san

help:
	@echo "make              build $(PROG)"
	@echo "make check        set-up, build, sanitizer build, every test; last line: N passed, N failed, N skipped"
	@echo "make check-quick  rules, unit tests and command tests only"
	@echo "make demo         two small particles from tilt series to statistics, in demo-out/"
	@echo "make bench        all benchmarks; BENCH=name for one of: $(notdir $(BENCHES))"
	@echo "make install      to PREFIX ($(PREFIX)), below DESTDIR if given"
	@echo "make setup        install the packages that are missing"
	@echo "make configure KEY=VALUE ...   remember settings in config.mk"
	@echo "make configs      write configs/default.ini anew, after a change of parameters"
	@echo "make format | tidy | clean"
	@echo "settings: $(foreach v,$(SETTINGS),$(v)='$($(v))')"
	@echo "switches: V=1 (show commands) SAN=1 (Address and UB sanitizers, in build-san) WERROR=1"
	@echo "clusters whose nodes differ: make configure ARCH=x86-64-v3"

.PHONY: all unit check check-quick bench demo setup configure install configs format tidy clean help FORCE
.SECONDARY:
.DELETE_ON_ERROR:
-include $(OBJ:.o=.d) $(BUILD)/obj/main.d $(UNIT:=.d) $(BENCHES:=.d)
