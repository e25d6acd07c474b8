/* SPDX-License-Identifier: ISC */
/*
 * Appends numbers, addresses and times to a buffer, faster than the C library prints them. Knows libc only.
 */
#include "base/append.h"

#include <time.h>

static const char digit_pairs[] = "00010203040506070809" "10111213141516171819" "20212223242526272829"
                                  "30313233343536373839" "40414243444546474849" "50515253545556575859"
                                  "60616263646566676869" "70717273747576777879" "80818283848586878889"
                                  "90919293949596979899";

static void put_pair(uint8_t *at, unsigned n)
{
	memcpy(at, digit_pairs + (size_t)2 * n, 2);
}

static unsigned count_decimal_digits(uint64_t n)
{
	unsigned digits = 1;

	for (; n >= 10000; n /= 10000)
		digits += 4;
	return digits + (n >= 10) + (n >= 100) + (n >= 1000);
}

void append_decimal(struct buf *b, uint64_t n)
{
	unsigned digits;
	uint8_t *end;

	if (n < 10) {
		buf_addc(b, (char)('0' + n));
		return;
	}
	digits = count_decimal_digits(n);
	buf_reserve(b, digits);
	b->len += digits;
	end = b->bytes + b->len;
	for (; n >= 100; n /= 100)
		put_pair(end -= 2, (unsigned)(n % 100));
	if (n >= 10)
		put_pair(end - 2, (unsigned)n);
	else
		end[-1] = (uint8_t)('0' + n);
}

void append_padded(struct buf *b, uint64_t n, unsigned width, char fill)
{
	unsigned digits = count_decimal_digits(n);

	if (digits < width)
		memset(buf_add(b, NULL, width - digits), fill, width - digits);
	append_decimal(b, n);
}

void append_hex(struct buf *b, uint64_t n, unsigned width)
{
	unsigned digits = n == 0 ? 1 : 16 - (unsigned)__builtin_clzll(n) / 4;

	if (digits < width)
		digits = width;
	buf_reserve(b, digits);
	b->len += digits;
	for (uint8_t *at = b->bytes + b->len; digits > 0; digits--, n >>= 4)
		*--at = (uint8_t)"0123456789abcdef"[n & 15];
}

void append_cell(struct buf *b, const char *s, unsigned width)
{
	size_t at = b->len;

	buf_adds(b, s);
	append_pad(b, at, width, true);
}

void append_pad(struct buf *b, size_t at, unsigned width, bool left)
{
	size_t n = b->len - at, blanks = width - n;

	if (n >= width)
		return;
	buf_reserve(b, blanks);
	if (!left)
		memmove(b->bytes + at + blanks, b->bytes + at, n);
	memset(b->bytes + (left ? b->len : at), ' ', blanks);
	b->len += blanks;
}

static uint8_t *put_octet(uint8_t *at, unsigned n)
{
	if (n >= 100) {
		*at++ = (uint8_t)('0' + n / 100);
		put_pair(at, n % 100);
		return at + 2;
	}
	if (n >= 10) {
		put_pair(at, n);
		return at + 2;
	}
	*at++ = (uint8_t)('0' + n);
	return at;
}

void append_ipv4(struct buf *b, const uint8_t *address)
{
	uint8_t *at;

	buf_reserve(b, sizeof("255.255.255.255"));
	at = put_octet(b->bytes + b->len, address[0]);
	for (unsigned i = 1; i < 4; i++) {
		*at++ = '.';
		at = put_octet(at, address[i]);
	}
	b->len = (size_t)(at - b->bytes);
}

enum { GROUPS = 8 }; /* of 16 bits */

/* The longest run of at least two groups that are 0, the first of equal ones, RFC 5952: its length, or 0. */
static unsigned find_zero_groups(const uint16_t *group, unsigned *start)
{
	unsigned longest = 1;

	for (unsigned i = 0, n = 0; i < GROUPS; i++) {
		n = group[i] == 0 ? n + 1 : 0;
		if (n > longest) {
			longest = n;
			*start = i + 1 - n;
		}
	}
	return longest > 1 ? longest : 0;
}

