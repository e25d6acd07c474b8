/* SPDX-License-Identifier: ISC */
/*
 * What src/base appends to a buffer.
 *   append COUNT        numbers, addresses, hex digits and times against snprintf, inet_ntop and strftime: edges, and so
 *                       many random values of each. Prints each difference; fails if there is one.
 *   append json COUNT   so many random texts: the bytes in hex, a blank, and what JSON makes of them
 */
#include "base/append.c"
#include "base/hex.c"
#include "base/json.c"
#include "base/memory.c"
#include "base/utf8.c"

#include <arpa/inet.h>
#include <inttypes.h>

static unsigned differences;
static struct buf got;

/* Asked by what wipes the stack, which nobody does here. */
size_t inherited_stack(size_t most)
{
	return most;
}

static uint64_t random_number(void)
{
	static uint64_t state = 0x9e3779b97f4a7c15;

	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

/* A number of any length, small ones as often as large ones. */
static uint64_t random_length(void)
{
	uint64_t n = random_number();

	return n >> (random_number() % 64);
}

static void expect(const char *what, const char *wanted)
{
	if (strcmp(buf_str(&got), wanted) != 0) {
		printf("%s: \"%s\", expected \"%s\"\n", what, buf_str(&got), wanted);
		differences++;
	}
	got.len = 0;
}

static void check_number(uint64_t n)
{
	static const char signs[] = " 0";
	char wanted[128];

	snprintf(wanted, sizeof(wanted), "%" PRIu64, n);
	append_decimal(&got, n);
	expect("append_decimal", wanted);
	snprintf(wanted, sizeof(wanted), "a%" PRIu64, n);
	append_field(&got, "a", n);
	expect("append_field", wanted);
	for (unsigned width = 0; width < 24; width++) {
		snprintf(wanted, sizeof(wanted), "%0*" PRIx64, (int)width, n);
		append_hex(&got, n, width);
		expect("append_hex", wanted);
		snprintf(wanted, sizeof(wanted), "%*" PRIu64, (int)width, n);
		append_padded(&got, n, width, signs[0]);
		expect("append_padded with blanks", wanted);
		snprintf(wanted, sizeof(wanted), "%0*" PRIu64, (int)width, n);
		append_padded(&got, n, width, signs[1]);
		expect("append_padded with zeros", wanted);
		snprintf(wanted, sizeof(wanted), "-%-*" PRIu64 "-%*" PRIx64, (int)width, n, (int)width, n);
		buf_addc(&got, '-');
		append_decimal(&got, n);
		append_pad(&got, 1, width, true);
		buf_addc(&got, '-');
		append_hex(&got, n, 1);
		append_pad(&got, strlen(wanted) - (strlen(strrchr(wanted, '-')) - 1), width, false);
		expect("append_pad", wanted);
	}
}

/* What vsnprintf is left with, and what is not. */
#define FORMAT(...) do { \
		char wanted[4096]; \
		snprintf(wanted, sizeof(wanted), __VA_ARGS__); \
		buf_printf(&got, __VA_ARGS__); \
		expect("buf_printf", wanted); \
	} while (0)

static void check_formats(uint64_t n)
{
	uint32_t u = (uint32_t)n;
	int d = (int)u, width = (int)(n % 30) - 15;
	char text[] = "0123456789";

	text[n % 11] = '\0';
	FORMAT("%u|%x|%d|%" PRIu64 "|%" PRIx64 "|%" PRId64 "|%zu|%zx|%zd", u, u, d, n, n, (int64_t)n, (size_t)n, (size_t)n, (ssize_t)n);
	FORMAT("%5u|%-5u|%05u|%12d|%-12d|%012d|%08x|%8x|%-8x", u, u, u, d, d, d, u, u, u);
	FORMAT("%s|%12s|%-12s|%.*s|%-*s|%*s|%-12.*s|%c|%%", text, text, text, (int)(n % 12), text, width, text, width, text, 3,
	       text, 'x');
	FORMAT("%*u|%-*u|%*d|%02u%02x", width, u, width, u, width, d, u % 100, u % 256);
	FORMAT("%.3s|%u|%s", text, u, text);
	FORMAT("%o|%u", u, u);
	FORMAT("%u%.1f|%s", u, (double)d, text);
	FORMAT("%0*u|%s", width < 0 ? -width : width, u, text);
	FORMAT("%300s|%-300u|%s", text, u, text);
}

static void check_address(const uint8_t bytes[16])
{
	char wanted[INET6_ADDRSTRLEN];

	append_ipv4(&got, bytes);
	expect("append_ipv4", inet_ntop(AF_INET, bytes, wanted, sizeof(wanted)));
	append_ipv6(&got, bytes);
	expect("append_ipv6", inet_ntop(AF_INET6, bytes, wanted, sizeof(wanted)));
}

/* Groups that are 0, small or ffff as often as others. */
static void check_random_address(void)
{
	uint64_t kinds = random_number();
	uint8_t bytes[16];

	for (unsigned i = 0; i < 16; i += 2, kinds >>= 2) {
		uint64_t group = (kinds & 3) == 0 ? random_number() : (kinds & 3) == 3 ? random_number() % 16 : 0;

		group = random_number() % 16 == 0 ? 0xffff : group;
		bytes[i] = (uint8_t)(group >> 8);
		bytes[i + 1] = (uint8_t)group;
	}
	check_address(bytes);
}

