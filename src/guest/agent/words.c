#include "words.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

struct word {
  int number;
  const char *name;
};

#define WORD(name) \
  { name, #name }

static const struct word signals[] = {
    WORD(SIGHUP),  WORD(SIGINT),    WORD(SIGQUIT), WORD(SIGILL),  WORD(SIGTRAP),   WORD(SIGABRT), WORD(SIGBUS),
    WORD(SIGFPE),  WORD(SIGKILL),   WORD(SIGUSR1), WORD(SIGSEGV), WORD(SIGUSR2),   WORD(SIGPIPE), WORD(SIGALRM),
    WORD(SIGTERM), WORD(SIGSTKFLT), WORD(SIGCHLD), WORD(SIGCONT), WORD(SIGSTOP),   WORD(SIGTSTP), WORD(SIGTTIN),
    WORD(SIGTTOU), WORD(SIGURG),    WORD(SIGXCPU), WORD(SIGXFSZ), WORD(SIGVTALRM), WORD(SIGPROF), WORD(SIGWINCH),
    WORD(SIGIO),   WORD(SIGPWR),    WORD(SIGSYS)};

static const struct word errors[] = {
    WORD(EPERM),        WORD(ENOENT),     WORD(ESRCH),        WORD(EINTR),      WORD(EIO),          WORD(ENXIO),
    WORD(E2BIG),        WORD(ENOEXEC),    WORD(EBADF),        WORD(EAGAIN),     WORD(ENOMEM),       WORD(EACCES),
    WORD(EFAULT),       WORD(EBUSY),      WORD(EEXIST),       WORD(EXDEV),      WORD(ENODEV),       WORD(ENOTDIR),
    WORD(EISDIR),       WORD(EINVAL),     WORD(ENFILE),       WORD(EMFILE),     WORD(ENOTTY),       WORD(ETXTBSY),
    WORD(EFBIG),        WORD(ENOSPC),     WORD(EROFS),        WORD(EMLINK),     WORD(EPIPE),        WORD(ERANGE),
    WORD(ENAMETOOLONG), WORD(ENOTEMPTY),  WORD(ELOOP),        WORD(EOPNOTSUPP), WORD(EADDRINUSE),   WORD(ENETDOWN),
    WORD(ENETUNREACH),  WORD(ECONNRESET), WORD(ECONNABORTED), WORD(ETIMEDOUT),  WORD(ECONNREFUSED), WORD(EHOSTUNREACH),
    WORD(EALREADY),     WORD(ESTALE),     WORD(EDQUOT)};

static const char *name_of(const struct word *words, size_t count, int number) {
  for (size_t at = 0; at < count; at += 1)
    if (words[at].number == number) return words[at].name;
  return NULL;
}

const char *signal_name(int number) {
  static char unnamed[16];
  const char *name = name_of(signals, sizeof signals / sizeof *signals, number);
  if (name != NULL) return name;
  snprintf(unnamed, sizeof unnamed, "SIG%d", number);
  return unnamed;
}

int signal_number(const char *name) {
  for (size_t at = 0; name != NULL && at < sizeof signals / sizeof *signals; at += 1)
    if (strcmp(signals[at].name, name) == 0) return signals[at].number;
  return 0;
}

const char *error_text(int error) {
  static char text[128];
  const char *name = name_of(errors, sizeof errors / sizeof *errors, error);
  if (name == NULL) snprintf(text, sizeof text, "error %d: %s", error, strerror(error));
  else snprintf(text, sizeof text, "%s: %s", name, strerror(error));
  return text;
}
