#include "spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static struct json *node_environment;

static const char *const every_environment[] = {"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                                                "HOME=/root", "USER=root", "LANG=C.UTF-8", "TERM=dumb"};

static const char *variable(char *const *environment, const char *name) {
  size_t length = strlen(name);
  for (; *environment != NULL; environment += 1)
    if (strncmp(*environment, name, length) == 0 && (*environment)[length] == '=') return *environment + length + 1;
  return NULL;
}

/* As execvp(3), with the PATH of the program's own environment. Comes back only when there is no such program. */
static int execute(const struct program *program) {
  const char *name = program->arguments[0];
  if (strchr(name, '/') != NULL) {
    execve(name, program->arguments, program->environment);
    return errno;
  }
  int error = ENOENT;
  const char *path = variable(program->environment, "PATH");
  for (const char *end; path != NULL; path = *end == 0 ? NULL : end + 1) {
    char file[4096];
    end = strchrnul(path, ':');
    if ((size_t)snprintf(file, sizeof file, "%.*s/%s", (int)(end - path), path, name) >= sizeof file) continue;
    execve(file, program->arguments, program->environment);
    /* One that may not be run is told of when no other is found. */
    if (errno == EACCES) error = EACCES;
    else if (errno != ENOENT && errno != ENOTDIR) return errno;
  }
  return error;
}

/* In the child, which shares its parent's memory until it is another program: nothing here may change that. */
static int become(const struct program *program) {
  setsid();
  for (int stream = 0; stream < 3; stream += 1)
    if (dup2(program->streams[stream], stream) < 0) return errno;
  if (program->terminal && ioctl(0, TIOCSCTTY, 0) < 0) return errno;
  if (chdir(program->directory) < 0) return errno;
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  signal(SIGPIPE, SIG_DFL);
  return execute(program);
}

pid_t spawn(const struct program *program) {
  volatile int failure = 0;
  pid_t pid = vfork();
  if (pid == 0) {
    failure = become(program);
    _exit(127);
  }
  if (pid < 0 || failure == 0) return pid;
  /* It never was a program: nobody waits for its end. */
  errno = failure;
  return -1;
}

void signal_group(pid_t leader, int signal) {
  if (leader > 0) kill(-leader, signal);
}

/* Put NAME=value in, in the place of one of the same name. */
static char **put(char **environment, char *entry) {
  size_t count = 0, name = (size_t)(strchrnul(entry, '=') - entry) + 1;
  for (; environment[count] != NULL; count += 1) {
    if (strncmp(environment[count], entry, name) != 0) continue;
    free(environment[count]);
    environment[count] = entry;
    return environment;
  }
  char **more = allocate((count + 2) * sizeof *more);
  memcpy(more, environment, count * sizeof *more);
  more[count] = entry;
  free(environment);
  return more;
}

static char **put_all(char **environment, const struct json *variables) {
  if (variables == NULL) return environment;
  for (struct json *each = variables->first; each != NULL; each = each->next) {
    if (!json_is_text(each)) continue;
    struct buffer entry = {0};
    buffer_text(&entry, each->key);
    buffer_text(&entry, "=");
    buffer_append(&entry, each->text, each->length + 1);
    environment = put(environment, entry.bytes);
  }
  return environment;
}

char **environment_with(const struct json *variables) {
  size_t count = sizeof every_environment / sizeof *every_environment;
  char **environment = allocate((count + 1) * sizeof *environment);
  for (size_t at = 0; at < count; at += 1) environment[at] = copy_text(every_environment[at]);
  return put_all(put_all(environment, node_environment), variables);
}

void set_node_environment(const struct json *request) {
  json_free(node_environment);
  node_environment = json_copy(request, "variables");
}

char **strings_of(const struct json *array) {
  char **strings = allocate((json_count(array) + 1) * sizeof *strings);
  size_t count = 0;
  for (struct json *item = array == NULL ? NULL : array->first; item != NULL; item = item->next) {
    if (!json_is_text(item)) {
      free_strings(strings);
      return NULL;
    }
    strings[count++] = copy_text(item->text);
  }
  return strings;
}

void free_strings(char **strings) {
  for (char **string = strings; string != NULL && *string != NULL; string += 1) free(*string);
  free(strings);
}
