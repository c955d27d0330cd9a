/* service-start, -stop, -restart, -list: the daemons that the agent keeps running; what they print is in a log each. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "channel.h"
#include "methods.h"
#include "spawn.h"
#include "tree.h"
#include "words.h"

#define LOGS "/var/log/kestrel"
/*
 * Between the end of a daemon and its next start, at first and at most: it doubles while the daemon does not run for so
 * long. And what a daemon has to end by itself.
 */
enum { RESTART_AFTER_MS = 200, RESTART_AFTER_MOST_MS = 10000, LONG_ENOUGH_MS = 10000, STOP_WITHIN_MS = 5000 };

struct service {
  char *name;
  char **arguments;
  struct json *environment; /* of its own; NULL for none */
  bool restarts_always;
  struct child child; /* pid 0 while none runs */
  bool wanted, has_ended;
  bool parks;        /* it waits on its standard input to be told which daemon to be */
  bool serves_any;   /* a parked one: not only the daemon of its own name */
  bool takes_parked; /* it may be one that was parked */
  int input;         /* of a parked one; else -1 */
  int status;        /* of the last one that ended */
  unsigned restarts;
  uint64_t started_at;
  unsigned restart_after; /* the last wait before a restart; 0 before the first */
  struct timer restart, kill;
  /* The call that waits for the end of the daemon, and whether to start it again then. */
  struct channel *stopper;
  bool start_again;
  struct service *next;
};

static struct service *services;
/* The machine is not frozen yet. */
static bool booting;

void services_boot(bool begins) { booting = begins; }

static struct service *find(const char *name) {
  struct service *service = services;
  while (service != NULL && strcmp(service->name, name) != 0) service = service->next;
  return service;
}

static void put_status(struct buffer *out, const struct service *service) {
  bool runs = service->child.pid != 0;
  buffer_text(out, "{\"name\":");
  json_quote(out, service->name);
  buffer_text(out, ",\"state\":");
  json_quote(out, runs ? "running" : service->wanted ? "failed" : "stopped");
  if (runs) json_printf(out, ",\"pid\":%d", (int)service->child.pid);
  else buffer_text(out, ",\"pid\":null");
  json_printf(out, ",\"restarts\":%u,\"exit\":", service->restarts);
  if (runs || !service->has_ended) buffer_text(out, "null}");
  else {
    buffer_text(out, "{");
    put_ending(out, service->status, false);
    buffer_text(out, "}}");
  }
}

static void tell_status(struct channel *channel, const struct service *service) {
  struct buffer text = {0};
  put_status(&text, service);
  buffer_append(&text, "", 1);
  channel_result(channel, text.bytes);
  buffer_free(&text);
}

static char *log_path(const struct service *service) {
  struct buffer path = {0};
  buffer_text(&path, LOGS "/");
  buffer_text(&path, service->name);
  buffer_append(&path, ".log", 5);
  return path.bytes;
}

static void forget(struct service *service) {
  struct service **at = &services;
  while (*at != service) at = &(*at)->next;
  *at = service->next;
  free_strings(service->arguments);
  json_free(service->environment);
  free(service->name);
  free(service);
}

static void put_strings(struct buffer *out, char *const *strings) {
  buffer_text(out, "[");
  for (; *strings != NULL; strings += 1) {
    json_quote(out, *strings);
    if (strings[1] != NULL) buffer_text(out, ",");
  }
  buffer_text(out, "]");
}

/* What a parked process prints goes on in the file it has open; one that is there already keeps its lines. */
static bool take_log(const struct service *service, const struct service *parked) {
  char *from = log_path(parked), *to = log_path(service);
  bool taken = access(to, F_OK) < 0 && rename(from, to) == 0;
  free(from);
  free(to);
  return taken;
}

static bool waits(const struct service *service) { return service->input >= 0 && service->child.pid != 0; }

/* Tell a parked process that it is this daemon now: its arguments and environment in one line of JSON. */
static bool tell_parked(struct service *parked, const struct service *service, char *const *environment) {
  struct buffer line = {0};
  buffer_text(&line, "{\"arguments\":");
  put_strings(&line, service->arguments);
  buffer_text(&line, ",\"environment\":");
  put_strings(&line, environment);
  buffer_text(&line, "}\n");
  bool told = write(parked->input, line.bytes, line.length) == (ssize_t)line.length;
  buffer_free(&line);
  if (!told) return false;
  close(parked->input);
  parked->input = -1;
  return true;
}

