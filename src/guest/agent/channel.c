#include "channel.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

/* As in src/channel/frame.ts. */
enum frame_type { OPEN = 1, DATA, CREDIT, END, MESSAGE, CLOSE, CANCEL, STOP };
enum { HEADER = 9, MAX_DATA = 32 * 1024, MAX_JSON = 16 * 1024 * 1024, WINDOW = 256 * 1024, MESSAGE_STREAM = 255 };
static const uint32_t accepted_bit = 0x80000000;
/* Beyond so many unsent bytes no more are read from sources. */
enum { FULL = 128 * 1024 };

static struct watch line = {.fd = -1};
static struct buffer incoming, outgoing;
static struct channel *open_channels;
static uint32_t last_opened;
static bool line_lost;

static uint32_t read32(const unsigned char *at) {
  return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static void put32(unsigned char *at, uint32_t value) {
  for (int byte = 3; byte >= 0; byte -= 1, value >>= 8) at[byte] = (unsigned char)value;
}

static bool line_is_full(void) { return outgoing.length >= FULL; }

static void pump_sources(void);

static void flush(void) {
  while (outgoing.length > 0) {
    ssize_t written = write(line.fd, outgoing.bytes, outgoing.length);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) {
      if (written < 0 && errno != EAGAIN) line_lost = true;
      break;
    }
    bool was_full = line_is_full();
    buffer_consume(&outgoing, (size_t)written);
    if (was_full && !line_is_full()) pump_sources();
  }
  if (!line_lost) watch_for(&line, outgoing.length > 0 ? EPOLLIN | EPOLLOUT : EPOLLIN);
}

/* Begin a frame; its payload is appended by the caller. */
static void begin_frame(const struct channel *channel, enum frame_type type, size_t payload) {
  unsigned char header[HEADER];
  put32(header, (uint32_t)(HEADER - 4 + payload));
  put32(header + 4, channel->id | accepted_bit);
  header[8] = (unsigned char)type;
  buffer_append(&outgoing, header, sizeof header);
}

static void send_frame(const struct channel *channel, enum frame_type type, const void *payload, size_t length) {
  begin_frame(channel, type, length);
  buffer_append(&outgoing, payload, length);
}

static void send_credit(const struct channel *channel, uint8_t stream, uint32_t bytes) {
  unsigned char payload[5] = {stream};
  put32(payload + 1, bytes);
  send_frame(channel, CREDIT, payload, sizeof payload);
}

/* Sources: descriptors to the host. */

bool source_is_held(const struct source *source) {
  return source->open && !source->unwanted && (source->credit == 0 || line_is_full());
}

void source_say(struct channel *channel, uint8_t stream, const void *bytes, size_t length) {
  channel->sources[stream].credit -= length;
  begin_frame(channel, DATA, 1 + length);
  buffer_append(&outgoing, &stream, 1);
  buffer_append(&outgoing, bytes, length);
}

void source_pump(struct source *source) {
  static char bytes[MAX_DATA];
  while (source->open) {
    if (source_is_held(source)) {
      watch_for(&source->watch, 0);
      return;
    }
    size_t room = source->unwanted || source->credit > MAX_DATA ? MAX_DATA : (size_t)source->credit;
    if (source->limit != 0 && source->limit - source->bytes < room) room = (size_t)(source->limit - source->bytes);
    ssize_t length = room == 0 ? 0 : read(source->watch.fd, bytes, room);
    if (length < 0 && errno == EINTR) continue;
    if (length < 0 && errno == EAGAIN) {
      watch_for(&source->watch, EPOLLIN);
      return;
    }
    if (length <= 0) {
      /* A pseudo-terminal ends with an error when its last process has gone. */
      source_end(source);
      return;
    }
    source->bytes += (uint64_t)length;
    if (source->unwanted) continue;
    source_say(source->channel, source->stream, bytes, (size_t)length);
    /* Others want their turn: what is left is announced again. */
    if (length == MAX_DATA && !source->watch.always_ready) {
      watch_for(&source->watch, EPOLLIN);
      return;
    }
  }
}

