#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# Several programs at the databases at once: each does all that it says, hears its own answers alone, and a dump that
# others change misses nothing that stayed.

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	ip -batch - <<<$'xfrm state flush\nxfrm policy flush'
}

teardown() {
	rm -f churning
	wait
	ip -batch - <<<$'xfrm state flush\nxfrm policy flush'
}

# load NAME ARG...: setkey in the background; its words and its status go to files
load() {
	local name=$1
	shift
	{
		"$SETKEY" "$@" >"$name.said" 2>&1 && echo 0 >"$name.status" || echo $? >"$name.status"
	} 3>&- &
}

# sas NET FROM TO: statements for SAs with these SPIs, from addresses below 10.NET
sas() {
	awk -v net="$1" -v i="$2" -v to="$3" 'BEGIN { for (; i <= to; i++)
		printf "add 10.%d.%d.%d 192.0.2.1 esp %d -u %d -E null;\n", net, i / 256 % 256, i % 256, i, i % 30000 + 1 }'
}

policies() {
	awk -v net="$1" -v n="$2" 'BEGIN { for (i = 0; i < n; i++)
		printf "spdadd 10.%d.%d.%d 192.0.2.1 any -P out ipsec esp/transport//unique:%d;\n", net, i / 256, i % 256, i + 1 }'
}

# SPI and address of every SA, in order of the SPI
state() {
	ip xfrm state | awk '$1 == "src" { src = $2 } $1 == "proto" { printf "%d %s %s\n", $4, src, $6 }' | sort -n
}

spis() {
	sed -n 's/.*spi=\([0-9]*\)(.*/\1/p' "$1" | sort -n
}

@test "setkey over XFRM, setkey over PF_KEY and ip at once: everything is there, and all say so" {
	{ sas 1 10001 13000 && policies 1 1500; } >a.conf
	{ sas 2 20001 23000 && policies 2 1500; } >b.conf
	{ sas 3 30001 33000 && policies 3 1500; } >c.conf
	"$SETKEY" -f c.conf
	"$SETKEY" dump --format=ip --show-keys >c.ip
	[ "$(grep -c . c.ip)" -ge 4500 ]
	state >wanted
	ip -batch - <<<$'xfrm state flush\nxfrm policy flush'
	load a --via=xfrm -f a.conf
	load b --via=pfkey -f b.conf
	ip -batch c.ip
	wait
	tail -n 5 ./*.said ./*.status
	[ "$(cat a.status b.status)" = $'0\n0' ]
	[ -z "$(cat a.said b.said)" ]
	state >there
	[ "$(grep -c . there)" = 9000 ]
	diff wanted <(grep ' 10\.3\.' there)
	for net in 1 2; do
		[ "$(grep -c " 10\.$net\." there)" = 3000 ]
	done
	for net in 1 2 3; do
		[ "$(ip xfrm policy | grep -c "^src 10\.$net\.")" = 1500 ]
	done
}

@test "two that want the same SAs: each is made once, and whoever came second says so" {
	sas 1 10001 14000 >same.conf
	load a --via=xfrm -f same.conf
	load b --via=pfkey -f same.conf
	wait
	[ "$(state | grep -c .)" = 4000 ]
	for name in a b; do
		refused=$(grep -c 'exists already.*\[kernel\]' $name.said || :)
		echo "$name: $refused refused, status $(<$name.status)"
		[ "$(<$name.status)" = $((refused > 0)) ]
		# Each under the line at fault
		[ "$(grep -o '^same.conf:[0-9]*' $name.said | sort -u | grep -c .)" = "$refused" ]
	done
	[ "$(cat a.said b.said | grep -c 'exists already')" = 4000 ]
	[ "$(cat a.said b.said | grep -o '^same.conf:[0-9]*' | sort -u | grep -c .)" = 4000 ]
}

@test "what one deletes while the other deletes it too is gone, and told once" {
	sas 1 10001 14000 >make.conf
	"$SETKEY" -f make.conf
	sed 's/ -u.*/;/; s/^add/delete/' make.conf >gone.conf
	load a --via=xfrm -f gone.conf
	load b --via=pfkey -f gone.conf
	wait
	[ -z "$(state)" ]
	[ "$(cat a.said b.said | grep -c 'there is no such SA')" = 4000 ]
	for name in a b; do
		[ "$(<$name.status)" = "$([ -s $name.said ] && echo 1 || echo 0)" ]
	done
}

# Others add and delete all the while, below 10.9 alone.
churn() {
	awk 'BEGIN { for (i = 1000; i < 2000; i++) {
		sa = "10.9." int(i / 256) "." i % 256 " 192.0.2.1 esp " i
		printf "add %s -E null;\n", sa >"churn.conf"
		gone = gone "delete " sa ";\n"
		sa = "src 10.9." int(i / 256) "." i % 256 " dst 192.0.2.2 proto esp spi " i
		printf "xfrm state add %s enc cipher_null \"\"\n", sa >"churn.ip"
		gone_ip = gone_ip "xfrm state delete " sa "\n"
	}
	printf "%s", gone >"churn.conf"
	printf "%s", gone_ip >"churn.ip" }'
	touch churning
	{
		while [ -e churning ]; do "$SETKEY" -f churn.conf; done
	} >churned 2>&1 3>&- &
	{
		while [ -e churning ]; do ip -batch churn.ip; done
	} >>churned 2>&1 3>&- &
}

# 20000 with the sanitizers, in emulation: there all else that happens meanwhile takes its time too.
@test "a dump of very many under change: all that stayed, each once, and a word about it" {
	local last=200000
	[[ $SETKEY != */asan/* ]] || last=120000
	sas 1 100001 $last >many.conf
	"$SETKEY" -f many.conf
	seq 100001 $last >wanted
	churn
	for wire in xfrm pfkey; do
		"$SETKEY" -D --via=$wire >shown.$wire 2>said.$wire
		cat said.$wire churned
		[[ $(<said.$wire) == *"the SAD changed while it was read"* ]]
		spis shown.$wire | awk '$1 > 100000' | cmp - wanted
		[ "$(grep -c sadb_seq= shown.$wire)" = "$(grep -c '^10' shown.$wire)" ]
	done
	rm churning
	wait
	[ ! -s churned ]
}