/* Let the daemon be the process that was parked for it. */
static bool become_own_parked(struct service *service) {
  if (!service->takes_parked || !waits(service)) return false;
  char **environment = environment_with(service->environment);
  bool taken = tell_parked(service, service, environment);
  free_strings(environment);
  if (taken) service->wanted = true;
  return taken;
}

/* Let the daemon be a process that was parked for any. */
static bool take_parked(struct service *service, char *const *environment) {
  struct service *parked = services;
  while (parked != NULL && !(waits(parked) && parked->serves_any)) parked = parked->next;
  if (parked == NULL || !take_log(service, parked) || !tell_parked(parked, service, environment)) return false;
  child_forget(&parked->child);
  service->child.pid = parked->child.pid;
  child_add(&service->child);
  forget(parked);
  return true;
}

static void start(struct service *service) {
  char **environment = environment_with(service->environment);
  mkdir(LOGS, 0755);
  service->started_at = now_ms();
  if (service->takes_parked && take_parked(service, environment)) {
    free_strings(environment);
    return;
  }
  char *log = log_path(service);
  int output = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  int input = -1, pipe_ends[2];
  if (service->parks && pipe2(pipe_ends, O_CLOEXEC) == 0) {
    input = pipe_ends[0];
    service->input = pipe_ends[1];
  } else {
    input = open("/dev/null", O_RDONLY | O_CLOEXEC);
  }
  struct program program = {.arguments = service->arguments,
                            .environment = environment,
                            .directory = "/root",
                            .streams = {input, output, output}};
  pid_t pid = output < 0 ? -1 : spawn(&program);
  if (pid < 0) {
    printf("kestrel-agent: service %s: %s\n", service->name, error_text(errno));
    service->has_ended = true;
    service->status = 127 << 8;
  } else {
    service->child.pid = pid;
    child_add(&service->child);
  }
  if (output >= 0) close(output);
  if (input >= 0) close(input);
  free_strings(environment);
  free(log);
}

static void restart_now(struct timer *timer) {
  struct service *service = container_of(timer, struct service, restart);
  service->restarts += 1;
  start(service);
}

static void kill_now(struct timer *timer) {
  signal_group(container_of(timer, struct service, kill)->child.pid, SIGKILL);
}

/* The daemon of a stop or restart is gone: tell who waits. */
static void stopped(struct service *service) {
  struct channel *channel = service->stopper;
  service->stopper = NULL;
  if (service->start_again) {
    service->start_again = false;
    service->wanted = true;
    start(service);
  }
  if (channel == NULL) return;
  channel->state = NULL;
  tell_status(channel, service);
}

static unsigned next_delay(struct service *service) {
  bool ran_long = now_ms() - service->started_at >= LONG_ENOUGH_MS;
  unsigned doubled = service->restart_after * 2;
  if (ran_long || doubled == 0) service->restart_after = RESTART_AFTER_MS;
  else service->restart_after = doubled < RESTART_AFTER_MOST_MS ? doubled : RESTART_AFTER_MOST_MS;
  return service->restart_after;
}

/* What should have waited to be a daemon has ended: a machine that is never ready to be frozen says why, and ends. */
static void boot_failed(const struct service *service) {
  char *log = log_path(service);
  struct buffer said = {0};
  read_whole(log, &said);
  printf("kestrel-agent: %s ended before it was parked:\n%s\n", service->name, said.length == 0 ? "" : said.bytes);
  fflush(stdout);
  sync();
  reboot(RB_POWER_OFF);
}

static void ended(struct child *child, int status) {
  struct service *service = container_of(child, struct service, child);
  service->child.pid = 0;
  service->has_ended = true;
  service->status = status;
  if (service->input >= 0) {
    if (booting) boot_failed(service);
    close(service->input);
  }
  service->input = -1;
  timer_clear(&service->kill);
  if (service->wanted && service->restarts_always) timer_set(&service->restart, next_delay(service));
  if (!service->wanted) stopped(service);
}

static void stop(struct service *service, struct channel *channel, bool start_again) {
  service->wanted = false;
  service->start_again = start_again;
  service->stopper = channel;
  channel->state = service;
  timer_clear(&service->restart);
  if (service->child.pid == 0) {
    stopped(service);
    return;
  }
  signal_group(service->child.pid, SIGTERM);
  timer_set(&service->kill, STOP_WITHIN_MS);
}

static void released(struct channel *channel) {
  struct service *service = channel->state;
  if (service != NULL) service->stopper = NULL;
}

/* What is told of a service that is being stopped for somebody else already. */
static bool is_busy(struct channel *channel, const struct service *service) {
  if (service->stopper == NULL) return false;
  channel_fault(channel, (struct fault){.kind = "input",
                                        .step = "control the service",
                                        .subject = service->name,
                                        .found = "that another call is stopping it"});
  return true;
}

