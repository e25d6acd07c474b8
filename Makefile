# The whole build. "make" leaves build/setkey and writes nothing outside build/.
# V=1 shows the commands, SAN=1 builds with ASan and UBSan into build/asan/, FUZZ=1 what "make fuzz" runs into build/fuzz/,
# COV=1 for gcov into build/coverage/; both count in build/asan/ too.

VERSION  := 0.1.0
PREFIX   ?= /usr/local
SBINDIR  ?= $(PREFIX)/sbin
DATADIR  ?= $(PREFIX)/share
MANDIR   ?= $(DATADIR)/man
CC       ?= cc
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
            $(shell pkg-config --cflags $(PKGS)) $(CPPFLAGS) $(CFLAGS) $(SANFLAGS)
# Over the bounds of files too: a load takes 7 % less. Other compilers want a linker of their own for it.
GCC      := $(findstring Free Software Foundation,$(shell $(CC) --version))
LTO      := $(if $(SAN)$(FUZZ)$(COV),,$(if $(GCC),-flto=auto))
# In the program itself, where gcc has them so, the sanitizers start a third faster under qemu. Other compilers do so anyway.
RUNTIME  := $(if $(SAN),$(if $(GCC),$(if $(filter /%,$(shell $(CC) -print-file-name=libasan.a)),-static-libasan -static-libubsan)))
# Looked up on first use, a function costs a copy of the registers on the stack, and of a key in them.
ALL_LDFLAGS = -Wl,-z,now $(LDFLAGS)
ALL_LIBS   = $(shell pkg-config --libs $(PKGS)) $(LDLIBS)

SRC := $(sort $(wildcard src/*.c src/*/*.c))
OBJ := $(SRC:%.c=$(B)/%.o) $(B)/grammar/grammar.o $(B)/grammar/scanner.o $(B)/src/text/explanations.o
Q   := $(if $(V),,@)
say  = $(if $(V),,@echo '  $(1)	$(patsubst $(B)/%,%,$@)')

.PHONY: all helpers demo check check-unpriv check-kernel check-foreign bench asan coverage fuzz fuzzers golden lab install clean
all: $(B)/setkey

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
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $< $(shell pkg-config --libs libmnl nettle)

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
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $< $(shell pkg-config --libs libmnl)

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

install: all man
	install -D -m 755 $(B)/setkey $(DESTDIR)$(SBINDIR)/setkey
	install -D -m 644 $(B)/man/setkey.8 $(DESTDIR)$(MANDIR)/man8/setkey.8
	install -D -m 644 $(B)/man/setkey.conf.5 $(DESTDIR)$(MANDIR)/man5/setkey.conf.5
	install -D -m 644 completions/setkey.bash $(DESTDIR)$(DATADIR)/bash-completion/completions/setkey
	install -D -m 644 completions/_setkey $(DESTDIR)$(DATADIR)/zsh/site-functions/_setkey
	install -D -m 644 completions/setkey.fish $(DESTDIR)$(DATADIR)/fish/vendor_completions.d/setkey.fish

# The manual pages; man/fill takes their tables from the program itself.
.PHONY: man
man: $(B)/man/setkey.8 $(B)/man/setkey.conf.5

$(B)/man/%: man/%
	$(call say,MAN)
	$(Q)mkdir -p $(@D)
	$(Q)cp $< $@

$(B)/man/%: man/%.in man/fill $(B)/setkey
	$(call say,MAN)
	$(Q)mkdir -p $(@D)
	$(Q)man/fill $(B)/setkey <$< >$@.tmp && mv $@.tmp $@

clean:
	rm -rf build

-include $(wildcard $(OBJ:.o=.d))
