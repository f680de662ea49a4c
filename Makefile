# milter-reply.  `make demo' shows it, `make check' tests it: README.md.

PREFIX ?= /usr/local
SYSCONFDIR ?= $(PREFIX)/etc
DESTDIR ?=
BUILD ?= build

CC ?= cc
PKG_CONFIG ?= pkg-config
CFLAGS ?= -O2 -g
WARNINGS = -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
	-Wconversion -Wformat=2 -Wpointer-arith -Wcast-qual -Wundef
SANITIZE ?=

# The rooms, bottom first: a room uses only rooms before it (tests/rooms).
# Rooms up to session are pure: no file, socket, clock or log.
PURE = base reply policy wire session
WORLDLY = config world daemon tool

LIBRARIES = milter libconfig libpcre2-8 gmime-3.0 jansson zlib
# sd_notify() is used where libsystemd is installed.
SYSTEMD := $(shell $(PKG_CONFIG) --exists libsystemd && echo libsystemd)
LIBRARIES += $(SYSTEMD)

LIBRARY_CFLAGS := $(patsubst -I%,-isystem %,\
	$(shell $(PKG_CONFIG) --cflags $(LIBRARIES) 2>/dev/null))
LIBS := $(shell $(PKG_CONFIG) --libs $(LIBRARIES) 2>/dev/null) -pthread
# Hidden, because libconfig exports a strbuf_release() of its own, and calls it
# through the dynamic linker: it must not get ours.
ALL_CFLAGS = -std=c11 -D_GNU_SOURCE -Iinclude -I$(MADE) $(WARNINGS) $(CFLAGS) \
	$(SANITIZE) -pthread -fvisibility=hidden -fno-common \
	-fstack-protector-strong \
	-DHAVE_SYSTEMD=$(if $(SYSTEMD),1,0) $(LIBRARY_CFLAGS)

# What the refusals of known software mean: etc/recognise/*.conf, made into
# tables.  Files are asked in this order, `general' last; any others stand
# before it.
KNOWN = postfix sendmail rspamd amavis opendmarc opendkim clamav spamassassin \
	greylist policyd-spf exim exchange gmail yahoo
