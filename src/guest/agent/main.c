/*
 * The agent of our own nodes: a static program that does what the host asks over a virtio-serial port. It decides
 * nothing: who a node is, what is waited for and what a fault means is known by the host (src/guest). It is native
 * because every clone runs it first: under emulation an interpreter would translate itself anew in each.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "channel.h"
#include "methods.h"
#include "spawn.h"
#include "tree.h"
#include "words.h"

#define PORTS "/sys/class/virtio-ports"

/* As in src/guest/agent-protocol.ts. */
static const char port_name[] = "kestrel.agent";
static const char parked_line[] = "kestrel-agent parked\n";
static const char host_hello[] = "kestrel-host hello\n";
static const char agent_hello[] = "kestrel-agent hello\n";

const struct method *const methods[] = {&ping_method,
                                        &hardware_method,
                                        &apply_method,
                                        &snapshot_method,
                                        &exec_method,
                                        &write_file_method,
                                        &read_file_method,
                                        &look_method,
                                        &connect_method,
                                        &service_start_method,
                                        &service_stop_method,
                                        &service_restart_method,
                                        &service_list_method,
                                        &resources_method,
                                        &shutdown_method,
                                        &console_shell_method,
                                        NULL};

/* The device of the agent's port, which is found by its name; it can be open only once. */
static int open_port(void) {
  DIR *ports = opendir(PORTS);
  for (struct dirent *port; ports != NULL && (port = readdir(ports)) != NULL;) {
    char path[512], name[64];
    snprintf(path, sizeof path, PORTS "/%s/name", port->d_name);
    if (read_small(path, name, sizeof name) < 0 || strcmp(name, port_name) != 0) continue;
    snprintf(path, sizeof path, "/dev/%s", port->d_name);
    closedir(ports);
    return open(path, O_RDWR | O_CLOEXEC);
  }
  if (ports != NULL) closedir(ports);
  errno = ENODEV;
  return -1;
}

static void set_blocking(int fd, bool blocking) {
  int flags = fcntl(fd, F_GETFL);
  fcntl(fd, F_SETFL, blocking ? flags & ~O_NONBLOCK : flags | O_NONBLOCK);
}

/* Park on the line and wait until the host says hello. False when the line has ended. */
static bool park(int line) {
  set_blocking(line, true);
  /* Waits until the host has opened its side: a port that it has not opened yet would seem to have ended. */
  if (write(line, parked_line, sizeof parked_line - 1) < 0) return false;
  for (size_t matched = 0; host_hello[matched] != 0;) {
    char letter;
    ssize_t length = read(line, &letter, 1);
    if (length < 0 && errno == EINTR) continue;
    if (length <= 0) return false;
    /* No letter but the first is the first one again. */
    matched = letter == host_hello[matched] ? matched + 1 : letter == host_hello[0] ? 1 : 0;
  }
  if (write(line, agent_hello, sizeof agent_hello - 1) < 0) return false;
  set_blocking(line, false);
  return true;
}

/* Have the kernel read the programs that every node runs, once, before the machine is frozen. */
static void rehearse(void) {
  char **environment = environment_with(NULL);
  int null = open("/dev/null", O_RDWR | O_CLOEXEC);
  struct program program = {.arguments = (char *[]){"/bin/sh", "-c", "/bin/true; exec ip -brief link", NULL},
                            .environment = environment,
                            .directory = "/",
                            .streams = {null, null, null}};
  pid_t pid = spawn(&program);
  if (pid > 0) waitpid(pid, NULL, 0);
  close(null);
  free_strings(environment);
}

/* With an argument it is the number of an open descriptor to serve, which ends with its host; without, the port is
 * served. */
int main(int count, char **arguments) {
  loop_start();
  setvbuf(stdout, NULL, _IOLBF, 0);
  bool once = count > 1;
  if (!once) rehearse();
  boot_image();
  int line = once ? atoi(arguments[1]) : open_port();
  if (line < 0) {
    printf("kestrel-agent: port %s: %s\n", port_name, error_text(errno));
    return 1;
  }
  /* A host that closes the line and opens it again finds the agent parked, with what it knows and runs. */
  do {
    if (park(line)) channels_serve(line);
    printf("kestrel-agent: the line to the host is closed\n");
  } while (!once);
  return 0;
}