static void source_ready(struct watch *watch, uint32_t events) {
  (void)events;
  source_pump(container_of(watch, struct source, watch));
}

void source_start(struct channel *channel, uint8_t stream, int fd) {
  struct source *source = &channel->sources[stream];
  fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
  source->watch = (struct watch){.fd = fd, .ready = source_ready};
  source->open = true;
  watch_for(&source->watch, EPOLLIN);
  if (source->watch.always_ready) source_pump(source);
}

void source_end(struct source *source) {
  if (!source->open) return;
  source->open = false;
  watch_close(&source->watch);
  if (!source->unwanted) send_frame(source->channel, END, (unsigned char[]){source->stream, 0}, 2);
  if (source->channel->method->source_ended != NULL) source->channel->method->source_ended(source->channel, source);
}

/* There is room on the line again. */
static void pump_sources(void) {
  for (struct channel *channel = open_channels, *next; channel != NULL; channel = next) {
    next = channel->next;
    struct source *file = NULL;
    for (int stream = 0; stream < STREAMS; stream += 1) {
      struct source *source = &channel->sources[stream];
      if (source->open && source->watch.always_ready) file = source;
      else if (source->open) watch_for(&source->watch, EPOLLIN);
    }
    /* Its end may be the end of the channel. */
    if (file != NULL) source_pump(file);
  }
}

/* The sink: bytes from the host to a descriptor. */

static void sink_end(struct channel *channel, int error) {
  struct sink *sink = &channel->sink;
  if (sink->closed) return;
  sink->closed = true;
  buffer_free(&sink->waiting);
  if (!sink->ended) send_frame(channel, STOP, (unsigned char[]){0}, 1);
  int fd = watch_take(&sink->watch);
  if (channel->method->sink_ended != NULL) channel->method->sink_ended(channel, fd, error);
  else close(fd);
}

static void sink_pump(struct channel *channel) {
  struct sink *sink = &channel->sink;
  if (sink->closed || sink->watch.fd < 0) return;
  while (sink->waiting.length > 0 && !sink->aborted) {
    ssize_t written = write(sink->watch.fd, sink->waiting.bytes, sink->waiting.length);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0 && errno == EAGAIN) {
      watch_for(&sink->watch, EPOLLOUT);
      return;
    }
    if (written < 0) {
      sink_end(channel, errno);
      return;
    }
    buffer_consume(&sink->waiting, (size_t)written);
    sink->owed += (uint32_t)written;
  }
  /* With nothing to write it is still told when the reader goes away. */
  watch_for(&sink->watch, EPOLLERR);
  if (sink->ended || sink->aborted) {
    sink_end(channel, 0);
  } else if (sink->owed >= WINDOW / 4) {
    send_credit(channel, 0, sink->owed);
    sink->owed = 0;
  }
}

static void sink_ready(struct watch *watch, uint32_t events) {
  struct channel *channel = container_of(watch, struct channel, sink.watch);
  if ((events & (EPOLLERR | EPOLLHUP)) != 0) sink_end(channel, EPIPE);
  else sink_pump(channel);
}

void sink_start(struct channel *channel, int fd) {
  fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
  channel->sink.watch = (struct watch){.fd = fd, .ready = sink_ready};
  sink_pump(channel);
}

void sink_refuse(struct channel *channel) { channel->sink.closed = true; }

/* Channels. */

static struct channel *open_channel(uint32_t id) {
  static const struct method unknown;
  struct channel *channel = allocate(sizeof *channel);
  channel->id = id;
  channel->method = &unknown;
  channel->sink.channel = channel;
  channel->sink.watch.fd = -1;
  for (uint8_t stream = 0; stream < STREAMS; stream += 1)
    channel->sources[stream] = (struct source){.watch.fd = -1, .channel = channel, .stream = stream, .credit = WINDOW};
  channel->next = open_channels;
  if (open_channels != NULL) open_channels->previous = channel;
  open_channels = channel;
  return channel;
}

