/*
 * A light instance: a network namespace, a root, process numbers and a hostname of its own. docs/sled-agent.md.
 *
 *   instance-init run DIRECTORY NAME HOSTNAME [NIC,MAC,FAMILIES]...
 *   instance-init remove DIRECTORY NAME
 *
 * `run` comes back when the instance runs, or says why it does not. Two processes stay: the instance's first one (init.c) and its
 * keeper, which is outside, listens at DIRECTORY/control and puts everything away when the instance has ended. Whoever
 * connects there is told {"name":…,"pid":…}, may say "stop", and hears of the end by the end of the connection. DIRECTORY/pid has
 * the number for who wants to enter (nsenter(1)). The network namespace is /run/netns/NAME. `remove` puts away what a keeper
 * left that was killed.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "init.h"
#include "nic.h"
#include "root.h"

enum { MOST_CONNECTIONS = 16, KILL_AFTER_MS = 5000 };

static const char *directory, *name;
static char netns[256], control[108], layer[108], number[108];
/* Where it is told why the instance does not run. */
static int complaints = STDERR_FILENO;

static void put_away(void) {
  (void)umount2(netns, MNT_DETACH);
  (void)unlink(netns);
  (void)rmdir(layer);
  (void)unlink(control);
  (void)unlink(number);
  (void)rmdir(directory);
}

_Noreturn static void complain(const char *what) {
  dprintf(complaints, "instance-init: cannot %s: %s\n", what, strerror(errno));
  exit(1);
}

/* Of the keeper, and of what comes before it. */
_Noreturn static void fail(const char *what) {
  int error = errno;
  put_away();
  errno = error;
  complain(what);
}

static int listen_for_control(void) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  strcpy(address.sun_path, control);
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  mode_t before = umask(0177);
  if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) < 0 || listen(fd, MOST_CONNECTIONS) < 0)
    fail("listen for the agent");
  umask(before);
  return fd;
}

static void make_network_namespace(void) {
  if (mkdir("/run/netns", 0755) < 0 && errno != EEXIST) fail("make /run/netns");
  int fd = open(netns, O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0);
  if (fd < 0) fail("make the name of the network namespace");
  close(fd);
  if (unshare(CLONE_NEWNET) < 0) fail("have a network namespace");
  if (mount("/proc/self/ns/net", netns, NULL, MS_BIND, NULL) < 0) fail("name the network namespace");
}

_Noreturn static void be_instance(const char *hostname) {
  const char *failed = make_root(layer);
  if (failed == NULL && sethostname(hostname, strlen(hostname)) < 0) failed = "set the hostname";
  if (failed != NULL) complain(failed);
  close(complaints);
  run_init();
}

/* When the instance is killed that was asked to end; INT64_MAX unless it was. */
static int64_t kill_at = INT64_MAX;

static void begin_to_stop(pid_t init) {
  if (kill_at != INT64_MAX) return;
  kill(init, SIGTERM);
  kill_at = now_ms() + KILL_AFTER_MS;
}

static int ms_until_kill(void) {
  if (kill_at == INT64_MAX) return -1;
  int64_t left = kill_at - now_ms();
  return left < 0 ? 0 : (int)left;
}

static void greet(int listener, struct pollfd *connections, pid_t init) {
  int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (fd < 0) return;
  for (int i = 0; i < MOST_CONNECTIONS; i += 1) {
    if (connections[i].fd >= 0) continue;
    connections[i].fd = fd;
    dprintf(fd, "{\"name\":\"%s\",\"pid\":%d}\n", name, (int)init);
    return;
  }
  close(fd);
}

