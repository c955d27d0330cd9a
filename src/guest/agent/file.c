/* write-file, read-file, look: files of the node. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "channel.h"
#include "methods.h"
#include "tree.h"
#include "words.h"

/* A file under way: complete or not there at all, as it is written beside its place and then renamed. */
struct incoming_file {
  char *path, *temporary;
  mode_t mode;
};

static void file_fault(struct channel *channel, const char *step, const char *path, int error) {
  channel_fault(channel, (struct fault){.kind = "input", .step = step, .subject = path, .found = error_text(error)});
}

static void opened_write(struct channel *channel, const struct json *parameters) {
  static unsigned count;
  const char *path = json_text(parameters, "path");
  if (path == NULL) {
    file_fault(channel, "write a file of the node", NULL, EINVAL);
    return;
  }
  struct incoming_file *file = allocate(sizeof *file);
  channel->state = file;
  file->path = copy_text(path);
  file->mode = (mode_t)json_number(parameters, "mode", 0644);
  struct buffer temporary = {0};
  buffer_text(&temporary, path);
  json_printf(&temporary, ".kestrel-part-%u", count += 1);
  buffer_append(&temporary, "", 1);
  file->temporary = temporary.bytes;
  int error = make_parents(path);
  int fd = error != 0 ? -1 : open(file->temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, file->mode);
  if (fd < 0) file_fault(channel, "write a file of the node", path, error != 0 ? error : errno);
  else sink_start(channel, fd);
}

static void written(struct channel *channel, int fd, int error) {
  struct incoming_file *file = channel->state;
  /* Whatever the mask for new files is. */
  if (error == 0 && fchmod(fd, file->mode) < 0) error = errno;
  if (close(fd) < 0 && error == 0) error = errno;
  if (channel->sink.aborted) error = ECANCELED;
  if (error == 0 && rename(file->temporary, file->path) < 0) error = errno;
  if (error != 0) file_fault(channel, "write a file of the node", file->path, error);
  else channel_result(channel, "null");
}

static void released_write(struct channel *channel) {
  struct incoming_file *file = channel->state;
  if (file == NULL) return;
  unlink(file->temporary);
  free(file->temporary);
  free(file->path);
  free(file);
}

static void cancelled_write(struct channel *channel) {
  struct incoming_file *file = channel->state;
  file_fault(channel, "write a file of the node", file->path, ECANCELED);
}

static void opened_read(struct channel *channel, const struct json *parameters) {
  const char *path = json_text(parameters, "path");
  struct stat about;
  int fd = path == NULL ? -1 : open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  int error = path == NULL ? EINVAL : fd < 0 || fstat(fd, &about) < 0 ? errno : S_ISDIR(about.st_mode) ? EISDIR : 0;
  if (error == 0) {
    sink_refuse(channel);
    source_start(channel, 0, fd);
    return;
  }
  if (fd >= 0) close(fd);
  file_fault(channel, "read a file of the node", path, error);
}

static void all_read(struct channel *channel, struct source *source) {
  (void)source;
  channel_result(channel, "null");
}

static void cancelled_read(struct channel *channel) { channel_result(channel, "null"); }

static void opened_look(struct channel *channel, const struct json *parameters) {
  const char *path = json_text(parameters, "path");
  struct stat about;
  if (path != NULL && stat(path, &about) == 0) channel_result(channel, "null");
  else file_fault(channel, "look at a file of the node", path, path == NULL ? EINVAL : errno);
}

const struct method write_file_method = {.name = "write-file",
                                         .opened = opened_write,
                                         .cancelled = cancelled_write,
                                         .sink_ended = written,
                                         .released = released_write};
const struct method read_file_method = {
    .name = "read-file", .opened = opened_read, .cancelled = cancelled_read, .source_ended = all_read};
const struct method look_method = {.name = "look", .opened = opened_look};
