/*
 * exec: a command in a session of its own, its streams on those of the channel. Its group is killed when the call is
 * cancelled or its time is over. Processes that it leaves in the background live on.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "channel.h"
#include "methods.h"
#include "spawn.h"
#include "words.h"

enum { STDIN, STDOUT, STDERR };
enum { NOT_EXECUTABLE = 126, NOT_FOUND = 127 };
/* After a command has ended, a descendant may hold its output open; it is looked at this often, and so many times. */
enum { LOOK_EVERY_MS = 250, MOST_LOOKS = 8 };
/* More than a pipe holds of what the command itself has written: beyond this, what comes is a descendant's. */
enum { PIPE_BYTES = 64 * 1024 };

struct command {
  struct child child;
  struct channel *channel; /* NULL when nobody waits for it any more */
  struct timer time_limit, look;
  bool ended, timed_out, terminal;
  int status;
  int looks;
  uint64_t bytes_before[STREAMS]; /* of each output, at the last look */
};

static bool output_is_open(const struct channel *channel) {
  return channel->sources[STDOUT].open || channel->sources[STDERR].open;
}

void put_ending(struct buffer *out, int status, bool timed_out) {
  buffer_text(out, "\"exitCode\":");
  if (WIFEXITED(status)) json_printf(out, "%d", WEXITSTATUS(status));
  else buffer_text(out, "null");
  buffer_text(out, ",\"signal\":");
  json_quote(out, WIFSIGNALED(status) ? signal_name(WTERMSIG(status)) : NULL);
  buffer_text(out, timed_out ? ",\"timedOut\":true" : ",\"timedOut\":false");
}

static void tell_result(struct channel *channel, int status, bool timed_out) {
  struct buffer text = {0};
  buffer_text(&text, "{");
  put_ending(&text, status, timed_out);
  buffer_append(&text, "}", 2);
  channel_result(channel, text.bytes);
  buffer_free(&text);
}

static void finish_if_done(struct command *command) {
  struct channel *channel = command->channel;
  if (channel != NULL && command->ended && !output_is_open(channel))
    tell_result(channel, command->status, command->timed_out);
}

/* The command has ended but something holds its output: leave it alone when it is silent, or goes on for too long. */
static void look(struct timer *timer) {
  struct command *command = container_of(timer, struct command, look);
  struct channel *channel = command->channel;
  bool held = source_is_held(&channel->sources[STDOUT]) || source_is_held(&channel->sources[STDERR]);
  if (!held) command->looks += 1;
  timer_set(timer, LOOK_EVERY_MS);
  for (int stream = STDOUT; stream <= STDERR; stream += 1) {
    struct source *source = &channel->sources[stream];
    bool silent = source->bytes == command->bytes_before[stream];
    command->bytes_before[stream] = source->bytes;
    if (!source->open || source_is_held(source) || !(silent || command->looks == MOST_LOOKS)) continue;
    bool last = stream == STDERR || !channel->sources[STDERR].open;
    source_end(source);
    if (last) return; /* and the channel with it */
  }
}

static void command_ended(struct child *child, int status) {
  struct command *command = container_of(child, struct command, child);
  timer_clear(&command->time_limit);
  command->ended = true;
  command->status = status;
  struct channel *channel = command->channel;
  if (channel == NULL) {
    free(command);
    return;
  }
  timer_set(&command->look, LOOK_EVERY_MS);
  for (int stream = STDOUT; stream <= STDERR; stream += 1) {
    struct source *source = &channel->sources[stream];
    command->bytes_before[stream] = source->bytes;
    source->limit = source->bytes + PIPE_BYTES;
  }
  /* Most often all of it is there now, and the end of it. The last end is that of the channel. */
  bool errors_open = channel->sources[STDERR].open, output_open = channel->sources[STDOUT].open;
  if (!errors_open && !output_open) {
    finish_if_done(command);
    return;
  }
  if (output_open) {
    source_pump(&channel->sources[STDOUT]);
    if (!errors_open) return;
  }
  source_pump(&channel->sources[STDERR]);
}

static void source_ended(struct channel *channel, struct source *source) {
  (void)source;
  if (channel->state != NULL) finish_if_done(channel->state);
}

static void kill_command(struct command *command) {
  if (!command->ended) signal_group(command->child.pid, SIGKILL);
}

static void time_is_over(struct timer *timer) {
  struct command *command = container_of(timer, struct command, time_limit);
  command->timed_out = true;
  kill_command(command);
}

static struct winsize window_of(const struct json *size) {
  return (struct winsize){.ws_row = (unsigned short)json_number(size, "rows", 24),
                          .ws_col = (unsigned short)json_number(size, "columns", 80)};
}

static void message(struct channel *channel, const struct json *message) {
  struct command *command = channel->state;
  int signal = signal_number(json_text(message, "signal"));
  if (signal != 0 && !command->ended) signal_group(command->child.pid, signal);
  const struct json *size = json_member(message, "terminal");
  if (size == NULL || !command->terminal || !channel->sources[STDOUT].open) return;
  struct winsize window = window_of(size);
  ioctl(channel->sources[STDOUT].watch.fd, TIOCSWINSZ, &window);
}

static void cancelled(struct channel *channel) { kill_command(channel->state); }

static void sink_ended(struct channel *channel, int fd, int error) {
  struct command *command = channel->state;
  /* What is the end of input for a program on a terminal is a key; closing would hang up on it. */
  if (command->terminal && error == 0 && !channel->sink.aborted && write(fd, "\004", 1) < 0) errno = 0;
  close(fd);
}

