/* What the image, and the code that came with the launch, want to run in every node before it is frozen. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "json.h"
#include "loop.h"
#include "methods.h"
#include "tree.h"

#define IMAGE_BOOT_FILE "/etc/kestrel/boot.json"
#define STACK_BOOT_FILE "/opt/kestrel/boot.json"
enum { LOOK_EVERY_MS = 20 };

static void look_again(struct timer *timer) { timer_set(timer, LOOK_EVERY_MS); }

/* How long that may take is known by the host, which gives the machine up; the console says what is missing. */
static void wait_for_file(const char *path) {
  if (access(path, F_OK) == 0) return;
  printf("kestrel-agent: waiting for %s\n", path);
  struct timer look = {.fire = look_again};
  timer_set(&look, LOOK_EVERY_MS);
  while (access(path, F_OK) < 0) loop_turn();
  timer_clear(&look);
}

static void boot_from(const char *path) {
  struct buffer text = {0};
  read_whole(path, &text);
  if (text.length == 0) return;
  struct json *boot = json_parse(text.bytes, text.length);
  buffer_free(&text);
  const struct json *started = json_member(boot, "services"), *ready = json_member(boot, "readiness");
  for (struct json *each = started == NULL ? NULL : started->first; each != NULL; each = each->next)
    start_boot_service(each);
  for (struct json *each = ready == NULL ? NULL : ready->first; each != NULL; each = each->next) {
    const char *file = json_text(each, "file");
    if (file != NULL) wait_for_file(file);
  }
  json_free(boot);
}

void boot_image(void) {
  services_boot(true);
  boot_from(IMAGE_BOOT_FILE);
  boot_from(STACK_BOOT_FILE);
  services_boot(false);
}
