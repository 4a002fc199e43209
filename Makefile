# SPDX-License-Identifier: GPL-2.0-or-later
# modmem: how much memory every kernel module holds
#
# Everything that is made lies in build/. "make help" lists the targets.

VERSION = 0.1.0

MAKEFLAGS += --no-print-directory

O = build
PREFIX = /usr/local
bindir = $(PREFIX)/bin
mandir = $(PREFIX)/share/man
bashdir = $(PREFIX)/share/bash-completion/completions
zshdir = $(PREFIX)/share/zsh/site-functions
fishdir = $(PREFIX)/share/fish/vendor_completions.d
libdir = $(PREFIX)/lib/modmem
# where these look, whatever PREFIX is
initramfsdir = /etc/initramfs-tools
dracutdir = /usr/lib/dracut/modules.d/01modmem
unitdir = /etc/systemd/system

ifeq ($(origin CC),default)
CC = gcc
endif
CFLAGS ?= -O2 -g
PKG_CONFIG ?= pkg-config
INSTALL ?= install
FUZZ_SECONDS ?= 60
BENCH_RECORDS ?= 5000000

# What the program needs, and what only tests and benchmarks need.
LIBS = libtraceevent libtracefs smartcols jansson ncursesw libdw libelf libzstd \
       liblzma zlib libxxhash
TEST_LIBS = cmocka
ORACLE_LIBS = libtracecmd libtracefs libtraceevent

pkg = $(shell $(PKG_CONFIG) $(1) 2>/dev/null)
pkg_cflags := $(call pkg,--cflags $(LIBS))
pkg_libs := $(call pkg,--libs $(LIBS)) -lm
test_libs := $(call pkg,--libs $(TEST_LIBS))
oracle_cflags := $(call pkg,--cflags $(ORACLE_LIBS))
oracle_libs := $(call pkg,--libs $(ORACLE_LIBS))

WARNINGS = -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
	   -Wpointer-arith -Wwrite-strings
# tests and benchmarks do without: cmocka's macros convert all the time
program_warnings = -Wconversion
ifdef WERROR
WARNINGS += -Werror
endif

# ASan, UBSan and libFuzzer builds: SANITIZE=address,undefined
ifdef SANITIZE
HARDEN_CFLAGS = -fsanitize=$(SANITIZE) -fno-sanitize-recover=all \
		-fno-omit-frame-pointer
HARDEN_LDFLAGS = -fsanitize=$(SANITIZE)
else
HARDEN_CFLAGS = -D_FORTIFY_SOURCE=2 -fstack-protector-strong -fPIE
HARDEN_LDFLAGS = -pie -Wl,-z,relro,-z,now
endif

all_cflags = -std=gnu11 -pthread $(WARNINGS) $(HARDEN_CFLAGS) $(CFLAGS)
all_cppflags = -Iinclude -Isrc -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 \
	       -DMODMEM_VERSION='"$(VERSION)"' -MMD -MP \
	       $(pkg_cflags) $(CPPFLAGS)
all_ldflags = $(HARDEN_LDFLAGS) -Wl,--as-needed $(LDFLAGS)

# ---- what is made of what ---------------------------------------------------

sources := $(filter-out src/tests/% src/bench/%, \
	   $(wildcard src/*.c src/*/*.c src/*/*/*.c))
objects := $(sources:%.c=$(O)/%.o)
parts := $(filter-out $(O)/src/cmd/main.o,$(objects))

