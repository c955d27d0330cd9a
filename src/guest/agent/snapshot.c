/* snapshot: what the node is and runs now, in the kernel's own words; no program is started for it. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "channel.h"
#include "methods.h"
#include "tree.h"

static void put_file(struct buffer *out, const char *path) {
  struct buffer text = {0};
  read_whole(path, &text);
  json_quote_bytes(out, text.bytes, text.length);
  buffer_free(&text);
}

static void put_below(struct buffer *out, pid_t pid);

static void put_children(struct buffer *out, pid_t pid, const char *thread) {
  char path[320];
  struct buffer children = {0};
  snprintf(path, sizeof path, "/proc/%d/task/%s/children", (int)pid, thread);
  read_whole(path, &children);
  buffer_append(&children, "", 1);
  char *at = children.bytes, *end;
  for (long child; (child = strtol(at, &end, 10)) > 0 && end != at; at = end) put_below(out, (pid_t)child);
  buffer_free(&children);
}

/* Command lines of a process and all that descend from it; those of the kernel's own threads do not descend from init.
 */
static void put_below(struct buffer *out, pid_t pid) {
  char path[64];
  struct buffer line = {0};
  snprintf(path, sizeof path, "/proc/%d/cmdline", (int)pid);
  read_whole(path, &line);
  if (pid != getpid() && line.length > 0) {
    if (out->bytes[out->length - 1] != '[') buffer_text(out, ",");
    json_quote_bytes(out, line.bytes, line.length);
  }
  buffer_free(&line);
  snprintf(path, sizeof path, "/proc/%d/task", (int)pid);
  DIR *threads = opendir(path);
  for (struct dirent *thread; threads != NULL && (thread = readdir(threads)) != NULL;)
    if (thread->d_name[0] != '.') put_children(out, pid, thread->d_name);
  if (threads != NULL) closedir(threads);
}

/* Name, flags, MTU and MAC of each network interface. */
static void put_links(struct buffer *out) {
  static const char *const facts[] = {"flags", "mtu", "address"};
  DIR *links = opendir("/sys/class/net");
  bool first = true;
  for (struct dirent *link; links != NULL && (link = readdir(links)) != NULL;) {
    char path[512];
    snprintf(path, sizeof path, "/sys/class/net/%s/flags", link->d_name);
    if (link->d_name[0] == '.' || access(path, R_OK) < 0) continue;
    buffer_text(out, first ? "[" : ",[");
    first = false;
    json_quote(out, link->d_name);
    for (size_t fact = 0; fact < sizeof facts / sizeof *facts; fact += 1) {
      snprintf(path, sizeof path, "/sys/class/net/%s/%s", link->d_name, facts[fact]);
      buffer_text(out, ",");
      put_file(out, path);
    }
    buffer_text(out, "]");
  }
  if (links != NULL) closedir(links);
}

static void opened(struct channel *channel, const struct json *parameters) {
  (void)parameters;
  static const struct {
    const char *name, *path;
  } tables[] = {{"ipv4Addresses", "/proc/net/fib_trie"},
                {"ipv6Addresses", "/proc/net/if_inet6"},
                {"ipv4Routes", "/proc/net/route"},
                {"ipv6Routes", "/proc/net/ipv6_route"}};
  struct buffer text = {0};
  buffer_text(&text, "{\"commandLines\":[");
  put_below(&text, 1);
  buffer_text(&text, "],\"links\":[");
  put_links(&text);
  buffer_text(&text, "]");
  for (size_t table = 0; table < sizeof tables / sizeof *tables; table += 1) {
    buffer_text(&text, ",\"");
    buffer_text(&text, tables[table].name);
    buffer_text(&text, "\":");
    put_file(&text, tables[table].path);
  }
  buffer_append(&text, "}", 2);
  channel_result(channel, text.bytes);
  buffer_free(&text);
}

const struct method snapshot_method = {.name = "snapshot", .opened = opened};