KNOWN_HERE := $(sort $(basename $(notdir $(wildcard etc/recognise/*.conf))))
ORIGINS := $(filter $(KNOWN_HERE),$(KNOWN)) \
	$(filter-out $(KNOWN) general,$(KNOWN_HERE)) \
	$(filter general,$(KNOWN_HERE))
MADE = $(BUILD)/made
KNOWLEDGE = $(MADE)/reply/origins.def $(MADE)/reply/meanings.def \
	$(MADE)/reply/cases.def
KNOWLEDGE_FROM = include/reply/reasons.def include/reply/variable.def \
	$(ORIGINS:%=etc/recognise/%.conf)

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

# Made before all else, for the first build knows no dependencies yet.
$(call objects,reply): | $(KNOWLEDGE)
$(MADE)/reply/origins.def: etc/recognise $(KNOWLEDGE_FROM) Makefile
	@mkdir -p $(@D)
	@printf 'ORIGIN("%s")\n' $(ORIGINS) >$@
$(MADE)/reply/%.def: etc/recognise/compile.awk $(KNOWLEDGE_FROM) \
		$(MADE)/reply/origins.def
	@mkdir -p $(@D)
	LC_ALL=C awk -v want=$* -f $< $(KNOWLEDGE_FROM) >$@.new
	@mv $@.new $@

# Where the default configuration is, is known by one file, which is compiled
# again when another SYSCONFDIR is given.
$(BUILD)/tool/tool.o: ALL_CFLAGS += \
	-DDEFAULT_CONFIG='"$(SYSCONFDIR)/milter-reply.conf"'
$(BUILD)/tool/tool.o: $(BUILD)/sysconfdir
.PHONY: always
$(BUILD)/sysconfdir: always
	@mkdir -p $(@D)
	@echo '$(SYSCONFDIR)' | cmp -s - $@ || echo '$(SYSCONFDIR)' >$@

# Unit tests of the pure rooms link nothing else, so that a call upwards is an
# error of the linker.
CHECK_LIBS = $(shell $(PKG_CONFIG) --cflags --libs check)
PURE_TESTS = $(patsubst %,$(BUILD)/tests/test_%,$(notdir $(basename \
	$(call sources,$(PURE)))))

$(UNIT_TESTS): UNDER_TEST = $(WHOLE) $(CORE)
$(filter $(PURE_TESTS),$(UNIT_TESTS)): UNDER_TEST = $(CORE)
$(BUILD)/tests/test_%: tests/unit/test_%.c $(CORE) $(WHOLE)
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -MMD -MP -o $@ $< $(UNDER_TEST) $(CHECK_LIBS) \
	    $(LIBS)

# Everything that building and testing needs on Debian 12; does nothing where
# all is there.
.PHONY: deps
deps:
	tests/lib/install-deps.sh $(BUILD)/sendmail

# The parts run one after another, each in parallel: a package that `deps' has
# just installed is only seen by a make that starts afterwards.
JOBS := $(shell nproc 2>/dev/null || echo 2)
# Private mail servers take root.
AS_ROOT := $(if $(filter 0,$(shell id -u)),,sudo)
.PHONY: check
check: deps
	$(MAKE) -j$(JOBS) test-programs
	$(AS_ROOT) tests/run $(BUILD) $(SUITES)

.PHONY: test-programs
test-programs: $(PROGRAM) $(UNIT_TESTS) bench-programs

.PHONY: demo
demo: deps
	$(MAKE) -j$(JOBS) all
	$(AS_ROOT) demo/run $(PROGRAM)

# The whole suite with sanitizers, in build folders of their own.
SENDMAIL_HERE = mkdir -p $(1) && ln -sfn ../sendmail $(1)/sendmail
.PHONY: asan tsan
asan: deps
	$(call SENDMAIL_HERE,$(BUILD)/asan)
	ASAN_OPTIONS=detect_stack_use_after_return=1 \
	UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1 \
	    $(MAKE) check-with BUILD=$(BUILD)/asan CFLAGS="-O1 -g" SANITIZE="\
	    -fsanitize=address,undefined -fno-omit-frame-pointer"
tsan: deps
	$(call SENDMAIL_HERE,$(BUILD)/tsan)
	TSAN_OPTIONS=halt_on_error=1:suppressions=$(CURDIR)/tests/lib/tsan.supp \
	    $(MAKE) check-with BUILD=$(BUILD)/tsan CFLAGS="-O1 -g" SANITIZE="\
	    -fsanitize=thread -fno-omit-frame-pointer"
.PHONY: check-with
check-with:
	$(MAKE) -j$(JOBS) test-programs
	$(AS_ROOT) tests/run $(BUILD) $(SUITES)

# Fuzz targets for every parser of bytes; FUZZ_SECONDS each.
FUZZ_SECONDS ?= 60
FUZZ_TARGETS = $(patsubst tests/fuzz/%.c,$(BUILD)/fuzz/%,\
	$(sort $(wildcard tests/fuzz/fuzz_*.c)))
FUZZ_FLAGS = -O1 -g -fvisibility=hidden \
	-fsanitize=fuzzer,address,undefined
.PHONY: fuzz
fuzz: deps
	tests/lib/install-deps.sh --fuzz
	$(MAKE) -j$(JOBS) fuzz-programs
	for target in $(FUZZ_TARGETS); do \
	    mkdir -p $$target.corpus; \
	    $$target -max_total_time=$(FUZZ_SECONDS) -timeout=10 \
		-rss_limit_mb=4096 -artifact_prefix=$$target. \
		$$target.corpus || exit 1; \
	done
.PHONY: fuzz-programs
fuzz-programs: $(FUZZ_TARGETS)
$(BUILD)/fuzz/%: tests/fuzz/%.c $(call sources,$(PURE) config) $(KNOWLEDGE) \
		Makefile
	@mkdir -p $(@D)
	clang -std=c11 -D_GNU_SOURCE -Iinclude -I$(MADE) $(FUZZ_FLAGS) \
	    $(LIBRARY_CFLAGS) -o $@ $(filter %.c,$^) $(LIBS)

# The programs that measure, and what they measure against: NAME.c and its parts
# NAME_*.c.
BENCH_PROGRAMS = $(patsubst tests/bench/%.c,$(BUILD)/bench/%,\
	$(foreach source,$(sort $(wildcard tests/bench/*.c)),\
	$(if $(findstring _,$(notdir $(source))),,$(source))))
.PHONY: bench-programs
bench-programs: $(BENCH_PROGRAMS)
$(BUILD)/bench/%: $(wildcard tests/bench/*.[ch] tests/unit/*.h) $(CORE) $(WHOLE)
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -o $@ $(sort $(wildcard tests/bench/$*.c \
	    tests/bench/$*_*.c)) $(WHOLE) $(CORE) $(LIBS)

.PHONY: bench bench-instructions
bench: deps
	$(MAKE) -j$(JOBS) all bench-programs
	tests/bench/run $(BUILD) --json $(BUILD)/bench.json $(CASES)
bench-instructions: deps
	tests/lib/install-deps.sh --bench
	$(MAKE) -j$(JOBS) all bench-programs
	tests/bench/instructions $(BUILD) \
	    --json $(BUILD)/bench-instructions.json $(CASES)

# Expected outputs that are kept as files, and etc/milter-reply.conf.full,
# which comes from the schema: all written anew; git shows the change.
.PHONY: golden
golden: test-programs
	REWRITE=1 $(BUILD)/tests/test_document
	REWRITE=1 $(BUILD)/tests/test_snapshot
	tests/golden/run.py $(PROGRAM) --rewrite
	$(AS_ROOT) tests/e2e/conversations.py $(PROGRAM) --rewrite

include install.mk

.PHONY: clean
clean:
	rm -rf $(BUILD)

-include $(wildcard $(BUILD)/*/*.d)
