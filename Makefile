# milter-reply.  `make demo' shows it, `make check' tests it: README.md.

PREFIX ?= /usr/local
DESTDIR ?=
SYSCONFDIR ?= $(PREFIX)/etc
BUILD ?= build

CC ?= cc
PKG_CONFIG ?= pkg-config
CFLAGS ?= -O2 -g
WARNINGS = -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
	-Wconversion -Wformat=2 -Wpointer-arith -Wcast-qual -Wundef
SANITIZE ?=

# The rooms, bottom first: a room uses only rooms before it (tests/rooms).
# Rooms up to session are pure: no file, socket, clock or log.
PURE = base reply policy session
WORLDLY = config world daemon tool

LIBRARIES = milter libconfig libpcre2-8 gmime-3.0 jansson
# sd_notify() is used where libsystemd is installed.
LIBRARIES += $(shell $(PKG_CONFIG) --exists libsystemd && echo libsystemd)

ALL_CFLAGS = -std=c11 -D_GNU_SOURCE -Iinclude $(WARNINGS) $(CFLAGS) \
	$(SANITIZE) -pthread -fno-common -fstack-protector-strong \
	$(patsubst -I%,-isystem %,$(shell $(PKG_CONFIG) --cflags $(LIBRARIES)))
ALL_CFLAGS += $(if $(findstring libsystemd,$(LIBRARIES)),-DHAVE_SYSTEMD=1,\
	-DHAVE_SYSTEMD=0)
LIBS = $(shell $(PKG_CONFIG) --libs $(LIBRARIES)) -pthread

sources = $(foreach room,$(1),$(sort $(wildcard milter/$(room)/*.c)))
objects = $(patsubst milter/%.c,$(BUILD)/%.o,$(call sources,$(1)))

MAIN = $(BUILD)/tool/main.o
CORE = $(BUILD)/libcore.a
WHOLE = $(BUILD)/libwhole.a
PROGRAM = $(BUILD)/milter-reply
UNIT_TESTS = $(patsubst tests/unit/%.c,$(BUILD)/tests/%,\
	$(sort $(wildcard tests/unit/test_*.c)))

.PHONY: all
all: $(PROGRAM)

$(PROGRAM): $(MAIN) $(WHOLE) $(CORE)
	$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

$(CORE): $(call objects,$(PURE))
	@rm -f $@
	$(AR) rcs $@ $^

$(WHOLE): $(filter-out $(MAIN),$(call objects,$(WORLDLY)))
	@rm -f $@
	$(AR) rcs $@ $^

$(BUILD)/%.o: milter/%.c Makefile
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

# Unit tests of the pure rooms link nothing else, so that a call upwards is an
# error of the linker.
CHECK_LIBS = $(shell $(PKG_CONFIG) --cflags --libs check)
WORLDLY_TESTS = $(patsubst %,$(BUILD)/tests/test_%,$(notdir $(basename \
	$(call sources,$(WORLDLY)))))

$(filter $(WORLDLY_TESTS),$(UNIT_TESTS)): UNDER_TEST = $(WHOLE) $(CORE)
$(UNIT_TESTS): UNDER_TEST = $(CORE)
$(BUILD)/tests/test_%: tests/unit/test_%.c $(CORE) $(WHOLE)
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -MMD -MP -o $@ $< $(UNDER_TEST) $(CHECK_LIBS) \
	    $(LIBS)

.PHONY: unit
unit: $(UNIT_TESTS)
	@set -e; for t in $(UNIT_TESTS); do $$t; done

.PHONY: clean
clean:
	rm -rf $(BUILD)

-include $(wildcard $(BUILD)/*/*.d)
