/* A file changed as a whole or not at all. Knows the file system only. */
#ifndef BASE_REPLACE_H
#define BASE_REPLACE_H

#include <stddef.h>

/*
 * Puts n bytes in the place of a regular file that holds the bytes of was: in a file of its own, with the
 * same owner and mode, which is then renamed. Returns 0 or -errno: -ELOOP for a symbolic link, -EBUSY if it
 * holds something else by now, -EMLINK if it has other names. Access lists are not kept.
 */
int replace_file(const char *name, const void *was, size_t nwas, const void *bytes, size_t n);

/* Writes all n bytes, however often it takes. Returns 0 or -errno. */
int replace_write(int fd, const char *bytes, size_t n);

#endif
