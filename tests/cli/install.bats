#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# "make install" puts everything where it belongs and runs nothing that it has built; what systemd reads is sound.

load ../lib
top=${top:?from lib.bash}

# A build that needs no compiler: the program is one that would leave a trace if it was run.
setup() {
	[ -z "${FOREIGN-}" ] || skip "the manual pages are filled by what runs here"
	cd "$BATS_TEST_TMPDIR" || return
	mkdir -p b/man
	printf '#!/bin/sh\n: >%q\n' "$PWD/ran" >b/setkey
	chmod 755 b/setkey
	"$top/man/fill" "$SETKEY" <"$top/man/setkey.conf.5.in" >b/man/setkey.conf.5
}

# build TARGET [VARIABLE=VALUE...]
build() {
	env -u MAKEFLAGS -u MAKELEVEL make -s -C "$top" -o "$PWD/b/setkey" B="$PWD/b" "$@" >said 2>&1 || { cat said && return 1; }
}

@test "install puts all of it below DESTDIR, runs none of it, and uninstall takes all of it away" {
	build install PREFIX=/usr DESTDIR="$PWD/a root"
	[ ! -e ran ]
	cd "a root/usr"
	[ -x sbin/setkey ]
	for file in share/setkey/boot.conf share/man/man8/setkey.8 share/man/man5/setkey.conf.5 lib/systemd/system/setkey{,@,-drift}.service \
		lib/systemd/system/setkey-drift.timer share/bash-completion/completions/setkey share/zsh/site-functions/_setkey \
		share/fish/vendor_completions.d/setkey.fish share/doc/setkey/{LICENSE,NEWS,README.md} share/doc/setkey/examples/{hourly,ospfv3.conf}; do
		[ -s "$file" ] || { echo "no $file" && return 1; }
	done
	for page in "$top"/man/*.[1-8]; do
		[ -e "share/man/man${page##*.}/${page##*/}" ]
	done
	[ "$(find . -type f -perm /022)" = "" ]
	diff <(find . -type f -perm /111 | sort) <(find . -type f -exec awk 'FNR == 1 && /^#!/ { print FILENAME } { nextfile }' {} + | sort)
	cd ../..
	build uninstall PREFIX=/usr DESTDIR="$PWD/a root"
	[ "$(find "a root" -type f)" = "" ]
	[ ! -e "a root/usr/share/doc/setkey" ]
}

@test "every path of the installation is where the variables say" {
	build install DESTDIR="$PWD/root" PREFIX=/p SBINDIR=/s DATADIR=/d MANDIR=/m DOCDIR=/o UNITDIR=/u SYSCONFDIR=/e BASHDIR=/b ZSHDIR=/z FISHDIR=/f
	[ "$(cd root && echo *)" = "b d f m o s u z" ]
	grep -q '^ExecStart=/s/setkey -f /d/setkey/boot.conf$' root/u/setkey.service
	grep -q '^EnvironmentFile=-/e/default/setkey$' root/u/setkey.service
	grep -q '^include "/e/\[s\]etkey.conf";$' root/d/setkey/boot.conf
	not grep -rE '@[A-Z]+@|/usr/local' root/u root/d root/o/examples/boot
	# Made for other paths before, they are made anew.
	build units PREFIX=/q
	grep -q '^ExecStart=/q/sbin/setkey -f /q/share/setkey/boot.conf$' b/boot/setkey.service
}

@test "systemd finds no fault in the units, and little that an attacker could do with them" {
	need systemd-analyze
	build units PREFIX="$PWD/usr"
	install -D b/setkey usr/sbin/setkey
	cp b/boot/setkey@.service b/boot/setkey@site.service
	cd b/boot
	run systemd-analyze verify --man=no ./setkey.service ./setkey@site.service ./setkey-drift.service ./setkey-drift.timer
	[ "$status$output" = 0 ]
	for unit in setkey.service setkey@site.service setkey-drift.service; do
		systemd-analyze security --offline=true --threshold=20 --no-pager "$unit" | tail -n 1
		systemd-analyze security --offline=true --threshold=20 --no-pager "$unit" >/dev/null
	done
	for unit in setkey.service setkey@site.service; do
		for line in Before=network-pre.target\ shutdown.target Conflicts=shutdown.target DefaultDependencies=no RuntimeDirectoryPreserve=yes; do
			grep -qx "$line" $unit
		done
		not grep -q '^ExecStop' $unit
	done
}

@test "make dist is the same bytes wherever it is made, and has the manual pages filled" {
	need git
	[ -d "$top/.git" ] || [ -f "$top/.git" ] || skip "this is no checkout"
	version=$(sed -n 's/^VERSION  *:= //p' "$top/Makefile")
	build dist
	mv b/setkey-*.tar.gz first
	(umask 077 && TZ=Asia/Tokyo LC_ALL=C build dist)
	cmp first "b/setkey-$version.tar.gz"
	tar -tf first >list
	not grep -v "^setkey-$version/" list
	for file in man/setkey.conf.5 LICENSE NEWS examples/packaging/rpm/setkey.spec examples/packaging/alpine/APKBUILD; do
		grep -qx "setkey-$version/$file" list
	done
	[ "$(tar -tvf first | awk '{ print $2 }' | sort -u)" = 0/0 ]
}

@test "the version is written in the Makefile and in NEWS, and nowhere else" {
	version=$(sed -n 's/^VERSION  *:= //p' "$top/Makefile")
	grep -qx "$version" "$top/NEWS"
	[ "$(grep -m 1 -E '^[0-9]' "$top/NEWS")" = "$version" ]
	not grep -rwF "$version" "$top"/{src,grammar,man,completions,README.md} "$top/examples/packaging"
}

@test "--version names the kernel interfaces that are built in" {
	[ "$("$SETKEY" --version)" = "setkey $(sed -n 's/^VERSION  *:= //p' "$top/Makefile"), kernel interfaces: xfrm pfkey" ]
	[ "$("$SETKEY" -V)" = "$("$SETKEY" --version)" ]
}
