/* SPDX-License-Identifier: ISC */
/* The published keys that lint/key_quality.c knows, as hashes; made by tests/published/table. */
#ifndef LINT_KNOWN_KEYS_H
#define LINT_KNOWN_KEYS_H

#include <stdint.h>

#define PUBLISHED_SALT "setkey: published keys"

enum { PUBLISHED_BYTES = 8 }; /* the beginning of a key that is compared: a key that shares it was copied */

/* The first 8 bytes of SHA-256 over the salt and a key's beginning, in order. */
static const uint64_t published[] = {
	0x03d31af4c2bbed74, 0x0aca2ed559173671, 0x0e5453a649e76530, 0x0fdbe07323da3343,
	0x11742b5c3c278863, 0x11780adf1056e6ea, 0x1302ac77cd3a8cd5, 0x18994c2a45a9baf6,
	0x1d7f00f1108f1142, 0x20d21e34f3c2cb0c, 0x24f9e2efed848d7b, 0x2571cf4f9c3015b7,
	0x317f1c9826df33d0, 0x36df09bd9e58bd7d, 0x37dc1010f35b40c0, 0x3a4461070d74f41f,
	0x3cbd8c3134c75f35, 0x3d81aab66b0b20ac, 0x3ff3a40313f2bf6e, 0x4330782049530f3a,
	0x4367554497445936, 0x46295d7e5bb7caae, 0x4e5bfb81408370fd, 0x544518546924bdf3,
	0x59badacea49ac788, 0x5bf116c20867df58, 0x5fb5027e01933222, 0x63b53dd2e2ec4f42,
	0x653855ac1c70fe68, 0x72b0a72d307acc19, 0x737ca79d116542a8, 0x7543ddf0c263d965,
	0x75b070cb024a1e47, 0x7c9581d15a64c5b4, 0x7d009d25ae6582d0, 0x8124101533082c57,
	0x8347d685371386fe, 0x89bce82eb768de9a, 0x8e040aa2c4028161, 0x9035bb2cec972257,
	0x99478e152dfc3889, 0x9e8e619d1bcf94e5, 0x9fee9d06483c348a, 0xa7cc6dfa0cf27161,
	0xa7e9249a9508b95e, 0xa814492a6657e08b, 0xabb3185da1e39920, 0xad05a760418de164,
	0xad12bd21dc7a8eff, 0xae0ab75725456fe8, 0xb3ee19abbc25cca1, 0xb4a9f08657d42dd7,
	0xb819e1e7f76e9d3a, 0xb85dc9c135d3a5b7, 0xbd361af3dbc353de, 0xbdd52515a6747284,
	0xc0bad986b6a54bf9, 0xc501ec97b25bd3b9, 0xc7897fe0b04dcc0f, 0xd1e79d53e961cf5a,
	0xd1ec46e92d891c4d, 0xd4a9e5c4dbc06831, 0xd534fad0765846d7, 0xd768554a05e3f48d,
	0xe099f83393019f05, 0xe2334b521fa1b66d, 0xe6a1c797fa1b84f6, 0xeddfd9364118a55f,
	0xee6c151bd2d7524e, 0xeeb4d657f385736e, 0xf56300d66ceda21d, 0xfaac99a926e01ba4,
	0xfb8ec93b1c2e5e4a, 0xfbe38d22dcd2f4b0, 0xfce4a7b626f43c29,
};

#endif
