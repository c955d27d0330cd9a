import { setTimeout as pause } from "node:timers/promises";
import { KestrelError } from "../error/kestrel-error.ts";
import type { Guest } from "../guest/index.ts";

const deadlineMs = 60_000;
const lookEveryMs = 10;

/**
 * Wait until the kernel of a node uses the carriers that its ports were given, which it does a moment later: before that it
 * sends nothing, and has no link-local addresses (RFC 2863 section 3.1.14, ifOperStatus).
 *
 * @param linked - names of the ports that have a carrier, asked again for each look
 * @throws KestrelError (host) naming the ports that it does not use in time
 */
export async function untilLinksSeen(
  guest: Guest,
  node: string,
  linked: () => readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const deadline = performance.now() + deadlineMs;
  for (;;) {
    const states = await Promise.all(
      linked().map(async (name) => [
        name,
        (await guest.readFile(`/sys/class/net/${name}/operstate`)).toString().trim(),
      ]),
    );
    const waiting = states.filter(([, state]) => state !== "up");
    if (waiting.length === 0) return;
    if (performance.now() > deadline) {
      throw new KestrelError({
        kind: "host",
        step: "raise the links",
        subject: node,
        expected: `ports that are up within ${deadlineMs / 1000} s`,
        found: waiting.map(([name, state]) => `${name ?? ""}: ${state ?? ""}`).join(", "),
      });
    }
    await pause(lookEveryMs, undefined, { signal });
  }
}
