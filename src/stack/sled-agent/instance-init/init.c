#include "init.h"

#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "nic.h"

/* What processes have to end by themselves. */
enum { END_WITHIN_MS = 2000 };

static int watch_links(void) {
  struct sockaddr_nl address = {.nl_family = AF_NETLINK, .nl_groups = RTMGRP_LINK};
  int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);
  if (fd >= 0 && bind(fd, (struct sockaddr *)&address, sizeof address) == 0) return fd;
  perror("instance-init: cannot watch interfaces");
  exit(1);
}

static void raise_loopback(void) {
  struct ifreq request = {.ifr_name = "lo"};
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (ioctl(fd, SIOCGIFFLAGS, &request) == 0) {
    request.ifr_flags |= IFF_UP;
    if (ioctl(fd, SIOCSIFFLAGS, &request) < 0) perror("instance-init: cannot raise lo");
  }
  close(fd);
}

/* False if there is no process left but this one. */
static bool reap(void) {
  pid_t ended;
  while ((ended = waitpid(-1, NULL, WNOHANG)) > 0);
  return ended == 0 || errno != ECHILD;
}

_Noreturn static void end_all(int signals) {
  int64_t until = now_ms() + END_WITHIN_MS;
  kill(-1, SIGTERM);
  kill(-1, SIGCONT);
  while (reap()) {
    int64_t left = until - now_ms();
    struct pollfd child = {.fd = signals, .events = POLLIN};
    if (left <= 0 || poll(&child, 1, (int)left) == 0) break;
    struct signalfd_siginfo signal;
    (void)!read(signals, &signal, sizeof signal);
  }
  /* The kernel kills what is left of the namespace with its first process. */
  exit(0);
}

static void take_signals(int signals) {
  struct signalfd_siginfo signal;
  while (read(signals, &signal, sizeof signal) == sizeof signal) {
    if (signal.ssi_signo == SIGTERM) end_all(signals);
    (void)reap();
  }
}

static void drain(int fd) {
  char bytes[8192];
  ssize_t length;
  /* Lost messages (ENOBUFS) are no loss: all interfaces are looked at after any. */
  while ((length = recv(fd, bytes, sizeof bytes, 0)) > 0 || (length < 0 && errno == ENOBUFS));
}

static int wait_ms(void) {
  int64_t due = INT64_MAX, now = now_ms();
  for (struct nic *nic = nics; nic < nics + nic_count; nic += 1) {
    if (nic->v4.due < due) due = nic->v4.due;
    if (nic->v6.due < due) due = nic->v6.due;
  }
  if (due == INT64_MAX) return -1;
  if (due <= now) return 0;
  return due - now > INT32_MAX ? INT32_MAX : (int)(due - now);
}

_Noreturn void run_init(void) {
  sigset_t all;
  sigemptyset(&all);
  sigaddset(&all, SIGTERM);
  sigaddset(&all, SIGCHLD);
  sigprocmask(SIG_SETMASK, &all, NULL);
  int signals = signalfd(-1, &all, SFD_CLOEXEC | SFD_NONBLOCK), links = watch_links();
  raise_loopback();
  nics_scan();
  for (;;) {
    struct pollfd waiting[2 + 2 * MOST_NICS] = {{.fd = signals, .events = POLLIN}, {.fd = links, .events = POLLIN}};
    for (int i = 0; i < nic_count; i += 1) {
      /* A negative one is passed over. */
      waiting[2 + 2 * i] = (struct pollfd){.fd = nics[i].v4.socket, .events = POLLIN};
      waiting[3 + 2 * i] = (struct pollfd){.fd = nics[i].v6.socket, .events = POLLIN};
    }
    if (poll(waiting, (nfds_t)(2 + 2 * nic_count), wait_ms()) < 0 && errno != EINTR) abort();
    if (waiting[0].revents != 0) take_signals(signals);
    for (int i = 0; i < nic_count; i += 1) {
      if (waiting[2 + 2 * i].revents != 0) dhcpv4_answer(&nics[i]);
      if (waiting[3 + 2 * i].revents != 0) dhcpv6_answer(&nics[i]);
      if (nics[i].v4.due <= now_ms()) dhcpv4_tick(&nics[i]);
      if (nics[i].v6.due <= now_ms()) dhcpv6_tick(&nics[i]);
    }
    if (waiting[1].revents != 0) {
      drain(links);
      nics_scan();
    }
  }
}