static void released(struct channel *channel) {
  struct command *command = channel->state;
  if (command == NULL) return;
  timer_clear(&command->look);
  timer_clear(&command->time_limit);
  command->channel = NULL;
  if (command->ended) free(command);
}

static void invalid(struct channel *channel, const char *program, const char *found) {
  channel_fault(channel, (struct fault){.kind = "input", .step = "run a command", .subject = program, .found = found});
}

/* The program could not be started: say why on its standard error, with the exit code of a shell. */
static void not_started(struct channel *channel, const struct program *program, int error) {
  struct buffer text = {0};
  struct stat directory;
  buffer_text(&text, program->arguments[0]);
  if (stat(program->directory, &directory) < 0) {
    buffer_text(&text, ": cannot run in ");
    buffer_text(&text, program->directory);
    buffer_text(&text, ": no such directory\n");
  } else {
    buffer_text(&text, ": ");
    buffer_text(&text, error == ENOENT   ? "not found"
                       : error == EACCES ? "permission denied"
                       : error == E2BIG  ? "argument list too long"
                                         : error_text(error));
    buffer_text(&text, "\n");
  }
  source_say(channel, STDERR, text.bytes, text.length);
  buffer_free(&text);
  int code = error == ENOENT ? NOT_FOUND : NOT_EXECUTABLE;
  tell_result(channel, code << 8, false);
}

/* Descriptors of a command: the command's ends in `program`, ours in `own`; -1 where there is none. */
static bool open_streams(struct program *program, int own[3], bool input) {
  int ends[2];
  for (int stream = STDIN; stream <= STDERR; stream += 1) {
    if (stream == STDIN && !input) {
      program->streams[STDIN] = open("/dev/null", O_RDONLY | O_CLOEXEC);
      if (program->streams[STDIN] < 0) return false;
      continue;
    }
    if (pipe2(ends, O_CLOEXEC) < 0) return false;
    own[stream] = stream == STDIN ? ends[1] : ends[0];
    program->streams[stream] = stream == STDIN ? ends[0] : ends[1];
  }
  return true;
}

static bool open_terminal(struct program *program, int own[3], const struct json *size, bool input) {
  struct winsize window = window_of(size);
  own[STDOUT] = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (own[STDOUT] < 0 || unlockpt(own[STDOUT]) < 0) return false;
  ioctl(own[STDOUT], TIOCSWINSZ, &window);
  int terminal = ioctl(own[STDOUT], TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (terminal < 0) return false;
  for (int stream = STDIN; stream <= STDERR; stream += 1)
    program->streams[stream] = fcntl(terminal, F_DUPFD_CLOEXEC, 0);
  close(terminal);
  if (input) own[STDIN] = fcntl(own[STDOUT], F_DUPFD_CLOEXEC, 0);
  program->terminal = true;
  return true;
}

static void close_all(const int fds[3]) {
  for (int at = 0; at < 3; at += 1)
    if (fds[at] >= 0) close(fds[at]);
}

static void run(struct channel *channel, struct program *program, const struct json *parameters) {
  int own[3] = {-1, -1, -1};
  for (int at = 0; at < 3; at += 1) program->streams[at] = -1;
  const struct json *terminal = json_member(parameters, "terminal");
  bool on_terminal = terminal != NULL && terminal->type == JSON_OBJECT;
  bool input = json_true(parameters, "stdin");
  bool opened = on_terminal ? open_terminal(program, own, terminal, input) : open_streams(program, own, input);
  pid_t pid = opened ? spawn(program) : -1;
  int error = errno;
  close_all(program->streams);
  if (pid < 0) {
    close_all(own);
    not_started(channel, program, error);
    return;
  }
  struct command *command = allocate(sizeof *command);
  *command = (struct command){.child = {.pid = pid, .ended = command_ended},
                              .channel = channel,
                              .terminal = on_terminal,
                              .time_limit.fire = time_is_over,
                              .look.fire = look};
  channel->state = command;
  child_add(&command->child);
  double limit = json_number(parameters, "timeoutMs", -1);
  if (limit >= 0) timer_set(&command->time_limit, (uint64_t)limit);
  if (own[STDIN] >= 0) sink_start(channel, own[STDIN]);
  else sink_refuse(channel);
  if (own[STDOUT] >= 0) source_start(channel, STDOUT, own[STDOUT]);
  if (own[STDERR] >= 0) source_start(channel, STDERR, own[STDERR]);
}

static void opened(struct channel *channel, const struct json *parameters) {
  const struct json *command = json_member(parameters, "command");
  char *shell[] = {"/bin/sh", "-c", json_is_text(command) ? command->text : NULL, NULL};
  bool by_shell = shell[2] != NULL;
  char **arguments = by_shell ? shell : strings_of(command);
  const char *directory = json_text(parameters, "cwd");
  if (arguments == NULL || (command != NULL && command->type == JSON_STRING && !by_shell))
    invalid(channel, "", "a command with a zero byte in it");
  else if (arguments[0] == NULL || arguments[0][0] == 0) invalid(channel, "", "no program");
  else {
    char **environment = environment_with(json_member(parameters, "env"));
    struct program program = {
        .arguments = arguments, .environment = environment, .directory = directory == NULL ? "/root" : directory};
    run(channel, &program, parameters);
    free_strings(environment);
  }
  if (!by_shell) free_strings(arguments);
}

const struct method exec_method = {.name = "exec",
                                   .opened = opened,
                                   .message = message,
                                   .cancelled = cancelled,
                                   .source_ended = source_ended,
                                   .sink_ended = sink_ended,
                                   .released = released};