test_sources := $(wildcard src/tests/*.c)
tests := $(patsubst src/tests/%.c,$(O)/tests/%, \
	 $(filter src/tests/test_%,$(test_sources)))
oracles := $(patsubst src/tests/%.c,$(O)/tests/%, \
	   $(filter src/tests/oracle_%,$(test_sources)))
fuzzers := $(patsubst src/tests/%.c,$(O)/tests/%, \
	   $(filter src/tests/fuzz_%,$(test_sources)))
soaks := $(patsubst src/tests/%.c,$(O)/tests/%, \
	 $(filter src/tests/soak_%,$(test_sources)))
# what is left are helpers; each test is linked with those that it calls
test_parts := $(patsubst %.c,$(O)/%.o,$(filter-out \
	      src/tests/test_% src/tests/oracle_% src/tests/fuzz_% src/tests/soak_% \
	      src/tests/preload_%, $(test_sources)))
benches := $(patsubst src/bench/%.c,$(O)/bench/%,$(wildcard src/bench/*.c))

ifeq ($(V),1)
Q =
say = @:
else
Q = @
say = @printf '  %-7s %s\n'
endif

all: $(O)/modmem

$(O)/modmem: $(objects)
	$(say) LINK $@
	$(Q)$(CC) $(all_cflags) $(all_ldflags) $^ -o $@ \
		$(pkg_libs) $(LDLIBS)

$(objects): all_cflags += $(program_warnings)

$(O)/%.o: %.c | $(O)/have-libs
	$(say) CC $<
	@mkdir -p $(@D)
	$(Q)$(CC) $(all_cppflags) $(all_cflags) -c $< -o $@

# the page is put into the program, and its policy has the hashes of its parts
$(O)/src/view/html.o: $(wildcard src/view/html/*) scripts/csp-hash
$(O)/src/view/html.o: all_cppflags += \
	-DPAGE_CSS_HASH='"$(shell scripts/csp-hash src/view/html/page.css)"' \
	-DPAGE_JS_HASH='"$(shell scripts/csp-hash src/view/html/page.js)"'

# one clear message instead of a missing header
$(O)/have-libs:
	@$(PKG_CONFIG) --print-errors --exists $(LIBS) || { \
		echo "Libraries are missing, scripts/install-deps build" \
		     "installs them." >&2; exit 1; }
	@mkdir -p $(@D)
	@touch $@

# The fuzz targets have a main() of their own (src/tests/fuzz_main.h) unless
# libFuzzer brings one (FUZZ_ENGINE).
ifdef FUZZ_ENGINE
fuzz_ldflags = -fsanitize=$(FUZZ_ENGINE)
else
$(O)/src/tests/fuzz_%.o: all_cppflags += -DFUZZ_MAIN
endif

$(tests): extra_libs = $(test_libs)
$(oracles): extra_libs = $(test_libs) $(oracle_libs)
$(fuzzers): all_ldflags += $(fuzz_ldflags)

$(O)/tests/helpers.a: $(test_parts)
	@mkdir -p $(@D)
	@rm -f $@
	$(Q)$(AR) rcs $@ $^

$(tests) $(oracles) $(fuzzers) $(soaks): $(O)/tests/%: $(O)/src/tests/%.o \
		$(O)/tests/helpers.a $(parts)
	$(say) LINK $@
	@mkdir -p $(@D)
	$(Q)$(CC) $(all_cflags) $(all_ldflags) $^ -o $@ \
		$(extra_libs) $(pkg_libs) $(LDLIBS)

# for LD_PRELOAD: faults (scripts/check-hard)
$(O)/tests/preload_%.so: src/tests/preload_%.c | $(O)/have-libs
	$(say) LINK $@
	@mkdir -p $(@D)
	$(Q)$(CC) -std=gnu11 -D_GNU_SOURCE $(WARNINGS) -O2 -g -fPIC -shared $< -o $@

$(O)/src/bench/%.o: all_cppflags += $(oracle_cflags)
$(O)/src/tests/oracle_%.o: all_cppflags += $(oracle_cflags)

$(benches): $(O)/bench/%: $(O)/src/bench/%.o
	$(say) LINK $@
	@mkdir -p $(@D)
	$(Q)$(CC) $(all_cflags) $(all_ldflags) $^ -o $@ \
		$(oracle_libs) $(LDLIBS)

# keep objects that are only needed on the way to a test
.SECONDARY:

-include $(shell [ ! -d $(O)/src ] || find $(O)/src -name '*.d')

# ---- tests ------------------------------------------------------------------

programs: $(O)/modmem $(tests) $(oracles) $(fuzzers) $(soaks)

demo: $(O)/modmem
	@O=$(O) scripts/demo --run

check: programs
	@O=$(O) scripts/run-tests unit golden scripts docs

check-asan:
	@+$(MAKE) O=$(O)/asan SANITIZE=address,undefined CFLAGS='-O1 -g' programs
	@O=$(O)/asan scripts/run-tests unit golden

check-valgrind: $(O)/modmem
	@O=$(O) MODMEM_WRAP='valgrind -q --error-exitcode=99 --leak-check=full --show-leak-kinds=definite,indirect --errors-for-leak-kinds=definite,indirect' \
		scripts/run-tests golden

.PHONY: check-export check-browser
check-export: $(O)/modmem
	@O=$(O) scripts/run-tests export

check-browser: $(O)/modmem
	@O=$(O) scripts/run-tests browser

check-live: $(O)/modmem
	@O=$(O) scripts/run-tests live

# REPEAT=100: the long form
check-hard: $(O)/modmem $(O)/tests/preload_full.so $(O)/tests/preload_nomem.so \
		$(O)/tests/soak_record
	@O=$(O) scripts/run-tests hard

check-guest: $(O)/modmem $(O)/tests/preload_full.so
	@O=$(O) scripts/run-tests guest

check-boards: $(O)/modmem
	@O=$(O) scripts/run-tests boards

KERNELS = 6.1 6.12

check-kernels: $(O)/modmem
	@O=$(O) scripts/check-kernels $(KERNELS)

fuzz:
	@+$(MAKE) O=$(O)/fuzz CC=clang CFLAGS='-O1 -g' FUZZ_ENGINE=fuzzer \
		SANITIZE=fuzzer-no-link,address,undefined fuzz-programs
	@O=$(O)/fuzz FUZZ_SECONDS=$(FUZZ_SECONDS) scripts/run-tests fuzz

fuzz-programs: $(fuzzers)

# cut and changed recordings; the short form is a test of run-tests unit. Of those
# without checksums so many per cent may be unseen (now 0.6), of others none
SOAK_CASES ?= 100000
SOAK_UNSEEN ?= 1.0
SOAK_FILES ?= $(addprefix testdata/x86_64-,$(addsuffix /trace.dat,6.1-v6 \
	      6.1-nostack 6.12-instance 6.1-lost 6.12-reload))
SOAK_SUMMED ?= testdata/x86_64-6.1-v6/trace.dat testdata/x86_64-6.12-v6/trace.dat
soak: $(soaks)
	@$(O)/tests/soak_scale
	@$(O)/tests/soak_damage -f $(SOAK_CASES) -p $(SOAK_UNSEEN) $(SOAK_FILES)
	@$(O)/tests/soak_damage -f $(SOAK_CASES) -m $(SOAK_SUMMED)

bench: $(O)/modmem $(benches)
	@O=$(O) scripts/bench report --records $(BENCH_RECORDS)

# time and memory of 5, 20 and 50 million records (5 GB of disk for a while)
bench-scale: $(O)/modmem $(benches)
	@O=$(O) scripts/bench scale

bench-programs: $(benches)

# which lines the tests ran
coverage:
	@+$(MAKE) O=$(O)/coverage CFLAGS='-O0 -g --coverage' LDFLAGS=--coverage programs
	@O=$(O)/coverage scripts/run-tests unit golden
	@O=$(O)/coverage scripts/coverage

lint:
	@+$(MAKE) O=$(O)/lint WERROR=1 programs bench-programs
	@O=$(O)/lint scripts/run-tests lint

# ---- installing -------------------------------------------------------------

install: $(O)/modmem
	$(INSTALL) -d $(DESTDIR)$(bindir) $(DESTDIR)$(mandir)/man1 \
		$(addprefix $(DESTDIR),$(bashdir) $(zshdir) $(fishdir))
	$(INSTALL) -m 755 $(O)/modmem $(DESTDIR)$(bindir)/modmem
	$(INSTALL) -m 644 man/*.1 $(DESTDIR)$(mandir)/man1/
	$(INSTALL) -m 644 completion/modmem.bash $(DESTDIR)$(bashdir)/modmem
	$(INSTALL) -m 644 completion/_modmem $(DESTDIR)$(zshdir)/
	$(INSTALL) -m 644 completion/modmem.fish $(DESTDIR)$(fishdir)/

# paths of "make install" are put into them
install-boot: install
	$(INSTALL) -d $(addprefix $(DESTDIR),$(libdir) $(initramfsdir)/hooks \
		$(initramfsdir)/scripts/init-top $(dracutdir) $(unitdir))
	$(INSTALL) -m 755 scripts/boot/boot-watch $(DESTDIR)$(libdir)/
	$(INSTALL) -m 755 scripts/boot/initramfs-hook $(DESTDIR)$(initramfsdir)/hooks/modmem
	$(INSTALL) -m 755 scripts/boot/initramfs-script \
		$(DESTDIR)$(initramfsdir)/scripts/init-top/modmem
	$(INSTALL) -m 755 scripts/boot/dracut/*.sh $(DESTDIR)$(dracutdir)/
	$(INSTALL) -m 644 scripts/boot/modmem-watch.service $(DESTDIR)$(unitdir)/
	sed -i -e 's|@bindir@|$(bindir)|' -e 's|@libdir@|$(libdir)|' \
		$(addprefix $(DESTDIR),$(initramfsdir)/hooks/modmem \
		$(dracutdir)/module-setup.sh $(unitdir)/modmem-watch.service)

uninstall:
	$(RM) -r $(addprefix $(DESTDIR),$(libdir) $(initramfsdir)/hooks/modmem \
		$(initramfsdir)/scripts/init-top/modmem $(dracutdir) \
		$(unitdir)/modmem-watch.service)
	$(RM) $(addprefix $(DESTDIR),$(bindir)/modmem $(bashdir)/modmem \
		$(zshdir)/_modmem $(fishdir)/modmem.fish)
	$(RM) $(patsubst man/%,$(DESTDIR)$(mandir)/man1/%,$(wildcard man/*.1))

# what guests and fuzzers left behind goes as well
clean:
	$(RM) -r $(O)

help:
	@echo 'all             build $(O)/modmem'
	@echo 'demo            show the report of a real recording'
	@echo 'check           all tests that need no root, no guest and no network'
	@echo 'check-asan      the same with AddressSanitizer and UBSan'
	@echo 'check-valgrind  the golden cases under valgrind'
	@echo 'check-export    what export writes, read by pprof, Prometheus and others'
	@echo 'check-browser   the exported page in Chromium'
	@echo 'check-live      record on this machine, in every way that can end (root)'
	@echo 'check-hard      kill, stop and fill the disk of recorders, REPEAT (10) times (root)'
	@echo 'check-guest     record in stock kernels under QEMU and check the books'
	@echo 'check-boards    the same on arm and arm64, by a modmem built for them'
	@echo 'check-kernels   the known experiments on stock kernels, expected beside got'
	@echo '                (KERNELS="6.1 6.12"; all: 5.10 and sid as well)'
	@echo 'fuzz            libFuzzer for FUZZ_SECONDS (60) a target'
	@echo 'soak            cut, changed and slow recordings: no crash, no hang, no silence'
	@echo 'bench           speed and memory beside other readers of trace.dat'
	@echo 'bench-scale     ... of 5, 20 and 50 million records'
	@echo 'coverage        which lines the unit and golden tests run'
	@echo 'lint            warnings as errors, clang-format, cppcheck, ...'
	@echo 'install         to $$DESTDIR$$PREFIX (PREFIX=$(PREFIX))'
	@echo 'install-boot    ... and what watches from boot (initramfs-tools, dracut, systemd)'
	@echo 'uninstall       and away again'
	@echo 'clean           remove $(O)/'
	@echo
	@echo 'V=1 shows the commands, WERROR=1 makes warnings errors,'
	@echo 'O=DIR builds elsewhere. scripts/install-deps installs what is missing.'

.PHONY: all programs demo check check-asan check-valgrind check-live check-hard \
	check-guest check-boards check-kernels fuzz fuzz-programs soak bench bench-scale \
	bench-programs coverage lint install install-boot uninstall clean help
