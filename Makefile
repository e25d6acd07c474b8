# SPDX-License-Identifier: ISC
# The whole build. "make" leaves build/setkey and writes nothing outside build/.
# V=1 shows the commands, SAN=1 builds with ASan and UBSan into build/asan/, FUZZ=1 what "make fuzz" runs into build/fuzz/,
# COV=1 for gcov into build/coverage/; both count in build/asan/ too.

VERSION  := 0.1.0
PREFIX     ?= /usr/local
SBINDIR    ?= $(PREFIX)/sbin
DATADIR    ?= $(PREFIX)/share
MANDIR     ?= $(DATADIR)/man
DOCDIR     ?= $(DATADIR)/doc/setkey
UNITDIR    ?= $(PREFIX)/lib/systemd/system
SYSCONFDIR ?= /etc
BASHDIR    ?= $(DATADIR)/bash-completion/completions
ZSHDIR     ?= $(DATADIR)/zsh/site-functions
FISHDIR    ?= $(DATADIR)/fish/vendor_completions.d
CC       ?= cc
PKG_CONFIG ?= pkg-config
INSTALL  ?= install
FLEX     ?= flex
BISON    ?= bison
PKGS     := libmnl libbsd-overlay nettle jansson libedit
B        := build$(if $(SAN),/asan)$(if $(FUZZ),/fuzz)$(if $(COV),$(if $(SAN),,/coverage))

CFLAGS   ?= -O2 -g
WARN     := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith \
            -Wwrite-strings -Wcast-qual -Wformat=2 -Wundef -Wvla $(if $(FUZZ),-Wno-cast-qual) $(if $(WERROR),-Werror)
SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
SANFLAGS := $(if $(SAN)$(FUZZ),$(SANITIZE)) $(if $(FUZZ),-fsanitize=fuzzer-no-link) $(if $(COV),--coverage -O0)
ALL_CFLAGS = -std=c11 -D_GNU_SOURCE -DVERSION='"$(VERSION)"' -Isrc -I$(B)/grammar $(WARN) \
            $(shell $(PKG_CONFIG) --cflags $(PKGS)) $(CPPFLAGS) $(CFLAGS) $(SANFLAGS)
# Over the bounds of files too: a load takes 7 % less. Other compilers want a linker of their own for it.
GCC      := $(findstring Free Software Foundation,$(shell $(CC) --version))
LTO      := $(if $(SAN)$(FUZZ)$(COV),,$(if $(GCC),-flto=auto))
# In the program itself, where gcc has them so, the sanitizers start a third faster under qemu. Other compilers do so anyway.
RUNTIME  := $(if $(SAN),$(if $(GCC),$(if $(filter /%,$(shell $(CC) -print-file-name=libasan.a)),-static-libasan -static-libubsan)))
# Looked up on first use, a function costs a copy of the registers on the stack, and of a key in them.
ALL_LDFLAGS = -Wl,-z,now $(LDFLAGS)
ALL_LIBS   = $(shell $(PKG_CONFIG) --libs $(PKGS)) $(LDLIBS)

SRC := $(sort $(wildcard src/*.c src/*/*.c))
OBJ := $(SRC:%.c=$(B)/%.o) $(B)/grammar/grammar.o $(B)/grammar/scanner.o $(B)/src/text/explanations.o
Q   := $(if $(V),,@)
say  = $(if $(V),,@echo '  $(1)	$(patsubst $(B)/%,%,$@)')

.PHONY: all helpers demo check check-unpriv check-kernel check-foreign bench asan coverage fuzz fuzzers golden lab \
        man units install uninstall dist deb clean
all: $(B)/setkey man units

$(B)/setkey: $(OBJ)
	$(call say,LD)
	$(Q)$(CC) $(SANFLAGS) $(RUNTIME) $(LTO) $(ALL_LDFLAGS) -o $@ $^ $(ALL_LIBS)

$(B)/src/%.o: src/%.c Makefile | $(B)/grammar/grammar.h
	$(call say,CC)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) $(LTO) -MMD -MP -c -o $@ $<

$(B)/src/text/explanations.o: src/text/explain.txt src/text/explain.awk Makefile
	$(call say,AWK)
	$(Q)mkdir -p $(@D)
	$(Q)awk -f src/text/explain.awk src/text/explain.txt >$(@:.o=.c)
	$(Q)$(CC) $(ALL_CFLAGS) $(LTO) -c -o $@ $(@:.o=.c)

