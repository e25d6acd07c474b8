#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# Encrypted traffic, loaded through PF_KEY.

export wire=pfkey
load traffic

@test "pfkey: setkey takes every statement and says nothing" { silent; }
@test "pfkey: ESP, AH, IPComp in transport and tunnel mode, IPv4 and IPv6" { flow shapes; }
@test "pfkey: IPv4 in IPv6 and IPv6 in IPv4" { flow mixed; }
@test "pfkey: two layers on one packet" { flow bundles; }
@test "pfkey: ESP in UDP" { flow nat; }
@test "pfkey: every cipher" { flow ciphers; }
@test "pfkey: every integrity algorithm" { flow integrity; }
@test "pfkey: nothing but IPsec on the wire" { only_ipsec; }
@test "pfkey: no plaintext in what is encrypted" { no_plaintext; }
