import type { Writable } from "node:stream";
import type { Channel, Methods } from "../channel/index.ts";
import { Capture } from "./capture.ts";
import type { PatchPanel } from "./patch-panel.ts";
import type { CaptureQuery, FollowQuery, PanelEvent, ReadQuery } from "./protocol.ts";
import { readRecords, waitForRecords } from "./record-query.ts";
import { RecordStream } from "./record-stream.ts";
import { captureStream, type PanelCalls } from "./panel-calls.ts";
import type { Wire } from "./wire.ts";

/** What the panel process offers on its control channel. The other end is the client of this same version. */
export function panelMethods(panel: PatchPanel): Methods {
  const calls: { [Name in keyof PanelCalls]: (params: PanelCalls[Name]["params"]) => unknown } = {
    configure: (params) => panel.configure(params),
    removeWire: ({ wire }) => {
      panel.removeWire(wire);
    },
    removePort: ({ node, port }) => {
      panel.removePort(node, port);
    },
    attach: ({ wire, end, target }) => {
      panel.attach(wire, end, target);
    },
    detach: ({ wire, end }) => {
      panel.detach(wire, end);
    },
    set: ({ wire, settings, direction }) => {
      panel.set(wire, settings, direction);
    },
    setUp: ({ wire, up }) => {
      panel.wire(wire).setUp(up);
    },
    list: () => panel.list(),
    statistics: () => panel.statistics(),
    cursor: () => panel.nextSequence,
    inject: ({ wire, direction, frame, comment }) =>
      panel.inject(wire, direction, Buffer.from(frame, "base64"), comment),
  };
  return {
    ...Object.fromEntries(
      Object.entries(calls).map(([name, call]) => [
        name,
        (channel: Channel) => (call as (params: unknown) => unknown)(channel.params),
      ]),
    ),
    read: (channel) => {
      const query = channel.params as ReadQuery;
      return query.waitMilliseconds === undefined
        ? readRecords(panel, query)
        : waitForRecords(panel, query, channel.signal);
    },
    capture: (channel) => capture(panel, channel),
    follow: (channel) => follow(panel, channel),
    events: (channel) => followEvents(panel, channel),
    followStatistics: (channel) => followStatistics(panel, channel),
  };
}

async function capture(panel: PatchPanel, channel: Channel): Promise<void> {
  const query = channel.params as CaptureQuery;
  const output = channel.writable(captureStream);
  const writer = new Capture(output, panel.clock);
  const from = query.includeRecorded === true ? "oldest" : "next";
  for (const wire of panel.wires(query.wires)) writer.add(wire, from);
  await writeAsRecorded(panel, channel, output, {
    pump: () => {
      writer.pump();
    },
    add: (wire) => {
      if (query.wires === undefined) writer.add(wire, "oldest");
    },
    finish: (until) => writer.finish(until),
    follow: query.follow !== false,
  });
}

async function follow(panel: PatchPanel, channel: Channel): Promise<void> {
  const query = channel.params as FollowQuery;
  const output = channel.writable(captureStream);
  const writer = new RecordStream(output, panel.clock, panel.wires(query.wires), query.since);
  await writeAsRecorded(panel, channel, output, {
    pump: () => {
      writer.pump();
    },
    add: (wire) => {
      if (query.wires === undefined) writer.add(wire);
    },
    finish: (until) => writer.finish(until),
    follow: true,
  });
}

/** Writes recordings to an output, in whatever form. */
interface RecordWriter {
  readonly pump: () => void;
  /** A wire was added. */
  readonly add: (wire: Wire) => void;
  readonly finish: (until: number) => Promise<void>;
  /** Go on until it is told to stop. */
  readonly follow: boolean;
}

async function writeAsRecorded(
  panel: PatchPanel,
  channel: Channel,
  output: Writable,
  writer: RecordWriter,
): Promise<void> {
  const { promise: stopped, resolve } = Promise.withResolvers<undefined>();
  const stop = (): void => {
    resolve(undefined);
  };
  const listening = [panel.onRecords(writer.pump), panel.onWire(writer.add)];
  output.on("close", stop);
  output.on("error", stop);
  channel.signal.addEventListener("abort", stop, { once: true });
  // Any message asks to end in order, with all that has been recorded until now.
  channel.onMessage(stop);
  try {
    if (writer.follow) {
      writer.pump();
      await stopped;
    }
    if (!channel.signal.aborted) await writer.finish(panel.nextSequence);
  } finally {
    for (const stopListening of listening) stopListening();
    output.end();
  }
}

async function followEvents(panel: PatchPanel, channel: Channel): Promise<void> {
  const stop = panel.onEvent((event: PanelEvent) => {
    channel.send(event);
  });
  await aborted(channel.signal);
  stop();
}

async function followStatistics(panel: PatchPanel, channel: Channel): Promise<void> {
  const { intervalMilliseconds } = channel.params as { readonly intervalMilliseconds: number };
  const timer = setInterval(() => {
    // A reader that is behind gets fewer statistics, not older ones.
    if (channel.queuedBytes === 0) channel.send(panel.statistics());
  }, intervalMilliseconds);
  channel.send(panel.statistics());
  await aborted(channel.signal);
  clearInterval(timer);
}

function aborted(signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  if (signal.aborted) resolve(undefined);
  signal.addEventListener(
    "abort",
    () => {
      resolve(undefined);
    },
    { once: true },
  );
  return promise;
}
