/* Growable bytes. An agent without memory can do nothing useful: these print that and end it. */
#pragma once
#include <stddef.h>
#include <stdint.h>

struct buffer {
  char *bytes;
  size_t length, capacity;
};

void *allocate(size_t bytes); /* zeroed */
char *copy_text(const char *text);
void buffer_reserve(struct buffer *buffer, size_t more);
void buffer_append(struct buffer *buffer, const void *bytes, size_t length);
void buffer_text(struct buffer *buffer, const char *text);
void buffer_consume(struct buffer *buffer, size_t length); /* from the front */
void buffer_free(struct buffer *buffer);

/* What stands around a member. */
#define container_of(pointer, type, member) ((type *)((char *)(pointer)-offsetof(type, member)))
