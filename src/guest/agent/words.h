/* Names for numbers, as Node.js has them. */
#pragma once

const char *signal_name(int number); /* "SIGTERM"; "SIG42" where it has none */
int signal_number(const char *name); /* 0 when there is none of that name */
const char *error_text(int error);   /* "ENOENT: No such file or directory" */
