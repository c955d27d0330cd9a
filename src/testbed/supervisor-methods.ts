import type { Channel, Methods } from "../channel/index.ts";
import { Batch } from "./batch.ts";
import type { EventLog } from "./event-log.ts";
import type { NodeCall, NodeVerb, PanelCall, TestbedEvent } from "./protocol.ts";
import { relayTo } from "./relay.ts";
import type { Supervisor } from "./supervisor.ts";

/** Console bytes go both ways on this stream of the `console` channel. */
export const consoleStream = 0;

/** What a supervisor offers to its clients. Parameters and results are the types of protocol.ts. */
export function supervisorMethods(supervisor: Supervisor): Methods {
  return {
    status: () => supervisor.status(),
    plan: () => supervisor.plan,
    provenance: () => supervisor.provenance(),
    keep: () => {
      supervisor.keep();
      return null;
    },
    events: (channel) => followEvents(supervisor.events, channel),
    down: () => supervisor.down(),
    act: async ({ params }) => {
      const { node, verb } = params as { readonly node: string; readonly verb: NodeVerb };
      await supervisor.act(node, verb);
      return null;
    },
    console: (channel) => attachConsole(supervisor, channel),
    node: (channel) => {
      const { node, method, params } = channel.params as NodeCall;
      return relayTo(supervisor.node(node).connection, channel, method, params);
    },
    panel: (channel) => callPanel(supervisor, channel),
  };
}

interface FollowedEvents {
  readonly since?: number;
  readonly follow?: boolean;
  /** Milliseconds: messages are arrays of what happened in that time; one event each without. */
  readonly everyMs?: number;
}

/** Give a client the events that it asks for. */
export async function followEvents(log: Pick<EventLog, "after" | "follow">, channel: Channel): Promise<null> {
  const { since = 0, follow = true, everyMs } = channel.params as FollowedEvents;
  if (!follow) {
    for (const event of log.after(since)) channel.send(event);
    return null;
  }
  using batch = new Batch<TestbedEvent>(everyMs ?? 0, (events) => {
    channel.send(events);
  });
  const stop = log.follow(since, (event) => {
    if (everyMs === undefined) channel.send(event);
    else batch.add(event);
    // It may be the last word.
    if (event.type === "state") batch.flush();
  });
  await new Promise<void>((resolve) => {
    channel.signal.addEventListener("abort", () => {
      resolve();
    });
  });
  stop();
  return null;
}

async function attachConsole(supervisor: Supervisor, channel: Channel): Promise<null> {
  const node = supervisor.node((channel.params as { readonly node: string }).node);
  const { console } = node;
  const out = channel.writable(consoleStream);
  out.on("error", () => undefined);
  const stop = console.watch((chunk) => {
    // A person who does not read loses output; it is in the console log.
    if (!out.writableNeedDrain) out.write(chunk);
  });
  void node.offerConsoleShell();
  const input = channel.readable(consoleStream);
  input.on("data", (chunk: Buffer) => {
    console.write(chunk);
  });
  input.on("error", () => undefined);
  await new Promise<void>((resolve) => {
    input.once("close", resolve);
    channel.signal.addEventListener("abort", () => {
      resolve();
    });
  });
  stop();
  out.end();
  return null;
}

/** Calls that change what the ends of a wire see go through the supervisor, which owns the carriers. */
async function callPanel(supervisor: Supervisor, channel: Channel): Promise<unknown> {
  const { method, params } = channel.params as PanelCall;
  if (method === "setUp") {
    const { wire, up } = params as { readonly wire: string; readonly up: boolean };
    await supervisor.setWireUp(wire, up);
    return null;
  }
  const result = await relayTo(supervisor.panel.control, channel, method, params);
  if (method === "attach" || method === "detach" || method === "removeWire" || method === "configure")
    await supervisor.followPlugs();
  return result;
}
