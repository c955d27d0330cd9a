#include "json.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_DEPTH 32

struct reader {
  const char *at, *end;
};

static struct json *read_value(struct reader *in, int depth);

/* Unlike strchr(3), a zero byte is in no set. */
static bool is_one_of(char letter, const char *set) { return letter != 0 && strchr(set, letter) != NULL; }

static void skip_space(struct reader *in) {
  while (in->at < in->end && is_one_of(*in->at, " \t\n\r")) in->at += 1;
}

static bool take(struct reader *in, char wanted) {
  skip_space(in);
  if (in->at == in->end || *in->at != wanted) return false;
  in->at += 1;
  return true;
}

static int hexadecimal(struct reader *in) {
  if (in->end - in->at < 4) return -1;
  int value = 0;
  for (int digit = 0; digit < 4; digit += 1, in->at += 1) {
    if (!isxdigit((unsigned char)*in->at)) return -1;
    value = value * 16 + (isdigit((unsigned char)*in->at) ? *in->at - '0' : tolower(*in->at) - 'a' + 10);
  }
  return value;
}

static void append_code_point(struct buffer *out, int code) {
  char bytes[4];
  size_t length = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  static const unsigned char lead[] = {0, 0, 0xc0, 0xe0, 0xf0};
  for (size_t at = length; at-- > 1; code >>= 6) bytes[at] = (char)(0x80 | (code & 0x3f));
  bytes[0] = (char)(lead[length] | code);
  buffer_append(out, bytes, length);
}

static bool read_escape(struct reader *in, struct buffer *out) {
  if (in->at == in->end) return false;
  static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
  char letter = *in->at++;
  if (letter != 'u') {
    if (!is_one_of(letter, from)) return false;
    buffer_append(out, &to[strchr(from, letter) - from], 1);
    return true;
  }
  int code = hexadecimal(in);
  bool high = code >= 0xd800 && code < 0xdc00;
  if (high && in->end - in->at >= 6 && in->at[0] == '\\' && in->at[1] == 'u') {
    struct reader ahead = {in->at + 2, in->end};
    int low = hexadecimal(&ahead);
    if (low >= 0xdc00 && low < 0xe000) {
      in->at = ahead.at;
      code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
    }
  }
  if (code < 0) return false;
  append_code_point(out, code);
  return true;
}

/* A string into memory of its own; NULL when it is none. */
static char *read_string(struct reader *in, size_t *length) {
  if (!take(in, '"')) return NULL;
  struct buffer out = {0};
  buffer_reserve(&out, 1);
  while (in->at < in->end && *in->at != '"') {
    if (*in->at != '\\') {
      const char *start = in->at;
      while (in->at < in->end && *in->at != '"' && *in->at != '\\') in->at += 1;
      buffer_append(&out, start, (size_t)(in->at - start));
    } else if (in->at += 1, !read_escape(in, &out)) {
      break;
    }
  }
  if (in->at == in->end || *in->at != '"') {
    buffer_free(&out);
    return NULL;
  }
  in->at += 1;
  *length = out.length;
  buffer_append(&out, "", 1);
  return out.bytes;
}

static bool read_members(struct reader *in, struct json *parent, char close, int depth) {
  if (take(in, close)) return true;
  struct json **tail = &parent->first;
  do {
    char *key = NULL;
    size_t length;
    if (parent->type == JSON_OBJECT && ((key = read_string(in, &length)) == NULL || !take(in, ':'))) {
      free(key);
      return false;
    }
    *tail = read_value(in, depth + 1);
    if (*tail == NULL) {
      free(key);
      return false;
    }
    (*tail)->key = key;
    tail = &(*tail)->next;
  } while (take(in, ','));
  return take(in, close);
}

static bool read_word(struct reader *in, const char *word) {
  size_t length = strlen(word);
  if ((size_t)(in->end - in->at) < length || memcmp(in->at, word, length) != 0) return false;
  in->at += length;
  return true;
}

static bool read_number(struct reader *in, double *number) {
  char digits[32];
  size_t length = 0;
  while (in->at < in->end && length < sizeof digits - 1 &&
         (isdigit((unsigned char)*in->at) || is_one_of(*in->at, "+-.eE")))
    digits[length++] = *in->at++;
  digits[length] = 0;
  char *end;
  *number = strtod(digits, &end);
  return length > 0 && *end == 0;
}

