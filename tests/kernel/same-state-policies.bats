#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# The same state over both wires: policies.

load same-state

@test "the same state: policies" { same spd*.conf; }
