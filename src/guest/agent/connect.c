/* connect: a TCP connection from inside the node; one message tells that it is there, then each side may end its half.
 */
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "channel.h"
#include "methods.h"
#include "words.h"

struct connection {
  struct channel *channel;
  char *subject; /* "127.0.0.1 port 80" */
  struct addrinfo *addresses, *next;
  struct watch attempt;
  bool connected, output_ended, input_ended;
};

static void try_next(struct connection *connection, int error);

static void connect_fault(struct connection *connection, const char *found) {
  channel_fault(connection->channel, (struct fault){.kind = "input",
                                                    .step = "connect inside the node",
                                                    .subject = connection->subject,
                                                    .expected = "a TCP server",
                                                    .found = found});
}

static void connected(struct connection *connection, int fd) {
  struct channel *channel = connection->channel;
  connection->connected = true;
  channel_message(channel, "{\"connected\":true}");
  /* Each direction has a descriptor of its own, to be waited for on its own. */
  int outgoing = fcntl(fd, F_DUPFD_CLOEXEC, 0);
  source_start(channel, 0, fd);
  sink_start(channel, outgoing);
}

static void attempted(struct watch *watch, uint32_t events) {
  (void)events;
  struct connection *connection = container_of(watch, struct connection, attempt);
  int error = 0;
  socklen_t length = sizeof error;
  getsockopt(watch->fd, SOL_SOCKET, SO_ERROR, &error, &length);
  int fd = watch_take(watch);
  if (error == 0) {
    connected(connection, fd);
    return;
  }
  close(fd);
  try_next(connection, error);
}

static void try_next(struct connection *connection, int error) {
  while (connection->next != NULL) {
    struct addrinfo *address = connection->next;
    connection->next = address->ai_next;
    int fd = socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    int result = fd < 0 ? -1 : connect(fd, address->ai_addr, address->ai_addrlen);
    if (result == 0 || (fd >= 0 && errno == EINPROGRESS)) {
      connection->attempt = (struct watch){.fd = fd, .ready = attempted};
      watch_for(&connection->attempt, EPOLLOUT);
      return;
    }
    error = errno;
    if (fd >= 0) close(fd);
  }
  connect_fault(connection, error_text(error));
}

static void opened(struct channel *channel, const struct json *parameters) {
  const char *address = json_text(parameters, "address");
  int port = (int)json_number(parameters, "port", 0);
  struct connection *connection = allocate(sizeof *connection);
  channel->state = connection;
  connection->channel = channel;
  connection->attempt.fd = -1;
  struct buffer subject = {0};
  buffer_text(&subject, address == NULL ? "?" : address);
  json_printf(&subject, " port %d", port);
  buffer_append(&subject, "", 1);
  connection->subject = subject.bytes;
  char service[16];
  snprintf(service, sizeof service, "%d", port);
  struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV};
  int failure = address == NULL ? EAI_NONAME : getaddrinfo(address, service, &hints, &connection->addresses);
  if (failure != 0) {
    connect_fault(connection, gai_strerror(failure));
    return;
  }
  connection->next = connection->addresses;
  try_next(connection, EADDRNOTAVAIL);
}

static void finish_if_done(struct channel *channel) {
  struct connection *connection = channel->state;
  if (connection->output_ended && connection->input_ended) channel_result(channel, "null");
}

static void source_ended(struct channel *channel, struct source *source) {
  (void)source;
  ((struct connection *)channel->state)->output_ended = true;
  finish_if_done(channel);
}

static void sink_ended(struct channel *channel, int fd, int error) {
  (void)error;
  struct connection *connection = channel->state;
  /* What was given up half-way is not to look like an end. */
  if (channel->sink.aborted)
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &(struct linger){.l_onoff = 1}, sizeof(struct linger));
  else shutdown(fd, SHUT_WR);
  close(fd);
  connection->input_ended = true;
  finish_if_done(channel);
}

static void cancelled(struct channel *channel) {
  struct connection *connection = channel->state;
  if (connection->connected) channel_result(channel, "null");
  else connect_fault(connection, "it was given up");
}

static void released(struct channel *channel) {
  struct connection *connection = channel->state;
  if (connection == NULL) return;
  watch_close(&connection->attempt);
  if (connection->addresses != NULL) freeaddrinfo(connection->addresses);
  free(connection->subject);
  free(connection);
}

const struct method connect_method = {.name = "connect",
                                      .opened = opened,
                                      .cancelled = cancelled,
                                      .source_ended = source_ended,
                                      .sink_ended = sink_ended,
                                      .released = released};
