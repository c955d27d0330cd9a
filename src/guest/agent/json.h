/* JSON (RFC 8259) as the host writes it: trusted to be valid, refused when it is not. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

#include "memory.h"

enum json_type { JSON_NULL, JSON_FALSE, JSON_TRUE, JSON_NUMBER, JSON_STRING, JSON_ARRAY, JSON_OBJECT };

/* A value; the members of an array or object hang on `first`, each linked by `next`. */
struct json {
  enum json_type type;
  char *key;     /* of a member of an object */
  char *text;    /* of a string: UTF-8 with a NUL behind it */
  size_t length; /* of a string, bytes */
  double number;
  struct json *first, *next;
};

struct json *json_parse(const char *text, size_t length); /* NULL when it is not JSON */
void json_free(struct json *value);

/* All take NULL for a value that is absent. */
struct json *json_member(const struct json *object, const char *key);
const char *json_text(const struct json *object, const char *key);  /* NULL when it is no string or holds a NUL */
struct json *json_copy(const struct json *object, const char *key); /* a copy, which is the caller's */
double json_number(const struct json *object, const char *key, double otherwise);
bool json_true(const struct json *object, const char *key);
size_t json_count(const struct json *array);
bool json_is_text(const struct json *value); /* a string without a NUL in it */

/* Append a string, quoted and escaped; NULL is null. */
void json_quote(struct buffer *out, const char *text);
void json_quote_bytes(struct buffer *out, const char *bytes, size_t length);
void json_printf(struct buffer *out, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* RFC 4648 base 64. */
bool base64_decode(struct buffer *out, const char *text);
void base64_encode(struct buffer *out, const void *bytes, size_t length);
