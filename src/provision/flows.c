/* SPDX-License-Identifier: ISC */
/* The SPI and the keys for each direction, random or derived from a secret. */
#include "provision/plan.h"

#include "base/hkdf.h"
#include "base/random.h"

#include <string.h>

size_t flow_size(const struct plan *p)
{
	return sizeof(uint32_t) + p->enc.bits / 8 + p->auth.bits / 8;
}

uint8_t *plan_flow(const struct plan *p, size_t from, size_t to)
{
	return p->flows + (from * p->npeers + to) * flow_size(p);
}

/* Picks the first free SPI from a random one on; *spi stays if there is none. Returns 0 or -errno. */
static int pick_spi(struct plan *p, uint32_t *spi)
{
	uint64_t span = (uint64_t)p->spi_high - p->spi_low + 1, start;
	int err = random_fill(&start, sizeof(start));

	for (uint64_t i = 0; i < span && err == 0; i++) {
		uint32_t one = p->spi_low + (uint32_t)((start % span + i) % span);

		if (hash_find(&p->taken, one) != 0)
			continue;
		*hash_at(&p->taken, one) = 1;
		*spi = one;
		break;
	}
	return err;
}

static int fill_random(struct plan *p, uint8_t *at)
{
	uint32_t spi = 0;
	int err = pick_spi(p, &spi);

	if (err == 0 && spi == 0) {
		error("no SPI is left in the range 0x%x-0x%x", p->spi_low, p->spi_high);
		return STATUS_ERROR;
	}
	memcpy(at, &spi, sizeof(spi));
	at += sizeof(spi);
	if (err == 0 && p->enc.bits > 0)
		err = newkey_fill(&p->enc, at);
	if (err == 0 && p->auth.bits > 0)
		err = newkey_fill(&p->auth, at + p->enc.bits / 8);
	if (err != 0)
		error("the kernel gives no random bytes: %s", strerror(-err));
	return err == 0 ? STATUS_OK : STATUS_SYSTEM;
}

static void put_number(struct buf *info, uint32_t n)
{
	const uint8_t bytes[4] = { (uint8_t)(n >> 24), (uint8_t)(n >> 16), (uint8_t)(n >> 8), (uint8_t)n };

	hkdf_add_field(info, bytes, sizeof(bytes));
}

/*
 * Derives an SPI or a key; the fields and their order are described in setkey(8). k is NULL for the SPI, and
 * spi 0 then.
 */
static void derive_part(const struct plan *p, size_t from, size_t to, uint32_t spi, const struct key_spec *k,
                        const char *purpose, uint8_t *out, size_t n)
{
	static const char salt[] = "setkey keygen --derive 1";
	const struct addr *src = &p->peer[from].addr, *dst = &p->peer[to].addr;
	const char *proto = p->proto == PROTO_AH ? "ah" : "esp", *epoch = p->epoch ? p->epoch : "";
	struct buf info = { 0 }, name = { 0 };

	if (k != NULL)
		buf_adds(&name, k->alg->name);
	if (k != NULL && k->icvbits != 0)
		buf_printf(&name, "-%u", k->icvbits);
	hkdf_add_field(&info, p->context, strlen(p->context));
	hkdf_add_field(&info, epoch, strlen(epoch));
	hkdf_add_field(&info, src->bytes, addr_bits(src) / 8);
	hkdf_add_field(&info, dst->bytes, addr_bits(dst) / 8);
	hkdf_add_field(&info, proto, strlen(proto));
	put_number(&info, spi);
	hkdf_add_field(&info, name.len ? buf_str(&name) : "", name.len);
	put_number(&info, k ? k->bits : 0);
	hkdf_add_field(&info, purpose, strlen(purpose));
	hkdf_derive(out, n, p->secret.text, p->secret.len, salt, sizeof(salt) - 1, info.bytes, info.len);
	buf_free(&info);
	buf_free(&name);
}

static uint32_t derive_spi(const struct plan *p, size_t from, size_t to)
{
	uint8_t bytes[8];
	uint64_t n = 0;

	derive_part(p, from, to, 0, NULL, "spi", bytes, sizeof(bytes));
	for (size_t i = 0; i < sizeof(bytes); i++)
		n = n << 8 | bytes[i];
	return p->spi_low + (uint32_t)(n % ((uint64_t)p->spi_high - p->spi_low + 1));
}

/*
 * Derives the SPI and the keys of one direction. The other end derives the same ones, so an SPI in use cannot
 * be replaced.
 */
static int fill_derived(struct plan *p, size_t from, size_t to, uint8_t *at)
{
	uint32_t spi = derive_spi(p, from, to), *there;
	bool strong = true;

	there = hash_at(&p->taken, hash_mix(hash_mix(0, &spi, sizeof(spi)), p->peer[to].addr.bytes,
	                                    sizeof(p->peer[to].addr.bytes)));
	if (*there != 0 || hash_find(&p->taken, spi) != 0) {
		error("the SPI derived for %s to %s, 0x%x, is in use; choose another --context or "
		      "--epoch",
		      p->peer[from].name, p->peer[to].name, spi);
		return STATUS_ERROR;
	}
	*there = 1;
	memcpy(at, &spi, sizeof(spi));
	at += sizeof(spi);
	if (p->enc.bits > 0)
		derive_part(p, from, to, spi, &p->enc, "encryption", at, p->enc.bits / 8);
	strong &= newkey_form(&p->enc, at);
	if (p->auth.bits > 0)
		derive_part(p, from, to, spi, &p->auth, "authentication", at + p->enc.bits / 8,
		            p->auth.bits / 8);
	if (!strong)
		error("%s is weak with the key that follows; choose another --context", p->enc.alg->name);
	return strong ? STATUS_OK : STATUS_ERROR;
}

int plan_make(struct plan *p, const struct keygen_choices *o)
{
	int status = plan_avoid(p, o);

	p->flows = memory_resize(NULL, p->npeers * p->npeers, flow_size(p));
	for (size_t i = 0; i < p->npeers; i++)
		for (size_t j = 0; j < p->npeers && status == STATUS_OK; j++)
			if (plan_joins(p, i, j))
				status = p->secret.text ? fill_derived(p, i, j, plan_flow(p, i, j)) :
				                          fill_random(p, plan_flow(p, i, j));
	return status;
}
