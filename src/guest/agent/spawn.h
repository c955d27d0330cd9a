/* Starting programs. */
#pragma once
#include <stdbool.h>
#include <sys/types.h>

#include "json.h"

/* What a program is started with. */
struct program {
  char **arguments;   /* NULL behind the last */
  char **environment; /* likewise: NAME=value */
  const char *directory;
  int streams[3]; /* become its standard streams */
  bool terminal;  /* stream 0 becomes its controlling terminal */
};

/* Start it as the leader of a session of its own. Its pid; or -1 with the reason in errno. */
pid_t spawn(const struct program *program);
/* Send a signal to the process group of `leader`, if there still is one. */
void signal_group(pid_t leader, int signal);

/* From now on all programs have the `variables` of this object besides what every one has. */
void set_node_environment(const struct json *request);
/* That environment with more variables, as NAME=value; to be freed with free_strings(). */
char **environment_with(const struct json *variables);
/* The texts of an array; NULL when one of them is no text. */
char **strings_of(const struct json *array);
void free_strings(char **strings);
