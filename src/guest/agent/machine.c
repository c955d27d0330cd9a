/*
 * What concerns the whole machine. `apply` makes a node of a clone: the host, which knows who the node is, sends what
 * is to be done in order; each operation is done although others failed, and the result has a text or null for each.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <linux/random.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "channel.h"
#include "methods.h"
#include "spawn.h"
#include "tree.h"
#include "words.h"

/* One routing socket for all requests of an `apply`. */
static int routing = -1;

/* Each operation gives 0 or an errno; what else it has to say it appends, as JSON. */
static int apply_entropy(const struct json *operation, struct buffer *said) {
  (void)said;
  struct buffer bytes = {0};
  const char *text = json_text(operation, "base64");
  if (text == NULL || !base64_decode(&bytes, text)) return EINVAL;
  struct rand_pool_info *info = allocate(sizeof *info + bytes.length);
  info->entropy_count = (int)bytes.length * 8;
  info->buf_size = (int)bytes.length;
  memcpy(info->buf, bytes.bytes, bytes.length);
  int random = open("/dev/random", O_WRONLY | O_CLOEXEC);
  int error = 0;
  /* With full credit, and so that all that the kernel gives out from now on follows from it (random(4)). */
  if (random < 0 || ioctl(random, RNDADDENTROPY, info) < 0 || ioctl(random, RNDRESEEDCRNG, NULL) < 0) error = errno;
  if (random >= 0) close(random);
  free(info);
  buffer_free(&bytes);
  return error;
}

static int apply_clock(const struct json *operation, struct buffer *said) {
  (void)said;
  double milliseconds = json_number(operation, "epochMs", 0);
  struct timespec time = {.tv_sec = (time_t)(milliseconds / 1000)};
  time.tv_nsec = (long)((milliseconds - (double)time.tv_sec * 1000) * 1e6);
  return clock_settime(CLOCK_REALTIME, &time) < 0 ? errno : 0;
}

static int apply_write(const struct json *operation, struct buffer *said) {
  (void)said;
  const char *path = json_text(operation, "path"), *text = json_text(operation, "text");
  if (path == NULL || text == NULL) return EINVAL;
  mode_t mode = (mode_t)json_number(operation, "mode", 0644);
  /* Parameters of the kernel are there or not: nothing makes one. */
  int create = json_true(operation, "create") ? O_CREAT : 0;
  int fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC | create, mode);
  if (fd < 0) return errno;
  size_t length = strlen(text);
  int error = write(fd, text, length) != (ssize_t)length ? errno : 0;
  if (create != 0 && fchmod(fd, mode) < 0) error = errno;
  close(fd);
  return error;
}

static int apply_directory(const struct json *operation, struct buffer *said) {
  (void)said;
  const char *path = json_text(operation, "path");
  return path == NULL ? EINVAL : make_directories(path, (mode_t)json_number(operation, "mode", 0755));
}

static int apply_mount(const struct json *operation, struct buffer *said) {
  (void)said;
  const char *source = json_text(operation, "source"), *target = json_text(operation, "target");
  const char *type = json_text(operation, "type");
  if (source == NULL || target == NULL || type == NULL) return EINVAL;
  /* EBUSY: it is there already. */
  return mount(source, target, type, 0, NULL) < 0 && errno != EBUSY ? errno : 0;
}

static int apply_environment(const struct json *operation, struct buffer *said) {
  (void)said;
  set_node_environment(operation);
  return 0;
}

static int open_routing(void) {
  if (routing >= 0) return 0;
  routing = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
  if (routing < 0) return errno;
  int on = 1;
  /* Answers do not repeat the request, and explain a refusal (netlink(7)). */
  setsockopt(routing, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof on);
  setsockopt(routing, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof on);
  return 0;
}

/* A request to the routing socket, as bytes; what the kernel answers is told as bytes. */
static int apply_route(const struct json *operation, struct buffer *said) {
  struct buffer request = {0};
  const char *text = json_text(operation, "base64");
  if (text == NULL || !base64_decode(&request, text)) return EINVAL;
  char answer[8192];
  int error = open_routing();
  ssize_t length = -1;
  if (error == 0 && send(routing, request.bytes, request.length, 0) >= 0)
    length = recv(routing, answer, sizeof answer, 0);
  if (error == 0 && length < 0) error = errno;
  buffer_free(&request);
  if (error != 0) return error;
  buffer_text(said, "\"");
  base64_encode(said, answer, (size_t)length);
  buffer_text(said, "\"");
  return 0;
}

static const struct {
  const char *name;
  int (*apply)(const struct json *operation, struct buffer *said);
} operations[] = {{"entropy", apply_entropy},        {"clock", apply_clock}, {"write", apply_write},
                  {"directory", apply_directory},    {"mount", apply_mount}, {"route", apply_route},
                  {"environment", apply_environment}};

static void opened_apply(struct channel *channel, const struct json *parameters) {
  struct buffer results = {0};
  const struct json *list = json_member(parameters, "operations");
  buffer_text(&results, "[");
  for (struct json *each = list == NULL ? NULL : list->first; each != NULL; each = each->next) {
    const char *name = json_text(each, "do");
    struct buffer said = {0};
    int error = ENOSYS;
    for (size_t at = 0; name != NULL && at < sizeof operations / sizeof *operations; at += 1)
      if (strcmp(operations[at].name, name) == 0) error = operations[at].apply(each, &said);
    buffer_text(&results, "{\"error\":");
    json_quote(&results, error == 0 ? NULL : error_text(error));
    buffer_text(&results, ",\"said\":");
    if (said.length == 0) buffer_text(&results, "null");
    buffer_append(&results, said.bytes, said.length);
    buffer_text(&results, each->next == NULL ? "}" : "},");
    buffer_free(&said);
  }
  buffer_append(&results, "]", 2);
  if (routing >= 0) close(routing);
  routing = -1;
  channel_result(channel, results.bytes);
  buffer_free(&results);
}

