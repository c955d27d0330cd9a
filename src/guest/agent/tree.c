#include "tree.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int make_parents(const char *path) {
  char *directory = copy_text(path);
  char *last = strrchr(directory, '/');
  int error = 0;
  if (last != NULL && last != directory) {
    *last = 0;
    error = make_directories(directory, 0755);
  }
  free(directory);
  return error;
}

int make_directories(const char *path, mode_t mode) {
  struct stat about;
  if (stat(path, &about) == 0) return S_ISDIR(about.st_mode) ? 0 : ENOTDIR;
  if (errno != ENOENT) return errno;
  int error = make_parents(path);
  if (error != 0) return error;
  if (mkdir(path, mode) < 0 && errno != EEXIST) return errno;
  return chmod(path, mode) < 0 ? errno : 0;
}

ssize_t read_small(const char *path, char *text, size_t size) {
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return -1;
  ssize_t length = read(fd, text, size - 1);
  close(fd);
  while (length > 0 && isspace((unsigned char)text[length - 1])) length -= 1;
  if (length >= 0) text[length] = 0;
  return length;
}

void read_whole(const char *path, struct buffer *out) {
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return;
  for (ssize_t length = 1; length > 0;) {
    buffer_reserve(out, 4096);
    length = read(fd, out->bytes + out->length, 4096);
    if (length > 0) out->length += (size_t)length;
  }
  close(fd);
}
