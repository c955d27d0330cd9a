import type { Tour } from "../../src/tui/model/demo.ts";
import type { Terminal } from "./terminal.ts";

/** Take a tour, a key a step, and see every fact that it promises come true within the tour's own deadlines; then leave. */
export async function takeTour(terminal: Terminal, { steps }: Tour, launchDeadlineMs?: number): Promise<void> {
  await terminal.sees(`A tour in ${steps.length} steps`);
  // It is announced while machines come up.
  await terminal.sees(`space: ${steps[0]?.title ?? ""}`, launchDeadlineMs);
  for (const [index, { title, fact, deadlineMs }] of steps.entries()) {
    await terminal.keys("Space");
    await terminal.sees(`${index + 1}/${steps.length} ${title}`);
    if (fact !== undefined) await terminal.sees(`✔ ${fact.text}`, deadlineMs);
  }
  await terminal.keys("Space", "q");
  await terminal.isSane();
}