static void keep(pid_t init, int listener, int signals) {
  struct pollfd waiting[2 + MOST_CONNECTIONS] = {{.fd = signals, .events = POLLIN}, {.fd = listener, .events = POLLIN}};
  struct pollfd *connections = waiting + 2;
  for (int i = 0; i < MOST_CONNECTIONS; i += 1) connections[i] = (struct pollfd){.fd = -1, .events = POLLIN};
  while (waitpid(init, NULL, WNOHANG) == 0) {
    if (poll(waiting, 2 + MOST_CONNECTIONS, ms_until_kill()) == 0) {
      kill(init, SIGKILL);
      waitpid(init, NULL, 0);
      return;
    }
    struct signalfd_siginfo signal;
    while (read(signals, &signal, sizeof signal) == sizeof signal)
      if (signal.ssi_signo == SIGTERM) begin_to_stop(init);
    if (waiting[1].revents != 0) greet(listener, connections, init);
    for (int i = 0; i < MOST_CONNECTIONS; i += 1) {
      if (connections[i].fd < 0 || connections[i].revents == 0) continue;
      char words[64];
      ssize_t length = read(connections[i].fd, words, sizeof words);
      if (length >= 4 && memcmp(words, "stop", 4) == 0) begin_to_stop(init);
      if (length > 0 || (length < 0 && errno == EAGAIN)) continue;
      close(connections[i].fd);
      connections[i].fd = -1;
    }
  }
}

static void write_number(pid_t init) {
  FILE *file = fopen(number, "w");
  if (file == NULL || fprintf(file, "%d\n", (int)init) < 0 || fclose(file) != 0) {
    kill(init, SIGKILL);
    fail("say the number of the instance's first process");
  }
}

/* The keeper: outside of the instance, except for the network. */
_Noreturn static void be_keeper(const char *hostname) {
  setsid();
  if (chdir("/") < 0) fail("leave the directory");
  sigset_t taken;
  sigemptyset(&taken);
  sigaddset(&taken, SIGCHLD);
  sigaddset(&taken, SIGTERM);
  sigprocmask(SIG_BLOCK, &taken, NULL);
  signal(SIGPIPE, SIG_IGN);
  int signals = signalfd(-1, &taken, SFD_CLOEXEC | SFD_NONBLOCK);
  if (unshare(CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWPID) < 0) fail("have namespaces");
  int listener = listen_for_control();
  pid_t init = fork();
  if (init < 0) fail("start the instance");
  if (init == 0) {
    close(listener);
    be_instance(hostname);
  }
  write_number(init);
  close(complaints);
  keep(init, listener, signals);
  put_away();
  exit(0);
}

/* Nothing of the caller's is held open, so that it hears of the end of this process. */
static void detach_streams(void) {
  int null = open("/dev/null", O_RDWR | O_CLOEXEC);
  dup2(null, 0);
  dup2(null, 1);
  dup2(null, 2);
}

static int run(const char *hostname) {
  int ready[2];
  if (mkdir(directory, 0700) < 0 || mkdir(layer, 0700) < 0) fail("make the instance's directory");
  if (pipe2(ready, O_CLOEXEC) < 0) fail("make a pipe");
  make_network_namespace();
  pid_t keeper = fork();
  if (keeper < 0) fail("start the keeper");
  if (keeper == 0) {
    close(ready[0]);
    detach_streams();
    complaints = ready[1];
    be_keeper(hostname);
  }
  close(ready[1]);
  char words[256];
  ssize_t length = read(ready[0], words, sizeof words);
  if (length <= 0) return 0;
  fprintf(stderr, "%.*s", (int)length, words);
  waitpid(keeper, NULL, 0);
  return 1;
}

int main(int count, char **arguments) {
  if (count < 4) {
    fprintf(stderr, "usage: instance-init run DIRECTORY NAME HOSTNAME [NIC,MAC,FAMILIES]... | remove DIRECTORY NAME\n");
    return 2;
  }
  directory = arguments[2];
  name = arguments[3];
  if (strchr(name, '/') != NULL || snprintf(netns, sizeof netns, "/run/netns/%s", name) >= (int)sizeof netns ||
      snprintf(control, sizeof control, "%s/control", directory) >= (int)sizeof control ||
      snprintf(layer, sizeof layer, "%s/layer", directory) >= (int)sizeof layer ||
      snprintf(number, sizeof number, "%s/pid", directory) >= (int)sizeof number) {
    fprintf(stderr, "instance-init: the name or the directory is too long\n");
    return 2;
  }
  if (strcmp(arguments[1], "remove") == 0) {
    put_away();
    return 0;
  }
  for (int i = 5; i < count; i += 1) {
    if (nic_add(arguments[i])) continue;
    fprintf(stderr, "instance-init: no interface: %s\n", arguments[i]);
    return 2;
  }
  return count >= 5 && strcmp(arguments[1], "run") == 0 ? run(arguments[4]) : 2;
}