static struct service *add(const char *name) {
  struct service *service = allocate(sizeof *service);
  service->name = copy_text(name);
  service->input = -1;
  service->child.ended = ended;
  service->restart.fire = restart_now;
  service->kill.fire = kill_now;
  struct service **last = &services;
  while (*last != NULL) last = &(*last)->next;
  *last = service;
  return service;
}

static void define(struct service *service, char **arguments, const struct json *request) {
  free_strings(service->arguments);
  service->arguments = arguments;
  json_free(service->environment);
  service->environment = json_copy(request, "env");
  const char *policy = json_text(request, "restart");
  service->restarts_always = policy != NULL && strcmp(policy, "always") == 0;
  service->takes_parked = json_true(request, "parked");
  service->restarts = 0;
  service->restart_after = 0;
}

static void opened_start(struct channel *channel, const struct json *parameters) {
  const char *name = json_text(parameters, "name");
  char **arguments = strings_of(json_member(parameters, "command"));
  struct service *service = name == NULL ? NULL : find(name);
  bool valid = name != NULL && strchr(name, '/') == NULL && arguments != NULL && arguments[0] != NULL;
  if (!valid || (service != NULL && is_busy(channel, service))) {
    free_strings(arguments);
    if (!valid)
      channel_fault(channel, (struct fault){.kind = "input",
                                            .step = "start the service",
                                            .subject = name,
                                            .expected = "a name without a slash, and a program",
                                            .found = "none"});
    return;
  }
  if (service == NULL) service = add(name);
  define(service, arguments, parameters);
  service->parks = false;
  if (become_own_parked(service)) tell_status(channel, service);
  else stop(service, channel, true);
}

void start_boot_service(const struct json *request) {
  const char *name = json_text(request, "name");
  char **arguments = strings_of(json_member(request, "command"));
  if (name == NULL || arguments == NULL || arguments[0] == NULL) {
    free_strings(arguments);
    return;
  }
  struct service *service = add(name);
  define(service, arguments, request);
  /* Here it says for whom it waits. */
  const char *waits_for = json_text(request, "parked");
  service->parks = waits_for != NULL;
  service->serves_any = waits_for != NULL && strcmp(waits_for, "any") == 0;
  service->wanted = true;
  start(service);
}

static struct service *named(struct channel *channel, const struct json *parameters) {
  const char *name = json_text(parameters, "name");
  struct service *service = name == NULL ? NULL : find(name);
  if (service != NULL) return is_busy(channel, service) ? NULL : service;
  struct buffer known = {0};
  buffer_text(&known, services == NULL ? "a service that was started" : "one of ");
  for (struct service *each = services; each != NULL; each = each->next) {
    buffer_text(&known, each->name);
    if (each->next != NULL) buffer_text(&known, ", ");
  }
  buffer_append(&known, "", 1);
  channel_fault(channel, (struct fault){.kind = "input",
                                        .step = "find the service",
                                        .subject = name,
                                        .expected = known.bytes,
                                        .found = "none of that name"});
  buffer_free(&known);
  return NULL;
}

static void opened_stop(struct channel *channel, const struct json *parameters) {
  struct service *service = named(channel, parameters);
  if (service != NULL) stop(service, channel, false);
}

static void opened_restart(struct channel *channel, const struct json *parameters) {
  struct service *service = named(channel, parameters);
  if (service != NULL) stop(service, channel, true);
}

static void opened_list(struct channel *channel, const struct json *parameters) {
  (void)parameters;
  struct buffer text = {0};
  buffer_text(&text, "[");
  for (struct service *service = services; service != NULL; service = service->next) {
    put_status(&text, service);
    if (service->next != NULL) buffer_text(&text, ",");
  }
  buffer_append(&text, "]", 2);
  channel_result(channel, text.bytes);
  buffer_free(&text);
}

void services_waiting(struct buffer *out) {
  for (struct service *service = services; service != NULL; service = service->next) {
    if (service->restart.at == 0) continue;
    if (out->length > 1) buffer_text(out, ",");
    json_quote(out, service->name);
  }
}

const struct method service_start_method = {.name = "service-start", .opened = opened_start, .released = released};
const struct method service_stop_method = {.name = "service-stop", .opened = opened_stop, .released = released};
const struct method service_restart_method = {
    .name = "service-restart", .opened = opened_restart, .released = released};
const struct method service_list_method = {.name = "service-list", .opened = opened_list};
