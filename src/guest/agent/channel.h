/*
 * The accepting end of the host's channels (src/channel of Kestrel): frames, streams with credit, messages, results.
 * Bytes of a stream go to and come from descriptors; nothing is kept here beyond one window of each.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "json.h"
#include "loop.h"

#define STREAMS 3 /* that the agent uses, of the 16 there may be */

struct channel;

/* A descriptor whose bytes go to the host, as stream `stream`. */
struct source {
  struct watch watch;
  struct channel *channel;
  uint8_t stream;
  bool open;       /* until its END */
  bool unwanted;   /* the host does not read it any more: bytes are thrown away */
  uint64_t credit; /* bytes that the host has room for */
  uint64_t bytes;  /* read so far */
  uint64_t limit;  /* ends when so many bytes were read; 0 for none */
};

/* Stream 0 from the host, on its way to a descriptor. */
struct sink {
  struct watch watch;
  struct channel *channel;
  struct buffer waiting;
  uint32_t owed; /* bytes passed on that the host has no credit for again yet */
  bool ended;    /* the host has sent all */
  bool aborted;  /* the host gave up half-way */
  bool closed;   /* nobody takes bytes any more */
};

/* What a method does on events of its channel; each may be NULL. */
struct method {
  const char *name;
  void (*opened)(struct channel *channel, const struct json *parameters);
  void (*message)(struct channel *channel, const struct json *message);
  /* The host does not want it any more: end soon, by channel_result() or channel_fault(). */
  void (*cancelled)(struct channel *channel);
  void (*source_ended)(struct channel *channel, struct source *source);
  /*
   * All that the host sent is written, or it gave up (`sink.aborted`), or the descriptor takes no more (errno, else 0).
   * The descriptor is the method's then; without this it is closed.
   */
  void (*sink_ended)(struct channel *channel, int fd, int error);
  /* The channel goes away; free what `state` is. */
  void (*released)(struct channel *channel);
};

struct channel {
  uint32_t id;
  const struct method *method;
  void *state;
  struct source sources[STREAMS];
  struct sink sink;
  uint32_t messages_owed;
  struct channel *next, *previous;
};

/* Methods that the host can call; the last one has no name. */
extern const struct method *const methods[];

/* Serve the host on a descriptor until it goes away or says what is no frame; then everything of it is ended. */
void channels_serve(int line);
/* Names of the open channels' methods, as members of a JSON array. */
void channels_describe(struct buffer *out, const struct channel *but);

void source_start(struct channel *channel, uint8_t stream, int fd);
void source_end(struct source *source);           /* with END, once */
bool source_is_held(const struct source *source); /* by the host, which does not read */
void source_pump(struct source *source);
void source_say(struct channel *channel, uint8_t stream, const void *bytes, size_t length); /* a few bytes of our own */
void sink_start(struct channel *channel, int fd);
void sink_refuse(struct channel *channel); /* nobody takes its bytes */

/* Send a message; `json` is its text. */
void channel_message(struct channel *channel, const char *json);
/* End the channel with a result, as JSON text; it is gone then. */
void channel_result(struct channel *channel, const char *json);

/* An explained error (src/error of Kestrel); what is NULL is left out. */
struct fault {
  const char *kind, *step, *subject, *expected, *found;
};
void channel_fault(struct channel *channel, struct fault fault);