/* What `put` says of each entry of a directory, as members of a JSON array. */
static void put_entries(struct buffer *out, const char *directory,
                        bool (*put)(struct buffer *out, const char *directory, const char *name)) {
  DIR *entries = opendir(directory);
  bool first = true;
  for (struct dirent *entry; entries != NULL && (entry = readdir(entries)) != NULL;) {
    struct buffer one = {0};
    if (entry->d_name[0] != '.' && put(&one, directory, entry->d_name)) {
      if (!first) buffer_text(out, ",");
      buffer_append(out, one.bytes, one.length);
      first = false;
    }
    buffer_free(&one);
  }
  if (entries != NULL) closedir(entries);
}

static bool attribute(const char *directory, const char *name, const char *file, char *text, size_t size) {
  char path[512];
  snprintf(path, sizeof path, "%s/%s/%s", directory, name, file);
  return read_small(path, text, size) > 0;
}

static bool put_interface(struct buffer *out, const char *directory, const char *name) {
  char mac[128], index[32];
  if (!attribute(directory, name, "address", mac, sizeof mac)) return false;
  if (!attribute(directory, name, "ifindex", index, sizeof index)) return false;
  buffer_text(out, "{\"name\":");
  json_quote(out, name);
  buffer_text(out, ",\"mac\":");
  json_quote(out, mac);
  json_printf(out, ",\"index\":%d}", atoi(index));
  return true;
}

static bool put_disk(struct buffer *out, const char *directory, const char *name) {
  char serial[64];
  if (!attribute(directory, name, "serial", serial, sizeof serial)) return false;
  buffer_text(out, "{\"name\":");
  json_quote(out, name);
  buffer_text(out, ",\"serial\":");
  json_quote(out, serial);
  buffer_text(out, "}");
  return true;
}

static void opened_hardware(struct channel *channel, const struct json *parameters) {
  (void)parameters;
  struct buffer text = {0};
  buffer_text(&text, "{\"interfaces\":[");
  put_entries(&text, "/sys/class/net", put_interface);
  buffer_text(&text, "],\"disks\":[");
  put_entries(&text, "/sys/block", put_disk);
  buffer_append(&text, "]}", 3);
  channel_result(channel, text.bytes);
  buffer_free(&text);
}

static void opened_ping(struct channel *channel, const struct json *parameters) {
  (void)parameters;
  channel_result(channel, "null");
}

/* Calls under way, and services that will be started again: what a test looks at to see that nothing is left over. */
static void opened_resources(struct channel *channel, const struct json *parameters) {
  (void)parameters;
  struct buffer text = {0};
  buffer_text(&text, "[");
  channels_describe(&text, channel);
  services_waiting(&text);
  buffer_append(&text, "]", 2);
  channel_result(channel, text.bytes);
  buffer_free(&text);
}

/* The file systems are written out, then the kernel is told; nobody stops daemons one by one in a test machine. */
static void opened_shutdown(struct channel *channel, const struct json *parameters) {
  const char *how = json_text(parameters, "how");
  int command = how != NULL && strcmp(how, "reboot") == 0 ? RB_AUTOBOOT : RB_POWER_OFF;
  sync();
  if (reboot(command) < 0) {
    channel_fault(channel, (struct fault){.kind = "internal", .step = "shut down", .found = error_text(errno)});
    return;
  }
  channel_result(channel, "null");
}

/*
 * A shell on the serial console, started when somebody attaches and not before: most consoles are only recorded, and a
 * shell on each would cost every clone a process.
 */
static struct child console_shell;

static void console_shell_ended(struct child *child, int status) {
  (void)status;
  child->pid = 0;
}

static void opened_console_shell(struct channel *channel, const struct json *parameters) {
  (void)parameters;
  if (console_shell.pid == 0) {
    int console = open("/dev/ttyS0", O_RDWR | O_NOCTTY | O_CLOEXEC);
    static const char variables[] = "{\"TERM\":\"linux\"}";
    struct json *terminal = json_parse(variables, sizeof variables - 1);
    char **environment = environment_with(terminal);
    struct program shell = {.arguments = (char *[]){"bash", "-il", NULL},
                            .environment = environment,
                            .directory = "/root",
                            .streams = {console, console, console},
                            .terminal = true};
    pid_t pid = console < 0 ? -1 : spawn(&shell);
    if (pid > 0) {
      console_shell = (struct child){.pid = pid, .ended = console_shell_ended};
      child_add(&console_shell);
    }
    free_strings(environment);
    json_free(terminal);
    if (console >= 0) close(console);
  }
  channel_result(channel, "null");
}

const struct method hardware_method = {.name = "hardware", .opened = opened_hardware};
const struct method apply_method = {.name = "apply", .opened = opened_apply};
const struct method ping_method = {.name = "ping", .opened = opened_ping};
const struct method resources_method = {.name = "resources", .opened = opened_resources};
const struct method shutdown_method = {.name = "shutdown", .opened = opened_shutdown};
const struct method console_shell_method = {.name = "console-shell", .opened = opened_console_shell};
