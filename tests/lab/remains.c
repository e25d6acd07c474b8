/* SPDX-License-Identifier: ISC */
/*
 * remains [-s SECS] [-t FILE] KEY COMMAND...: runs the command until it is about to exit (libstop.so is to be preloaded,
 * through STOP) and looks for the key, hex digits in the file KEY, in all that it could write to: stack, environment,
 * heap, data. Eight bytes of it anywhere count, and so do eight digits in either case, or of four bytes each. With -s the command is sent SIGTERM
 * after so many seconds; with -t it runs on a terminal, where FILE is typed. Status 0: nothing is left; 1: something is.
 */
#include <ctype.h>
#include <fcntl.h>
#include <pty.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <wchar.h>

enum { DIGITS_MAX = 128, GROUP = 8 };

static char digits[DIGITS_MAX + 1];
static unsigned char key[DIGITS_MAX / 2];
static size_t ndigits;
static pid_t child;

static void die(const char *what)
{
	perror(what);
	exit(2);
}

static void read_key(const char *name)
{
	FILE *f = fopen(name, "r");

	if (f == NULL || fscanf(f, "0x%128[0-9a-f]", digits) != 1)
		die(name);
	fclose(f);
	ndigits = strlen(digits);
	for (size_t i = 0; i < ndigits / 2; i++)
		sscanf(digits + 2 * i, "%2hhx", &key[i]);
}

static bool tell(const char *region, const char *what, size_t at)
{
	printf("%s of the key is left at %zu of %s\n", what, at, region);
	return true;
}

static bool search(const unsigned char *p, size_t n, const char *region)
{
	char upper[GROUP];
	wchar_t wide[GROUP];
	bool found = false;
	const unsigned char *at;

	for (size_t i = 0; i + GROUP <= ndigits / 2; i += GROUP)
		if ((at = memmem(p, n, key + i, GROUP)) != NULL)
			found = tell(region, "a part", (size_t)(at - p));
	for (size_t i = 0; i + GROUP <= ndigits; i += GROUP) {
		for (size_t k = 0; k < GROUP; k++) {
			upper[k] = (char)toupper((unsigned char)digits[i + k]);
			wide[k] = digits[i + k];
		}
		if ((at = memmem(p, n, digits + i, GROUP)) != NULL || (at = memmem(p, n, upper, GROUP)) != NULL ||
		    (at = memmem(p, n, wide, sizeof(wide))) != NULL)
			found = tell(region, "the text", (size_t)(at - p));
	}
	return found;
}

/* Every mapping that can be written to */
static bool search_all(void)
{
	char name[64], line[512], rights[8];
	unsigned long from, to;
	bool found = false;
	FILE *maps;
	int mem;

	snprintf(name, sizeof(name), "/proc/%d/maps", (int)child);
	if ((maps = fopen(name, "r")) == NULL)
		die(name);
	snprintf(name, sizeof(name), "/proc/%d/mem", (int)child);
	if ((mem = open(name, O_RDONLY)) < 0)
		die(name);
	while (fgets(line, sizeof(line), maps) != NULL) {
		if (sscanf(line, "%lx-%lx %7s", &from, &to, rights) == 3 && rights[1] == 'w') {
			unsigned char *p = malloc(to - from);

			if (p == NULL || pread(mem, p, to - from, (off_t)from) != (ssize_t)(to - from))
				die(line);
			found |= search(p, to - from, line);
			free(p);
		}
	}
	fclose(maps);
	close(mem);
	return found;
}

static void on_alarm(int number)
{
	(void)number;
	kill(child, SIGTERM);
}

static void become(char **argv)
{
	const char *stop = getenv("STOP");

	if (stop == NULL || setenv("LD_PRELOAD", stop, 1) != 0)
		die("STOP");
	execvp(argv[0], argv);
	die(argv[0]);
}

/* Types the file, and takes in what the terminal shows until the other end is done. */
static void type(int terminal, const char *name)
{
	char shown[4096];
	FILE *f = fopen(name, "r");
	int c;

	if (f == NULL)
		die(name);
	while ((c = getc(f)) != EOF) {
		char byte = (char)c;

		if (write(terminal, &byte, 1) != 1)
			die("terminal");
	}
	fclose(f);
	for (;;) {
		siginfo_t now = { .si_pid = 0 };
		fd_set ready;
		struct timeval soon = { .tv_usec = 100000 };

		FD_ZERO(&ready);
		FD_SET(terminal, &ready);
		if (select(terminal + 1, &ready, NULL, NULL, &soon) > 0 && read(terminal, shown, sizeof(shown)) <= 0)
			return;
		if (waitid(P_PID, (id_t)child, &now, WSTOPPED | WEXITED | WNOHANG | WNOWAIT) == 0 && now.si_pid == child)
			return;
	}
}

int main(int argc, char **argv)
{
	const char *typed = NULL;
	int status, terminal = -1, secs = 0;
	bool found;

	for (; argc > 4 && argv[1][0] == '-'; argc -= 2, argv += 2) {
		if (argv[1][1] == 's')
			secs = atoi(argv[2]);
		else
			typed = argv[2];
	}
	if (argc < 3)
		return 2;
	read_key(argv[1]);
	child = typed ? forkpty(&terminal, NULL, NULL, NULL) : fork();
	if (child < 0)
		die("fork");
	if (child == 0)
		become(argv + 2);
	signal(SIGALRM, on_alarm);
	alarm((unsigned)secs);
	if (typed != NULL)
		type(terminal, typed);
	while (waitpid(child, &status, WUNTRACED) != child)
		;
	if (!WIFSTOPPED(status)) {
		fprintf(stderr, "it did not stop: %d\n", status);
		return 2;
	}
	found = search_all();
	kill(child, SIGKILL);
	return found;
}