static struct json *read_value(struct reader *in, int depth) {
  if (depth > MAX_DEPTH) return NULL;
  skip_space(in);
  if (in->at == in->end) return NULL;
  struct json *value = allocate(sizeof *value);
  bool good;
  switch (*in->at) {
    case '{':
      value->type = JSON_OBJECT;
      in->at += 1;
      good = read_members(in, value, '}', depth);
      break;
    case '[':
      value->type = JSON_ARRAY;
      in->at += 1;
      good = read_members(in, value, ']', depth);
      break;
    case '"':
      value->type = JSON_STRING;
      value->text = read_string(in, &value->length);
      good = value->text != NULL;
      break;
    case 't':
      value->type = JSON_TRUE;
      good = read_word(in, "true");
      break;
    case 'f':
      value->type = JSON_FALSE;
      good = read_word(in, "false");
      break;
    case 'n':
      value->type = JSON_NULL;
      good = read_word(in, "null");
      break;
    default:
      value->type = JSON_NUMBER;
      good = read_number(in, &value->number);
  }
  if (good) return value;
  json_free(value);
  return NULL;
}

struct json *json_parse(const char *text, size_t length) {
  struct reader in = {text, text + length};
  struct json *value = read_value(&in, 0);
  if (value == NULL) return NULL;
  skip_space(&in);
  if (in.at == in.end) return value;
  json_free(value);
  return NULL;
}

void json_free(struct json *value) {
  while (value != NULL) {
    struct json *next = value->next;
    json_free(value->first);
    free(value->key);
    free(value->text);
    free(value);
    value = next;
  }
}

struct json *json_member(const struct json *object, const char *key) {
  if (object == NULL || object->type != JSON_OBJECT) return NULL;
  for (struct json *member = object->first; member != NULL; member = member->next)
    if (strcmp(member->key, key) == 0) return member;
  return NULL;
}

bool json_is_text(const struct json *value) {
  return value != NULL && value->type == JSON_STRING && strlen(value->text) == value->length;
}

const char *json_text(const struct json *object, const char *key) {
  struct json *value = json_member(object, key);
  return json_is_text(value) ? value->text : NULL;
}

static struct json *copy(const struct json *value) {
  struct json *made = allocate(sizeof *made);
  *made = *value;
  made->key = value->key == NULL ? NULL : copy_text(value->key);
  if (value->text != NULL) {
    made->text = allocate(value->length + 1);
    memcpy(made->text, value->text, value->length);
  }
  made->first = made->next = NULL;
  struct json **tail = &made->first;
  for (struct json *member = value->first; member != NULL; member = member->next, tail = &(*tail)->next)
    *tail = copy(member);
  return made;
}

struct json *json_copy(const struct json *object, const char *key) {
  struct json *value = json_member(object, key);
  return value == NULL ? NULL : copy(value);
}

double json_number(const struct json *object, const char *key, double otherwise) {
  struct json *value = json_member(object, key);
  return value != NULL && value->type == JSON_NUMBER ? value->number : otherwise;
}

bool json_true(const struct json *object, const char *key) {
  struct json *value = json_member(object, key);
  return value != NULL && value->type == JSON_TRUE;
}

size_t json_count(const struct json *array) {
  size_t count = 0;
  if (array == NULL) return 0;
  for (struct json *item = array->first; item != NULL; item = item->next) count += 1;
  return count;
}

void json_quote_bytes(struct buffer *out, const char *bytes, size_t length) {
  buffer_append(out, "\"", 1);
  for (size_t at = 0; at < length; at += 1) {
    unsigned char byte = (unsigned char)bytes[at];
    if (byte == '"' || byte == '\\') buffer_append(out, "\\", 1);
    if (byte < 0x20) json_printf(out, "\\u%04x", byte);
    else buffer_append(out, &bytes[at], 1);
  }
  buffer_append(out, "\"", 1);
}

void json_quote(struct buffer *out, const char *text) {
  if (text == NULL) buffer_text(out, "null");
  else json_quote_bytes(out, text, strlen(text));
}

void json_printf(struct buffer *out, const char *format, ...) {
  char text[256];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  buffer_text(out, text);
}

static const char digits64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

bool base64_decode(struct buffer *out, const char *text) {
  uint32_t bits = 0;
  int have = 0;
  for (; *text != 0 && *text != '='; text += 1) {
    const char *digit = strchr(digits64, *text);
    if (digit == NULL) return false;
    bits = bits << 6 | (uint32_t)(digit - digits64);
    have += 6;
    if (have >= 8) {
      have -= 8;
      char byte = (char)(bits >> have);
      buffer_append(out, &byte, 1);
    }
  }
  return true;
}

void base64_encode(struct buffer *out, const void *bytes, size_t length) {
  const unsigned char *in = bytes;
  for (size_t at = 0; at < length; at += 3) {
    uint32_t bits = (uint32_t)in[at] << 16;
    if (at + 1 < length) bits |= (uint32_t)in[at + 1] << 8;
    if (at + 2 < length) bits |= in[at + 2];
    char group[4] = {digits64[bits >> 18], digits64[bits >> 12 & 63], digits64[bits >> 6 & 63], digits64[bits & 63]};
    if (at + 1 >= length) group[2] = '=';
    if (at + 2 >= length) group[3] = '=';
    buffer_append(out, group, 4);
  }
}
