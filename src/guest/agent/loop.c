#include "loop.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int epoll = -1;
static struct timer *timers;
static struct child *children;

static void reap(struct watch *watch, uint32_t events);
static struct watch child_signals = {.fd = -1, .ready = reap};

void loop_start(void) {
  epoll = epoll_create1(EPOLL_CLOEXEC);
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGCHLD);
  sigprocmask(SIG_BLOCK, &signals, NULL);
  signal(SIGPIPE, SIG_IGN);
  child_signals.fd = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
  if (epoll < 0 || child_signals.fd < 0) {
    perror("kestrel-agent: event loop");
    exit(1);
  }
  watch_for(&child_signals, EPOLLIN);
}

uint64_t now_ms(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (uint64_t)time.tv_sec * 1000 + (uint64_t)time.tv_nsec / 1000000;
}

static int until_next_timer(void) {
  if (timers == NULL) return -1;
  uint64_t now = now_ms(), next = timers->at;
  for (struct timer *timer = timers; timer != NULL; timer = timer->next)
    if (timer->at < next) next = timer->at;
  return next <= now ? 0 : (int)(next - now);
}

static void fire_due_timer(void) {
  uint64_t now = now_ms();
  for (struct timer *timer = timers; timer != NULL; timer = timer->next) {
    if (timer->at > now) continue;
    timer_clear(timer);
    timer->fire(timer);
    return;
  }
}

void loop_turn(void) {
  /* One event a turn: what is done for it may close any other descriptor. */
  struct epoll_event event;
  int count = epoll_wait(epoll, &event, 1, until_next_timer());
  if (count > 0) {
    struct watch *watch = event.data.ptr;
    watch->ready(watch, event.events);
  }
  if (timers != NULL) fire_due_timer();
}

void watch_for(struct watch *watch, uint32_t events) {
  if (watch->fd < 0 || watch->events == events) return;
  struct epoll_event event = {.events = events, .data.ptr = watch};
  /* Nobody waits: an end that hangs up would be told all the same, again and again. */
  int call = events == 0 ? EPOLL_CTL_DEL : watch->events == 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD;
  if (epoll_ctl(epoll, call, watch->fd, &event) == 0) watch->events = events;
  else if (errno == EPERM) watch->always_ready = true;
}

int watch_take(struct watch *watch) {
  watch_for(watch, 0);
  int fd = watch->fd;
  watch->fd = -1;
  return fd;
}

void watch_close(struct watch *watch) {
  if (watch->fd >= 0) close(watch_take(watch));
}

void timer_set(struct timer *timer, uint64_t delay_ms) {
  timer_clear(timer);
  timer->at = now_ms() + delay_ms;
  timer->next = timers;
  timers = timer;
}

void timer_clear(struct timer *timer) {
  if (timer->at == 0) return;
  struct timer **at = &timers;
  while (*at != timer) at = &(*at)->next;
  *at = timer->next;
  timer->at = 0;
}

void child_add(struct child *child) {
  child->next = children;
  children = child;
}

void child_forget(struct child *child) {
  for (struct child **at = &children; *at != NULL; at = &(*at)->next) {
    if (*at != child) continue;
    *at = child->next;
    return;
  }
}

static void reap(struct watch *watch, uint32_t events) {
  (void)events;
  struct signalfd_siginfo told;
  while (read(watch->fd, &told, sizeof told) > 0) continue;
  int status;
  for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;) {
    struct child *child = children;
    while (child != NULL && child->pid != pid) child = child->next;
    if (child == NULL) continue;
    child_forget(child);
    child->ended(child, status);
  }
}
