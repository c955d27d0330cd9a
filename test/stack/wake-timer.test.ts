import { createSocket } from "node:dgram";
import { once } from "node:events";
import { expect, test } from "vitest";
import { monotonicMs, WakeTimer } from "../../src/stack/daemon/clock.ts";

test("what arrived while the process was kept waiting is read before the timer wakes", async () => {
  const events: string[] = [];
  const woken = Promise.withResolvers<undefined>();
  using timer = new WakeTimer(() => {
    events.push("woken");
    woken.resolve(undefined);
  });
  const receiver = createSocket("udp6", () => events.push("heard"));
  const sender = createSocket("udp6");
  receiver.bind(0, "::1");
  await once(receiver, "listening");
  const { port } = receiver.address();
  const sent = Promise.withResolvers<undefined>();
  sender.send("hello", port, "::1", () => {
    timer.set(monotonicMs() + 10);
    // Both the datagram and the moment come while nothing is read.
    const until = monotonicMs() + 50;
    while (monotonicMs() < until);
    sent.resolve(undefined);
  });
  await sent.promise;
  await woken.promise;
  expect(events).toEqual(["heard", "woken"]);
  receiver.close();
  sender.close();
});
