#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# Encrypted traffic, loaded through XFRM.

export wire=xfrm
load traffic

@test "xfrm: setkey takes every statement and says nothing" { silent; }
@test "xfrm: ESP, AH, IPComp in transport and tunnel mode, IPv4 and IPv6" { flow shapes; }
@test "xfrm: IPv4 in IPv6 and IPv6 in IPv4" { flow mixed; }
@test "xfrm: two layers on one packet" { flow bundles; }
@test "xfrm: ESP in UDP" { flow nat; }
@test "xfrm: every cipher" { flow ciphers; }
@test "xfrm: every integrity algorithm" { flow integrity; }
@test "xfrm: every combined cipher" { flow combined; }
@test "xfrm: nothing but IPsec on the wire" { only_ipsec; }
@test "xfrm: no plaintext in what is encrypted" { no_plaintext; }