static void release(struct channel *channel) {
  if (channel->method->released != NULL) channel->method->released(channel);
  for (int stream = 0; stream < STREAMS; stream += 1) watch_close(&channel->sources[stream].watch);
  watch_close(&channel->sink.watch);
  buffer_free(&channel->sink.waiting);
  if (channel->previous != NULL) channel->previous->next = channel->next;
  else open_channels = channel->next;
  if (channel->next != NULL) channel->next->previous = channel->previous;
  free(channel);
}

void channel_message(struct channel *channel, const char *json) {
  struct buffer text = {0};
  buffer_text(&text, "{\"message\":");
  buffer_text(&text, json);
  buffer_text(&text, "}");
  send_frame(channel, MESSAGE, text.bytes, text.length);
  buffer_free(&text);
}

static void close_with(struct channel *channel, const char *name, const char *json) {
  struct buffer text = {0};
  buffer_text(&text, "{\"");
  buffer_text(&text, name);
  buffer_text(&text, "\":");
  buffer_text(&text, json);
  buffer_text(&text, "}");
  send_frame(channel, CLOSE, text.bytes, text.length);
  buffer_free(&text);
  release(channel);
}

void channel_result(struct channel *channel, const char *json) { close_with(channel, "result", json); }

void channel_fault(struct channel *channel, struct fault fault) {
  struct buffer text = {0};
  const struct {
    const char *name, *value;
  } parts[] = {{"kind", fault.kind},
               {"step", fault.step},
               {"subject", fault.subject},
               {"expected", fault.expected},
               {"found", fault.found}};
  buffer_text(&text, "{\"message\":");
  json_quote(&text, fault.found);
  buffer_text(&text, ",\"explanation\":{");
  for (size_t part = 0; part < sizeof parts / sizeof *parts; part += 1) {
    if (parts[part].value == NULL) continue;
    if (part > 0) buffer_text(&text, ",");
    json_quote(&text, parts[part].name);
    buffer_text(&text, ":");
    json_quote(&text, parts[part].value);
  }
  buffer_text(&text, "}}");
  close_with(channel, "error", text.bytes == NULL ? "{}" : (buffer_append(&text, "", 1), text.bytes));
  buffer_free(&text);
}

void channels_describe(struct buffer *out, const struct channel *but) {
  bool first = true;
  for (struct channel *channel = open_channels; channel != NULL; channel = channel->next) {
    if (channel == but) continue;
    if (!first) buffer_text(out, ",");
    json_quote(out, channel->method->name);
    first = false;
  }
}

static bool accept_channel(uint32_t id, const char *payload, size_t length) {
  if (id != last_opened + 1) return false;
  last_opened = id;
  struct json *request = json_parse(payload, length);
  const char *name = json_text(request, "method");
  if (name != NULL) {
    struct channel *channel = open_channel(id);
    for (const struct method *const *method = methods; *method != NULL; method += 1)
      if (strcmp((*method)->name, name) == 0) channel->method = *method;
    if (channel->method->opened != NULL) channel->method->opened(channel, json_member(request, "params"));
    else
      channel_fault(channel, (struct fault){.kind = "internal",
                                            .step = "call",
                                            .subject = name,
                                            .found = "a method that the agent of the node does not have"});
  }
  bool good = name != NULL;
  json_free(request);
  return good;
}

static void receive_end(struct channel *channel, uint8_t stream, bool aborted) {
  if (stream != 0) return;
  if (aborted) channel->sink.aborted = true;
  channel->sink.ended = true;
  sink_pump(channel);
}

static void receive_data(struct channel *channel, uint8_t stream, const char *bytes, size_t length) {
  struct sink *sink = &channel->sink;
  if (stream != 0 || sink->closed || sink->ended) return;
  buffer_append(&sink->waiting, bytes, length);
  sink_pump(channel);
}

static void receive_message(struct channel *channel, const char *payload, size_t length) {
  channel->messages_owed += (uint32_t)(HEADER + length);
  if (channel->messages_owed >= WINDOW / 4) {
    send_credit(channel, MESSAGE_STREAM, channel->messages_owed);
    channel->messages_owed = 0;
  }
  struct json *message = json_parse(payload, length);
  if (channel->method->message != NULL) channel->method->message(channel, json_member(message, "message"));
  json_free(message);
}

