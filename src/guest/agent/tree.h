/* Places of the file system. */
#pragma once
#include <stddef.h>
#include <sys/types.h>

#include "memory.h"

int make_parents(const char *path);                  /* of a file; 0 or an errno */
int make_directories(const char *path, mode_t mode); /* `mode` for the last one */
/* Read a small file, such as those of sysfs, less the white space at its end. Bytes read; -1 when it cannot be read. */
ssize_t read_small(const char *path, char *text, size_t size);
/* Append a whole file; one that cannot be read is empty. */
void read_whole(const char *path, struct buffer *out);
