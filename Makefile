# The whole build. "make" leaves build/setkey and writes nothing outside build/.
# V=1 shows the commands, SAN=1 builds with ASan and UBSan into build/asan/, COV=1 for gcov into build/coverage/.

VERSION  := 0.1.0
PREFIX   ?= /usr/local
SBINDIR  ?= $(PREFIX)/sbin
DATADIR  ?= $(PREFIX)/share
MANDIR   ?= $(DATADIR)/man
CC       ?= cc
FLEX     ?= flex
BISON    ?= bison
PKGS     := libmnl libbsd-overlay jansson libedit
B        := build$(if $(SAN),/asan)$(if $(COV),/coverage)

CFLAGS   ?= -O2 -g
WARN     := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith \
            -Wwrite-strings -Wcast-qual -Wformat=2 -Wundef -Wvla $(if $(WERROR),-Werror)
SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
SANFLAGS := $(if $(SAN),$(SANITIZE)) $(if $(COV),--coverage -O0)
ALL_CFLAGS = -std=c11 -D_GNU_SOURCE -DVERSION='"$(VERSION)"' -Isrc -I$(B)/grammar $(WARN) \
            $(shell pkg-config --cflags $(PKGS)) $(CPPFLAGS) $(CFLAGS) $(SANFLAGS)
ALL_LIBS   = $(shell pkg-config --libs $(PKGS)) $(LDLIBS)

SRC := $(sort $(wildcard src/*.c src/*/*.c))
OBJ := $(SRC:%.c=$(B)/%.o) $(B)/grammar/grammar.o $(B)/grammar/scanner.o
Q   := $(if $(V),,@)
say  = $(if $(V),,@echo '  $(1)	$(patsubst $(B)/%,%,$@)')

.PHONY: all deps demo check check-unpriv check-kernel bench asan coverage golden lab install clean
all: $(B)/setkey

$(B)/setkey: $(OBJ)
	$(call say,LD)
	$(Q)$(CC) $(SANFLAGS) $(LDFLAGS) -o $@ $^ $(ALL_LIBS)

$(B)/src/%.o: src/%.c Makefile | $(B)/grammar/grammar.h
	$(call say,CC)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

$(B)/grammar/%.o: $(B)/grammar/%.c
	$(call say,CC)
	$(Q)$(CC) $(ALL_CFLAGS) -Wno-cast-qual -Wno-shadow -Wno-undef -MMD -MP -c -o $@ $<

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

# Programs the kernel tests need in the guest
LABSRC := $(wildcard tests/lab/*.c)
LABBIN := $(patsubst tests/lab/%.c,build/lab/%,$(filter-out tests/lab/lib%,$(LABSRC))) \
          $(patsubst tests/lab/lib%.c,build/lab/lib%.so,$(filter tests/lab/lib%,$(LABSRC)))

build/lab/%.so: tests/lab/%.c Makefile
	$(call say,CC)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -fPIC -shared -o $@ $< -ldl

build/lab/%: tests/lab/%.c Makefile
	$(call say,CC)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $< $(shell pkg-config --libs libmnl)

# Make it afresh: what deps installs, the build itself may need.
deps:
	$(Q).ci/deps

demo: deps
	$(Q)$(MAKE) all
	$(Q)tests/lab/demo

check: deps
	$(Q)$(MAKE) all $(LABBIN)
	$(Q)tests/run unpriv kernel $(GATES)

check-unpriv: all
	$(Q)tests/run

# One file, one test: make check-kernel T=tests/kernel/load.bats F='regular expression'
check-kernel: all $(LABBIN)
	$(Q)T='$(T)' F='$(F)' tests/run kernel

build/bench/%: tests/bench/%.c Makefile
	$(call say,CC)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $< $(shell pkg-config --libs libmnl)

# COUNT objects of each kind: policies on this kernel, SAs too in the lab.
bench: all build/bench/floor
	$(Q)tests/bench/run $(COUNT)
	$(Q)tests/lab/run tests/bench/run $(COUNT)

asan:
	$(Q)$(MAKE) SAN=1 all
	$(Q)tests/run asan

# How many lines the tests run through, per file; build/coverage/gcov/ has the files with a count for each line.
coverage: $(LABBIN)
	$(Q)$(MAKE) COV=1 all
	$(Q)tests/coverage

# Rewrites what the tests expect; read the difference before you commit it.
golden: all
	$(Q)tests/pairs --update
	$(Q)tests/golden/check --update

lab: all $(LABBIN)
	$(Q)tests/lab/run -i

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
