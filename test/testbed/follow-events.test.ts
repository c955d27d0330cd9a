import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { duplexPair } from "node:stream";
import { expect, onTestFinished, test, vi } from "vitest";
import { Connection } from "../../src/channel/index.ts";
import { EventLog } from "../../src/testbed/event-log.ts";
import type { TestbedEvent } from "../../src/testbed/protocol.ts";
import { followEvents } from "../../src/testbed/supervisor-methods.ts";

async function followed(): Promise<{ readonly events: EventLog; readonly client: Connection }> {
  const directory = await mkdtemp("/tmp/kestrel-test-");
  const events = new EventLog(join(directory, "events.ndjson"));
  const [here, there] = duplexPair();
  const client = new Connection(here);
  const server = new Connection(there, { events: (channel) => followEvents(events, channel) });
  onTestFinished(async () => {
    client.close();
    server.close();
    await events.close();
    await rm(directory, { recursive: true, force: true });
  });
  return { events, client };
}

test("events come together, in their order, those of before first, and none is lost", async () => {
  const { events, client } = await followed();
  for (let number = 0; number < 1500; number += 1) events.emit({ type: "notice", message: String(number) });
  const batches: (readonly TestbedEvent[])[] = [];
  const channel = client.open("events", { since: 0, follow: true, everyMs: 20 });
  channel.onMessage((batch) => batches.push(batch as readonly TestbedEvent[]));
  await vi.waitFor(() => {
    expect(batches.length).toBeGreaterThan(0);
  }, 20_000);
  for (let number = 1500; number < 2000; number += 1) events.emit({ type: "notice", message: String(number) });
  await vi.waitFor(() => {
    expect(batches.flat()).toHaveLength(2000);
  }, 20_000);
  expect(batches.flat().map(({ sequence }) => sequence)).toEqual(Array.from({ length: 2000 }, (_, index) => index + 1));
  expect(batches.length).toBeLessThan(10);
  channel.cancel();
});

test("the state of the testbed does not wait for others", async () => {
  const { events, client } = await followed();
  const heard: TestbedEvent[] = [];
  const channel = client.open("events", { since: 0, follow: true, everyMs: 1_000_000 });
  channel.onMessage((batch) => heard.push(...(batch as readonly TestbedEvent[])));
  events.emit({ type: "notice", message: "almost" });
  events.emit({ type: "state", state: "stopping" });
  await vi.waitFor(() => {
    expect(heard.map(({ type }) => type)).toEqual(["notice", "state"]);
  }, 20_000);
  channel.cancel();
});

test("without a time each event is a message", async () => {
  const { events, client } = await followed();
  const heard: unknown[] = [];
  const channel = client.open("events", { since: 0, follow: true });
  channel.onMessage((event) => heard.push(event));
  events.emit({ type: "notice", message: "one" });
  await vi.waitFor(() => {
    expect(heard).toMatchObject([{ type: "notice", message: "one" }]);
  }, 20_000);
  channel.cancel();
});