$(B)/grammar/%.o: $(B)/grammar/%.c
	$(call say,CC)
	$(Q)$(CC) $(ALL_CFLAGS) $(LTO) -Wno-cast-qual -Wno-shadow -Wno-undef -MMD -MP -c -o $@ $<

$(B)/grammar/grammar.c $(B)/grammar/grammar.h &: grammar/setkey.y
	$(call say,BISON)
	$(Q)mkdir -p $(@D)
	$(Q)$(BISON) -Werror --defines=$(B)/grammar/grammar.h -o $(B)/grammar/grammar.c $<

$(B)/grammar/scanner.c $(B)/grammar/scanner.h &: grammar/setkey.l
	$(call say,FLEX)
	$(Q)mkdir -p $(@D)
	$(Q)$(FLEX) --header-file=$(B)/grammar/scanner.h -o $(B)/grammar/scanner.c $<

$(B)/src/config/parse.o: $(B)/grammar/scanner.h
$(B)/grammar/grammar.o: $(B)/grammar/scanner.h
$(B)/grammar/scanner.o: $(B)/grammar/grammar.h

# What the second opinions of tests/analysis are to compile with, a word a line
.PHONY: flags
flags:
	@printf '%s\n' $(ALL_CFLAGS)

# "make helpers": programs that tests need beside setkey, most of them in the guest, and libraries that they preload
LABSRC := $(wildcard tests/lab/*.c)
LABBIN := $(patsubst tests/lab/%.c,build/lab/%,$(filter-out tests/lab/lib%,$(LABSRC))) \
          $(patsubst tests/lab/lib%.c,build/lab/lib%.so,$(filter tests/lab/lib%,$(LABSRC)))

build/lab/%.so: tests/lab/%.c Makefile
	$(call say,CC)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -fPIC -shared $(ALL_LDFLAGS) -o $@ $< -ldl

build/lab/%: tests/lab/%.c Makefile
	$(call say,CC)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $< $(shell $(PKG_CONFIG) --libs libmnl nettle)

helpers: $(LABBIN)

# Make it afresh: what .ci/deps installs, the build itself may need.
demo:
	$(Q).ci/deps build demo
	$(Q)$(MAKE) all build/lab/libxstate.so
	$(Q)tests/lab/demo

check:
	$(Q).ci/deps build check
	$(Q)$(MAKE) all helpers
	$(Q)tests/run unpriv fault lab kernel $(GATES)

check-unpriv: all helpers
	$(Q)tests/run

# One file, one test: make check-kernel T=tests/kernel/load.bats F='regular expression'
# KERNEL=6.12 takes Debian's kernel of that version, in qemu, and what SAN=1 builds; KERNEL=host the one that is running.
# Without it that is user-mode-linux or, where that does not boot, the other.
OTHER   := $(filter-out uml host,$(KERNEL))
check-kernel: all helpers $(if $(OTHER),other-kernel)
	$(Q)T='$(T)' F='$(F)' KERNEL='$(KERNEL)' tests/run kernel

.PHONY: other-kernel
other-kernel:
	$(Q).ci/deps qemu
	$(Q)$(MAKE) SAN=1 all

# Another processor's, as Debian calls it: make check-foreign ARCH=s390x
check-foreign:
	$(Q)tests/foreign $(ARCH)

# What tests/bench/run needs
BENCHBIN := build/bench/floor build/bench/measure build/bench/libstage.so

build/bench/%.so: tests/bench/%.c Makefile
	$(call say,CC)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -fPIC -shared -o $@ $< -ldl

build/bench/%: tests/bench/%.c Makefile
	$(call say,CC)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $< $(shell $(PKG_CONFIG) --libs libmnl)

# COUNT objects of each kind, several counts if wanted: policies on this kernel, both kinds over both wires in the lab.
# build/bench/table.svg draws it, where gnuplot is.
bench: all $(BENCHBIN)
	$(Q)rm -f build/bench/table
	$(Q)tests/bench/run -o $(CURDIR)/build/bench/table $(COUNT)
	$(Q)mkdir -p build/bench/lab && chmod 777 build/bench/lab
	$(Q)LAB_MEM=12G tests/lab/run -t 3600 -d build/bench/lab tests/bench/run -o /lab/table $(COUNT)
	$(Q)cat build/bench/lab/table >>build/bench/table && rm -r build/bench/lab
	$(Q)! command -v gnuplot >/dev/null || tests/bench/plot build/bench/table >build/bench/table.svg

asan: helpers
	$(Q)$(MAKE) SAN=1 all
	$(Q)tests/run asan

# Every way in for bytes from elsewhere, SECS seconds each, or one of them: make fuzz SECS=3600 T=parse
WAYS   := parse pfkey netlink trip
fuzz: all fuzzers
	$(Q)SECS='$(SECS)' T='$(T)' tests/run fuzz

fuzzers:
	$(Q).ci/deps fuzz
	$(Q)$(MAKE) FUZZ=1 CC=clang-14 $(WAYS:%=build/fuzz/%)

build/fuzz/fuzz: tests/fuzz/fuzz.c $(filter-out $(B)/src/main.o $(B)/src/compat.o $(B)/src/cmd/% $(B)/src/provision/% $(B)/src/run/%,$(OBJ))
	$(call say,LD)
	$(Q)$(CC) $(ALL_CFLAGS) -fsanitize=fuzzer $(LDFLAGS) -o $@ $^ $(ALL_LIBS)

$(WAYS:%=build/fuzz/%): build/fuzz/fuzz
	$(Q)ln -sf fuzz $@
# How many lines the tests run through, per file; build/coverage/gcov/ has the files with a count for each line.
coverage: helpers
	$(Q)$(MAKE) COV=1 all
	$(Q)tests/coverage unpriv kernel

# Rewrites what the tests expect; read the difference before you commit it.
golden: all
	$(Q)tests/pairs --update
	$(Q)tests/golden/check --update

lab: all helpers $(if $(OTHER),other-kernel)
	$(Q)KERNEL='$(KERNEL)' tests/lab/run -i

# The manual pages; man/fill takes their tables from the program itself, unless they are filled already, as in what "make
# dist" makes. A build for another processor names one that runs here: make CC=s390x-linux-gnu-gcc NATIVE=/usr/sbin/setkey
NATIVE ?= $(B)/setkey
PAGES := $(patsubst man/%,%,$(wildcard man/*.[1-8])) $(patsubst man/%.in,%,$(wildcard man/*.in))
man: $(PAGES:%=$(B)/man/%)

$(B)/man/%: man/%
	$(call say,MAN)
	$(Q)mkdir -p $(@D)
	$(Q)cp $< $@

$(B)/man/%: man/%.in man/fill $(NATIVE)
	$(call say,MAN)
	$(Q)mkdir -p $(@D)
	$(Q)man/fill $(NATIVE) <$< >$@.tmp && mv $@.tmp $@

# What starts setkey at boot, with the paths of this installation in it.
UNITS := setkey.service setkey@.service setkey-drift.service setkey-drift.timer
units: $(UNITS:%=$(B)/boot/%) $(B)/boot/boot.conf $(B)/boot/openrc $(B)/boot/init

$(B)/boot/%: examples/boot/%.in $(B)/boot/paths
	$(call say,SED)
	$(Q)sed 's,@SBINDIR@,$(SBINDIR),g; s,@DATADIR@,$(DATADIR),g; s,@SYSCONFDIR@,$(SYSCONFDIR),g' $< >$@

$(B)/boot/%.timer: examples/boot/%.timer $(B)/boot/paths
	$(Q)cp $< $@

# Another PREFIX than the last time makes them anew.
.PHONY: FORCE
$(B)/boot/paths: FORCE
	$(Q)mkdir -p $(@D)
	$(Q)echo '$(SBINDIR) $(DATADIR) $(SYSCONFDIR)' | cmp -s - $@ || echo '$(SBINDIR) $(DATADIR) $(SYSCONFDIR)' >$@

# What is installed, as MODE:FILE:TARGET. Nothing of it is run.
EXAMPLES := $(sort $(shell find examples -type f -not -path 'examples/packaging/*' -not -path 'examples/boot/*'))
INSTALLED = 755:$(B)/setkey:$(SBINDIR)/setkey 644:$(B)/boot/boot.conf:$(DATADIR)/setkey/boot.conf \
            $(foreach unit,$(UNITS),644:$(B)/boot/$(unit):$(UNITDIR)/$(unit)) \
            $(foreach page,$(PAGES),644:$(B)/man/$(page):$(MANDIR)/man$(lastword $(subst ., ,$(page)))/$(page)) \
            644:completions/setkey.bash:$(BASHDIR)/setkey 644:completions/_setkey:$(ZSHDIR)/_setkey \
            644:completions/setkey.fish:$(FISHDIR)/setkey.fish \
            644:README.md:$(DOCDIR)/README.md 644:NEWS:$(DOCDIR)/NEWS 644:LICENSE:$(DOCDIR)/LICENSE \
            755:$(B)/boot/openrc:$(DOCDIR)/examples/boot/openrc 755:$(B)/boot/init:$(DOCDIR)/examples/boot/init \
            644:examples/boot/default:$(DOCDIR)/examples/boot/default \
            $(foreach file,$(EXAMPLES),$(if $(wildcard $(file)),644:$(file):$(DOCDIR)/$(file)))

install: all
	$(Q)set -f; for one in $(INSTALLED); do IFS=:; set -- $$one; unset IFS; \
		[ ! -x "$$2" ] || set -- 755 "$$2" "$$3"; \
		$(INSTALL) -D -m "$$1" "$$2" '$(DESTDIR)'"$$3" || exit; \
		$(if $(V),echo "$$3";) done

# Configuration stays, as do folders that others may have files in.
uninstall:
	$(Q)set -f; for one in $(INSTALLED); do rm -f '$(DESTDIR)'"$${one##*:}" || exit; done
	$(Q)for dir in '$(DESTDIR)$(DOCDIR)' '$(DESTDIR)$(DATADIR)/setkey'; do \
		[ ! -d "$$dir" ] || find "$$dir" -depth -type d -empty -delete; done

# The sources as one file, the same bytes wherever it is made, with the manual pages filled; of a commit, its time.
NAME     := setkey-$(VERSION)
SOURCE_DATE_EPOCH ?= $(or $(shell git log -1 --format=%ct 2>/dev/null),$(shell stat -c %Y NEWS))
FROM_GIT := $(wildcard .git)
dist: $(B)/$(NAME).tar.gz
$(B)/$(NAME).tar.gz: $(PAGES:%=$(B)/man/%) FORCE
	$(call say,TAR)
	$(Q)rm -rf $(B)/dist && mkdir -p $(B)/dist/$(NAME)
	$(Q)$(if $(FROM_GIT),git ls-files -z,find . -path ./build -prune -o -type f -printf '%P\0') | \
		tar --null -T - -c | tar -x -C $(B)/dist/$(NAME)
	$(Q)cp $(PAGES:%=$(B)/man/%) $(B)/dist/$(NAME)/man/
	$(Q)for file in rpm/setkey.spec alpine/APKBUILD; do \
		sed 's/@VERSION@/$(VERSION)/' examples/packaging/$$file.in >$(B)/dist/$(NAME)/examples/packaging/$$file || exit; done
	$(Q)tar --sort=name --mtime=@$(SOURCE_DATE_EPOCH) --owner=0 --group=0 --numeric-owner --mode=u=rwX,go=rX --format=ustar \
		-C $(B)/dist -c $(NAME) | gzip -9n >$@.tmp && mv $@.tmp $@
	$(Q)rm -r $(B)/dist

# A Debian package of it, in build/deb; its recipe is examples/packaging/debian.
deb: dist
	$(Q)rm -rf $(B)/deb && mkdir -p $(B)/deb
	$(Q)cp $(B)/$(NAME).tar.gz $(B)/deb/setkey_$(VERSION).orig.tar.gz
	$(Q)tar -C $(B)/deb -xf $(B)/$(NAME).tar.gz
	$(Q)cp -r examples/packaging/debian $(B)/deb/$(NAME)/
	$(Q)sed "s/@VERSION@/$(VERSION)/; s/@DATE@/$$(LC_ALL=C date -R -u -d @$(SOURCE_DATE_EPOCH))/" examples/packaging/debian/changelog.in \
		>$(B)/deb/$(NAME)/debian/changelog && rm $(B)/deb/$(NAME)/debian/changelog.in
	$(Q)cd $(B)/deb/$(NAME) && env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL dpkg-buildpackage -us -uc

clean:
	rm -rf build

-include $(wildcard $(OBJ:.o=.d))
