# AETlas: one plain Makefile.  `make help` lists the targets.
-include config.mk

PREFIX ?= /usr/local
CC      = mpicc
ARCH   ?= native
OPT    ?= -O3 -march=$(ARCH) -fno-math-errno -fno-trapping-math
SAN    ?= 0
V      ?= 0
BUILD  ?= $(if $(filter 1,$(SAN)),build-san,build)

WARN = -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith \
       -Wwrite-strings -Wvla -Wundef -Wdouble-promotion
PKGS = fftw3 fftw3f $(HDF5_PC) gsl libtiff-4 libpng matio inih openblas lapacke zlib
HDF5_PC := $(shell pkg-config --exists hdf5-openmpi && echo hdf5-openmpi || echo hdf5)
SANFLAGS = -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer -O1 -g
CFLAGS  = -std=c17 -D_GNU_SOURCE $(WARN) $(if $(WERROR),-Werror) $(if $(filter 1,$(SAN)),$(SANFLAGS),$(OPT) -g) \
          -Iinclude -Isrc $(shell pkg-config --cflags $(PKGS)) -DAET_VERSION='"$(VERSION)"'
LDLIBS  = -lfftw3_mpi -lfftw3f_mpi $(shell pkg-config --libs $(PKGS)) -lm -lpthread
VERSION := $(shell git describe --always --dirty --tags 2>/dev/null || cat VERSION 2>/dev/null || echo unknown)

SRC  := $(wildcard src/*/*.c)
OBJ  := $(SRC:src/%.c=$(BUILD)/obj/%.o)
LIB  := $(BUILD)/libaetlas.a
PROG := $(BUILD)/aetlas
UNIT := $(patsubst tests/unit/%.c,$(BUILD)/unit/%,$(wildcard tests/unit/*.c))
Q    := $(if $(filter 1,$(V)),,@)

all: $(PROG)
unit: $(UNIT)

$(BUILD)/obj/%.o: src/%.c
	@mkdir -p $(@D)
	@echo "  CC   $<"
	$(Q)$(CC) $(CFLAGS) -MMD -MP -c $< -o $@

$(LIB): $(OBJ)
	@rm -f $@
	$(Q)ar rcs $@ $(OBJ)

$(PROG): $(BUILD)/obj/main.o $(LIB)
	@echo "  LINK $@"
	$(Q)$(CC) $(CFLAGS) $^ $(LDLIBS) -o $@

$(BUILD)/unit/%: tests/unit/%.c tests/unit/test.h $(LIB)
	@mkdir -p $(@D)
	@echo "  TEST $<"
	$(Q)$(CC) $(CFLAGS) -Itests/unit -MMD -MP $< $(LIB) $(LDLIBS) -o $@

clean:
	rm -rf build build-san

.PHONY: all unit clean
.SECONDARY:
-include $(OBJ:.o=.d) $(BUILD)/obj/main.d $(UNIT:=.d)
