import { writeFileSync } from "node:fs";
import { getPriority } from "node:os";

/**
 * Give this process's session the priority that the process was started with: the kernel may weigh whole sessions against
 * each other (sched(7), autogroup), and then a low priority (`nice`) means nothing to those outside of a new one.
 */
export function keepPriorityInSession(): void {
  const priority = getPriority();
  if (priority <= 0) return;
  try {
    writeFileSync("/proc/self/autogroup", String(priority));
  } catch {
    // A kernel without autogroups weighs processes.
  }
}
