/* SPDX-License-Identifier: ISC */
/*
 * Preloaded, this stops the process when all is done and it is about to go, so that a test can look at what is left in
 * its memory.
 */
#include <signal.h>
#include <unistd.h>

__attribute__((destructor)) static void stop(void)
{
	kill(getpid(), SIGSTOP);
}
