/* SPDX-License-Identifier: ISC */
/* The rows of optional attributes and limits. No I/O, no kernel header. */
#include "model/attr.h"

#include "model/model.h"

const struct attr attr_table[ATTR_MAX] = {
	[ATTR_MARK] = { "mark", "mark", "mark", "mark", "mark", ATTR_MASKED,
		ATTR_OF_POLICY | ATTR_IN_GETSPI | ATTR_IN_SAID | ATTR_LOCAL, 300 },
	[ATTR_IF_ID] = { "if_id", "if_id", "if_id", "if_id", "interface ID", ATTR_HEX,
		ATTR_OF_POLICY | ATTR_IN_GETSPI | ATTR_LOCAL | ATTR_IN_UPDATE, 419 },
	[ATTR_OUTPUT_MARK] = { "omark", "output_mark", "output-mark", "output_mark", "output mark", ATTR_MASKED,
		ATTR_LOCAL | ATTR_IN_UPDATE, 419 },
	[ATTR_SELECTOR] = { "sel", "selector", "sel", "sel", "selector of an SA", ATTR_SPECIAL, 0, 0 },
	[ATTR_COADDR] = { "coa", "care_of_address", "coa", "coa", "care-of address", ATTR_SPECIAL, 0, 0 },
	[ATTR_TFCPAD] = { "tfcpad", "tfc_padding", "tfcpad", "tfcpad", "TFC padding", ATTR_NUMBER, 0, 0 },
	[ATTR_DIR] = { "dir", "dir", "dir", "dir", "direction of an SA", ATTR_IN_OUT, ATTR_IN_GETSPI, 610 },
	[ATTR_OFFLOAD] = { "offload", "offload", "offload", "offload", "hardware offload", ATTR_SPECIAL, ATTR_LOCAL, 0 },
	[ATTR_SEQ] = { "seq", "acquire_sequence", "seq", "acquire", "acquire sequence number", ATTR_NUMBER,
		ATTR_IN_GETSPI | ATTR_LOCAL, 0 },
	[ATTR_REPLAY] = { "replay", "sequence_out", "replay-oseq", "replay", "replay state", ATTR_SPECIAL, 0, 0 },
	[ATTR_KEEPALIVE] = { "keepalive", "nat_keepalive_seconds", NULL, "keepalive", "NAT keepalive interval", ATTR_NUMBER,
		ATTR_OF_ENCAP | ATTR_OUTBOUND | ATTR_LOCAL, 611 },
	[ATTR_MAPPING] = { "mapping", "mapping_seconds", NULL, "mapping", "mapping threshold", ATTR_NUMBER,
		ATTR_OF_ENCAP | ATTR_INBOUND | ATTR_LOCAL, 517 },
};

#define LIMIT(option, ip, part, soft, member) { option, ip, part, soft, offsetof(struct lifetime, member) }

const struct limit limits[LIMITS] = {
	LIMIT("lh", "time-hard", PART_HARD_SECS, false, add_secs),
	LIMIT("ls", "time-soft", PART_SOFT_SECS, true, add_secs),
	LIMIT("bh", "byte-hard", PART_HARD_BYTES, false, bytes),
	LIMIT("bs", "byte-soft", PART_SOFT_BYTES, true, bytes),
	LIMIT("ph", "packet-hard", PART_HARD_PACKETS, false, packets),
	LIMIT("ps", "packet-soft", PART_SOFT_PACKETS, true, packets),
	LIMIT("uh", "time-use-hard", PART_HARD_USE, false, use_secs),
	LIMIT("us", "time-use-soft", PART_SOFT_USE, true, use_secs),
};
