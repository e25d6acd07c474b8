/* SPDX-License-Identifier: ISC */
/*
 * Computes for a while with the widest registers that the CPU has and prints which, and a number that is another one if
 * a register changed meanwhile:
 *   avx SEED
 * Run twice at once on one CPU, it shows whether the kernel keeps the registers of one process from the other.
 */
#include <stdio.h>
#include <stdlib.h>

enum { ROUNDS = 60000000 };

typedef double wide __attribute__((vector_size(64)));

static inline __attribute__((always_inline)) double compute(unsigned seed)
{
	wide first = { seed + 2, seed + 3, seed + 4, seed + 5, seed + 6, seed + 7, seed + 8, seed + 9 };
	wide a = 1 / first, b = 1 / (first + 8), c = 1 / (first + 16), d = 1 / (first + 24);
	double sum = 0;

	/* The logistic map: a difference in the last bit of one number is one in all its digits some fifty rounds later. */
	for (long round = 0; round < ROUNDS; round++) {
		a = 3.999 * a * (1 - a);
		b = 3.999 * b * (1 - b);
		c = 3.999 * c * (1 - c);
		d = 3.999 * d * (1 - d);
	}
	a += b + c + d;
	for (int i = 0; i < 8; i++)
		sum += a[i];
	return sum;
}

#ifdef __x86_64__
__attribute__((target("avx512f"))) static double compute_avx512(unsigned seed)
{
	return compute(seed);
}

__attribute__((target("avx"))) static double compute_avx(unsigned seed)
{
	return compute(seed);
}
#endif

int main(int argc, char **argv)
{
	unsigned seed = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 0) : 0;

#ifdef __x86_64__
	if (__builtin_cpu_supports("avx512f"))
		return printf("avx512f %.17g\n", compute_avx512(seed)) < 0;
	if (__builtin_cpu_supports("avx"))
		return printf("avx %.17g\n", compute_avx(seed)) < 0;
#endif
	return printf("none %.17g\n", compute(seed)) < 0;
}