static void receive_stop(struct channel *channel, uint8_t stream) {
  if (stream >= STREAMS) return;
  struct source *source = &channel->sources[stream];
  source->unwanted = true;
  if (!source->open) return;
  if (source->watch.always_ready) source_end(source);
  else watch_for(&source->watch, EPOLLIN);
}

static void receive_cancel(struct channel *channel) {
  for (uint8_t stream = 0; stream < STREAMS; stream += 1) {
    channel->sources[stream].unwanted = true;
    if (channel->sources[stream].open) watch_for(&channel->sources[stream].watch, EPOLLIN);
  }
  if (channel->method->cancelled != NULL) channel->method->cancelled(channel);
}

/* False when it is no frame that may come now. */
static bool dispatch(uint32_t id, unsigned type, const char *payload, size_t length) {
  if (type == OPEN) return accept_channel(id, payload, length);
  if (id == 0 || id > last_opened) return false;
  struct channel *channel = open_channels;
  while (channel != NULL && channel->id != id) channel = channel->next;
  /* Frames may cross the one that closes their channel. */
  if (channel == NULL) return type <= STOP;
  const unsigned char *bytes = (const unsigned char *)payload;
  switch (type) {
    case DATA:
      if (length < 1) return false;
      receive_data(channel, bytes[0], payload + 1, length - 1);
      return true;
    case CREDIT:
      if (length != 5) return false;
      if (bytes[0] < STREAMS) {
        struct source *source = &channel->sources[bytes[0]];
        source->credit += read32(bytes + 1);
        source_pump(source);
      }
      return true;
    case END:
      if (length != 2) return false;
      receive_end(channel, bytes[0], bytes[1] != 0);
      return true;
    case MESSAGE:
      receive_message(channel, payload, length);
      return true;
    case CANCEL:
      receive_cancel(channel);
      return true;
    case STOP:
      if (length != 1) return false;
      receive_stop(channel, bytes[0]);
      return true;
    default:
      return false;
  }
}

/* Take the whole frames out of what has come. False at what is none. */
static bool take_frames(void) {
  size_t at = 0;
  bool good = true;
  while (good && incoming.length - at >= HEADER) {
    const unsigned char *header = (const unsigned char *)incoming.bytes + at;
    uint32_t length = read32(header);
    if (length < HEADER - 4 || length > HEADER - 4 + MAX_JSON) good = false;
    else if (incoming.length - at < 4 + (size_t)length) break;
    else {
      good = dispatch(read32(header + 4), header[8], (const char *)header + HEADER, length - (HEADER - 4));
      at += 4 + (size_t)length;
    }
  }
  buffer_consume(&incoming, at);
  return good;
}

static void line_ready(struct watch *watch, uint32_t events) {
  if ((events & (EPOLLIN | EPOLLHUP)) != 0) {
    buffer_reserve(&incoming, 64 * 1024);
    ssize_t length = read(watch->fd, incoming.bytes + incoming.length, 64 * 1024);
    if (length > 0) incoming.length += (size_t)length;
    else if (length == 0 || (errno != EAGAIN && errno != EINTR)) line_lost = true;
    if (length > 0 && !take_frames()) {
      fputs("kestrel-agent: the host sent what is no frame\n", stderr);
      line_lost = true;
    }
  }
}

void channels_serve(int fd) {
  line = (struct watch){.fd = fd, .ready = line_ready};
  line_lost = false;
  last_opened = 0;
  watch_for(&line, EPOLLIN);
  while (!line_lost) {
    loop_turn();
    if (outgoing.length > 0) flush();
  }
  watch_for(&line, 0);
  while (open_channels != NULL) {
    if (open_channels->method->cancelled != NULL) {
      struct channel *first = open_channels;
      receive_cancel(first);
      if (open_channels != first) continue;
    }
    release(open_channels);
  }
  incoming.length = outgoing.length = 0;
}
