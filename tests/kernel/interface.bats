#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# Traffic through xfrm interfaces: the if_id of SAs and policies decides, not the addresses.

setup_file() {
	cd "$BATS_FILE_TMPDIR" || return
	ip link add ipsec0 type xfrm dev lo if_id 1 || { export lacking="this kernel has no xfrm interfaces" && return; }
	ip link delete ipsec0
	ip -batch - <<<$'netns add a\nnetns add b\nlink add eth0 netns a type veth peer name eth0 netns b'
	end a 1 2
	end b 2 1
}

teardown_file() {
	[ -n "${lacking-}" ] || ip -batch - <<<$'netns del a\nnetns del b'
}

setup() {
	[ -z "${lacking-}" ] || skip "$lacking"
	cd "$BATS_FILE_TMPDIR" || return
}

# end NAMESPACE OWN OTHER: 10.7.0.OWN leads through an interface with if_id 7, 10.8.0.OWN through one with 8
end() {
	{
		printf '%s\n' "link set lo up" "address add 192.0.2.$2/24 dev eth0" "link set eth0 up"
		for id in 7 8; do
			printf '%s\n' "link add ipsec$id type xfrm dev eth0 if_id $id" "link set ipsec$id up" \
				"address add 10.$id.0.$2/24 dev ipsec$id"
		done
	} | ip -n "$1" -batch -
	ip netns exec "$1" "$SETKEY" -f - <<-END
		$(for id in 7 8; do pair "$2" "$3" $id; done)
	END
}

# pair OWN OTHER ID: both directions. Every policy matches every packet; without if_id the second would exist already.
pair() {
	local from=192.0.2.$1 to=192.0.2.$2
	cat <<-END
		add $from $to esp 0x$3$1 -if_id $3 -m tunnel -u $3 -E aes-gcm-16 0x00112233445566778899aabbccddeeff0000$1$1$3$3;
		add $to $from esp 0x$3$2 -if_id $3 -m tunnel -u $3 -E aes-gcm-16 0x00112233445566778899aabbccddeeff0000$2$2$3$3;
		spdadd 0.0.0.0/0 0.0.0.0/0 any -if_id $3 -P out ipsec esp/tunnel/$from-$to/unique:$3;
		spdadd 0.0.0.0/0 0.0.0.0/0 any -if_id $3 -P in ipsec esp/tunnel/$to-$from/unique:$3;
	END
}

# carried NAMESPACE: the last digits of the SPI, and packets, of each SA
carried() {
	ip -n "$1" -s xfrm state | awk '/spi/ { spi = substr($4, 9, 2) } /lifetime current/ { getline; print spi, $2 + 0 }' | sort | xargs
}

@test "each interface takes the SAs of its own if_id" {
	ip netns exec a ping -q -c 2 -i 0.2 -W 4 10.7.0.2
	[ "$(carried a)" = "$(carried b)" ]
	[ "$(carried a)" = "71 2 72 2 81 0 82 0" ]
	ip netns exec b ping -q -c 3 -i 0.2 -W 4 10.8.0.1
	[ "$(carried a)" = "71 2 72 2 81 3 82 3" ]
}

@test "what does not go through them is not protected" {
	before=$(carried a)
	ip netns exec a ping -q -c 1 -W 4 192.0.2.2
	[ "$(carried a)" = "$before" ]
}

@test "without an SA of its if_id an interface carries nothing" {
	ip netns exec a "$SETKEY" -e 'delete 192.0.2.1 192.0.2.2 esp 0x71;'
	run ip netns exec a ping -q -c 1 -W 1 10.7.0.2
	[ "$status" = 1 ]
	ip netns exec a ping -q -c 1 -W 4 10.8.0.2
}

@test "an interface's policies and SAs come back from a dump" {
	ip netns exec b "$SETKEY" dump --format=conf --show-keys >saved
	ip -n b xfrm policy >before
	[ "$(grep -c -e '-if_id 0x7' saved)" = 5 ]
	ip netns exec b "$SETKEY" -e 'flush; spdflush;'
	ip netns exec b "$SETKEY" -f saved
	ip -n b xfrm policy | diff before -
	ip netns exec a ping -q -c 1 -W 4 10.8.0.2
}
