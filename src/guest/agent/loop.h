/* One event loop (epoll(7)): descriptors, timers, children. */
#pragma once
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* A descriptor (-1 for none) and whom to call when it is ready. */
struct watch {
  int fd;
  uint32_t events; /* EPOLLIN, EPOLLOUT, EPOLLERR; 0 while nobody waits */
  void (*ready)(struct watch *watch, uint32_t events);
  bool always_ready; /* a file: there is nothing to wait for */
};

struct timer {
  uint64_t at; /* milliseconds of CLOCK_MONOTONIC; 0 when it is not set */
  void (*fire)(struct timer *timer);
  struct timer *next;
};

/* A child and whom to call with its status (wait(2)) when it has ended. */
struct child {
  pid_t pid;
  void (*ended)(struct child *child, int status);
  struct child *next;
};

void loop_start(void);
/* Wait for one thing that happens, and let it happen. */
void loop_turn(void);
uint64_t now_ms(void);

void watch_for(struct watch *watch, uint32_t events);
int watch_take(struct watch *watch);   /* its descriptor, which is the caller's then */
void watch_close(struct watch *watch); /* and its descriptor */

void timer_set(struct timer *timer, uint64_t delay_ms);
void timer_clear(struct timer *timer);

void child_add(struct child *child);
void child_forget(struct child *child); /* it is reaped without a word */