void append_ipv6(struct buf *b, const uint8_t *address)
{
	uint16_t group[GROUPS];
	unsigned start = GROUPS, zeros;

	for (size_t i = 0; i < GROUPS; i++)
		group[i] = (uint16_t)(address[2 * i] << 8 | address[2 * i + 1]);
	zeros = find_zero_groups(group, &start);
	for (unsigned i = 0; i < GROUPS;) {
		if (i == start) {
			buf_adds(b, i + zeros == GROUPS ? "::" : ":");
			i += zeros;
			continue;
		}
		if (i > 0)
			buf_addc(b, ':');
		/* ::192.0.2.1 and ::ffff:192.0.2.1 */
		if (i == 6 && start == 0 && (zeros == 6 || (zeros == 5 && group[5] == 0xffff))) {
			append_ipv4(b, address + 12);
			return;
		}
		append_hex(b, group[i++], 1);
	}
}

/*
 * Within most quarters of an hour local time does not jump, and the objects of a table were made in a few of
 * them. So localtime_r, which searches the transitions of the time zone, is called only twice for each
 * quarter.
 */
enum { QUARTER = 900, QUARTERS = 16 };

struct quarter {
	uint64_t number;       /* since the epoch, plus 1; 0: not in use */
	bool is_even;          /* it lies within one day, and the local clock does not jump in it */
	struct tm tm;          /* of its first second */
};

static struct quarter known_quarters[QUARTERS];

static bool get_local_time(uint64_t secs, struct tm *tm)
{
	time_t t = (time_t)secs;

	return t >= 0 && localtime_r(&t, tm) != NULL;
}

static int second_of_day(const struct tm *tm)
{
	return (tm->tm_hour * 60 + tm->tm_min) * 60 + tm->tm_sec;
}

static void read_quarter(struct quarter *q, uint64_t number)
{
	struct tm last;

	q->number = number + 1;
	q->is_even = get_local_time(number * QUARTER, &q->tm) &&
	             get_local_time(number * QUARTER + QUARTER - 1, &last) && q->tm.tm_year == last.tm_year &&
	             q->tm.tm_yday == last.tm_yday &&
	             second_of_day(&last) - second_of_day(&q->tm) == QUARTER - 1;
}

static bool find_local_time(uint64_t secs, struct tm *tm)
{
	static bool has_zone;
	uint64_t number = secs / QUARTER;
	struct quarter *q = &known_quarters[number % QUARTERS];
	int second;

	if (!has_zone)
		tzset(); /* localtime_r may not do it */
	has_zone = true;
	if (q->number != number + 1)
		read_quarter(q, number);
	if (!q->is_even)
		return get_local_time(secs, tm);
	*tm = q->tm;
	second = second_of_day(tm) + (int)(secs % QUARTER);
	tm->tm_hour = second / 3600;
	tm->tm_min = second / 60 % 60;
	tm->tm_sec = second % 60;
	return true;
}

/* A character and two digits. */
static void append_pair(struct buf *b, char before, int n)
{
	uint8_t *at;

	buf_reserve(b, 3);
	at = b->bytes + b->len;
	*at = (uint8_t)before;
	put_pair(at + 1, (unsigned)n);
	b->len += 3;
}

bool append_local_time(struct buf *b, uint64_t secs, enum time_form form)
{
	static const char months[12][5] = {
		"Jan ", "Feb ", "Mar ", "Apr ", "May ", "Jun ", "Jul ", "Aug ", "Sep ", "Oct ", "Nov ", "Dec "
	};
	struct tm tm;
	uint64_t year;

	if (!find_local_time(secs, &tm))
		return false;
	year = (uint64_t)(1900 + (int64_t)tm.tm_year);
	if (form == TIME_CTIME) {
		buf_add(b, months[tm.tm_mon], 4);
		append_padded(b, (unsigned)tm.tm_mday, 2, ' ');
	} else {
		append_decimal(b, year);
		append_pair(b, '-', tm.tm_mon + 1);
		append_pair(b, '-', tm.tm_mday);
	}
	append_pair(b, ' ', tm.tm_hour);
	append_pair(b, ':', tm.tm_min);
	append_pair(b, ':', tm.tm_sec);
	if (form == TIME_CTIME) {
		buf_addc(b, ' ');
		append_decimal(b, year);
	}
	return true;
}
