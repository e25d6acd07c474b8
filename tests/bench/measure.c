/* SPDX-License-Identifier: ISC */
/*
 * Runs a command and prints the microseconds it took, those of CPU it used, and the most KiB it held at once:
 *   measure [-i FILE] COMMAND [ARG...]
 * Its output goes nowhere. Fails as the command fails.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static double micros(struct timeval t)
{
	return (double)t.tv_sec * 1e6 + (double)t.tv_usec;
}

static void run(const char *input, char **argv)
{
	int in = open(input, O_RDONLY), out = open("/dev/null", O_WRONLY);

	if (in < 0 || out < 0 || dup2(in, STDIN_FILENO) < 0 || dup2(out, STDOUT_FILENO) < 0)
		_exit(126);
	execvp(argv[0], argv);
	_exit(127);
}

int main(int argc, char **argv)
{
	const char *input = "/dev/null";
	struct rusage used;
	double start;
	int status;
	pid_t pid;

	if (argc > 3 && strcmp(argv[1], "-i") == 0) {
		input = argv[2];
		argv += 2;
	}
	start = now();
	pid = fork();
	if (pid == 0)
		run(input, argv + 1);
	if (pid < 0 || wait4(pid, &status, 0, &used) != pid)
		return 1;
	printf("%.0f %.0f %ld\n", now() - start, micros(used.ru_utime) + micros(used.ru_stime), used.ru_maxrss);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