static void check_every_octet(void)
{
	for (unsigned i = 0; i < 256; i++) {
		const uint8_t bytes[16] = { (uint8_t)i, 1, (uint8_t)(255 - i), (uint8_t)i };

		check_address(bytes);
	}
	for (unsigned zeros = 0; zeros < 256; zeros++) {
		uint8_t bytes[16];

		for (unsigned i = 0; i < 8; i++) {
			bytes[2 * i] = 0;
			bytes[2 * i + 1] = zeros >> i & 1 ? 0 : (uint8_t)(i + 1);
		}
		check_address(bytes);
		bytes[10] = bytes[11] = 0xff;
		check_address(bytes);
	}
}

static void check_hex(uint64_t n)
{
	uint8_t bytes[8];
	char wanted[17];

	memcpy(bytes, &n, sizeof(bytes));
	for (size_t i = 0; i < sizeof(bytes); i++)
		snprintf(wanted + 2 * i, 3, "%02x", bytes[i]);
	hex_encode(&got, bytes, n % 9);
	wanted[n % 9 * 2] = '\0';
	expect("hex_encode", wanted);
}

static void check_time(uint64_t secs)
{
	char wanted[64] = "", none[2] = "";
	time_t t = (time_t)secs;
	struct tm tm;
	bool known = t >= 0 && localtime_r(&t, &tm) != NULL;

	if (known)
		strftime(wanted, sizeof(wanted), "%b %e %H:%M:%S %Y", &tm);
	if (append_local_time(&got, secs, TIME_CTIME) != known)
		printf("append_local_time of %" PRIu64 "\n", secs), differences++;
	expect("ctime", known ? wanted : none);
	if (known)
		strftime(wanted, sizeof(wanted), "%Y-%m-%d %H:%M:%S", &tm);
	append_local_time(&got, secs, TIME_ISO);
	expect("iso", known ? wanted : none);
}

/* Each second around the changes of the clock: of summer time, by half an hour, of a day left out, of a leap second. */
static void check_zone(const char *zone, unsigned long times)
{
	static const uint64_t changes[] = { 0, 1301752800, 1325242800, 1483228800, 1711846800, 1712415600, 1729990800, 3155760000 };

	setenv("TZ", zone, 1);
	tzset();
	memset(known_quarters, 0, sizeof(known_quarters));
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++)
		for (uint64_t secs = changes[i] < 4000 ? 0 : changes[i] - 4000; secs < changes[i] + 4000; secs++)
			check_time(secs);
	for (unsigned long i = 0; i < times; i++) {
		check_time(random_number() % 4102444800);
		check_time(random_length());
	}
}

/* Bytes, some of them the beginnings, middles and ends of characters, good and bad ones. */
static void print_text(void)
{
	static const char *const parts[] = {
		"a", "\"", "\\", "/", "\x7f", "\t", "\xc3\xa4", "\xe2\x82\xac", "\xf0\x9f\x94\x91", "\xf4\x8f\xbf\xbf", "\xef\xbf\xbf",
		"\xed\x9f\xbf", "\xee\x80\x80", "\xc2\x80", "\xe0\xa0\x80", "\xf0\x90\x80\x80", "\xed\xa0\x80", "\xc0\xaf", "\xe0\x9f\xbf",
		"\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5", "\xff", "\x80"
	};
	bool good = random_number() % 2;
	struct json j = { .out = &got };
	struct buf text = { 0 };

	for (uint64_t n = random_number() % 6; n > 0; n--) {
		const char *part = parts[random_number() % (good ? 16 : sizeof(parts) / sizeof(parts[0]))];

		buf_add(&text, part, good ? strlen(part) : 1 + random_number() % strlen(part));
		buf_addc(&text, (char)(random_number() % 128));
	}
	for (size_t i = 0; i < text.len; i++)
		printf("%02x", text.bytes[i]);
	json_bytes(&j, NULL, (const char *)text.bytes, text.len);
	printf(" %s\n", buf_str(&got));
	got.len = 0;
	buf_free(&text);
}

int main(int argc, char **argv)
{
	static const char *const zones[] = {
		"UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "Asia/Kathmandu", "right/UTC",
		"right/Europe/Berlin", "LMT-0:19:32", "Africa/Monrovia"
	};
	unsigned long times = argc >= 2 ? strtoul(argv[argc - 1], NULL, 10) : 0;

	if (argc == 3) {
		while (times-- > 0)
			print_text();
		return 0;
	}
	for (uint64_t n = 1; n != 0; n *= 10) {
		check_number(n - 1);
		check_number(n);
		if (n > UINT64_MAX / 10)
			break;
	}
	for (unsigned bit = 0; bit < 64; bit++) {
		check_number(UINT64_C(1) << bit);
		check_number((UINT64_C(1) << bit) - 1);
		check_formats(UINT64_C(1) << bit);
	}
	check_number(UINT64_MAX);
	check_every_octet();
	for (unsigned long i = 0; i < times; i++) {
		check_number(random_length());
		check_formats(random_length());
		check_hex(random_number());
		check_random_address();
	}
	for (size_t i = 0; i < sizeof(zones) / sizeof(zones[0]); i++)
		check_zone(zones[i], times);
	buf_free(&got);
	return differences > 0;
}
