#pragma once
/* The first process of the instance: configures its interfaces and reaps its processes until SIGTERM. Does not come back. */
_Noreturn void run_init(void);
