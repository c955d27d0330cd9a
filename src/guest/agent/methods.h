/* What the host can ask for; one file each, or each few that belong together. */
#pragma once
#include "channel.h"

extern const struct method exec_method;
extern const struct method write_file_method, read_file_method, look_method;
extern const struct method connect_method;
extern const struct method service_start_method, service_stop_method, service_restart_method, service_list_method;
extern const struct method hardware_method, apply_method, snapshot_method;
extern const struct method ping_method, resources_method, shutdown_method, console_shell_method;

/* The members of an exit status: exitCode, signal, timedOut. */
void put_ending(struct buffer *out, int status, bool timed_out);
/* Names of the services that will be started again, as members of a JSON array. */
void services_waiting(struct buffer *out);
/* Start a service of the image, before anybody has asked for one. */
void start_boot_service(const struct json *request);
/* Whether what ends now keeps the machine from ever being ready to be frozen. */
void services_boot(bool begins);
/* Start all services of the image and of the launch, and wait until what makes the machine ready is there. */
void boot_image(void);
