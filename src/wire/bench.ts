import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Reception } from "./bench-reception.ts";
import { Party, stalled, stepDeadlineMilliseconds } from "./bench-party.ts";
import { lengthPrefixBytes } from "./frame-batch.ts";
import { Panel } from "./panel.ts";
import { portSocketPath } from "./port-socket-path.ts";

const smallFrameBytes = 64;
const largeFrameBytes = 1500;

/** What one run of the wire bench measured. Bytes are frame bytes, without the length prefixes. */
export interface RelayFigures {
  /** 64-byte frames through one wire, counting and recording. */
  readonly relayFramesPerSecond: number;
  /** Bytes in 1500-byte frames through one wire, counting and recording. */
  readonly relayBytesPerSecond: number;
  /** The same through a process which copies without looking. */
  readonly blindFramesPerSecond: number;
  readonly blindBytesPerSecond: number;
  /** Frames that the wire dropped in both runs because the receiver was behind. */
  readonly droppedFrames: number;
}

/** How much to send in each run. */
export interface RelayLoad {
  readonly smallFrames: number;
  readonly largeFrames: number;
}

const defaultLoad: RelayLoad = { smallFrames: 8_000_000, largeFrames: 1_500_000 };

/**
 * Measure a panel process between a sending and a receiving process, and a blind relay in its place. Each rate is taken at
 * the receiver, from the first byte to the last.
 *
 * @throws KestrelError (internal) if a party does not get on for a minute.
 */
export async function measureRelay(load: RelayLoad = defaultLoad): Promise<RelayFigures> {
  const directory = await mkdtemp(join(tmpdir(), "kestrel-bench-"));
  try {
    const small = await relay(directory, smallFrameBytes, load.smallFrames);
    const large = await relay(directory, largeFrameBytes, load.largeFrames);
    const blindSmall = await blindly(directory, smallFrameBytes, load.smallFrames);
    const blindLarge = await blindly(directory, largeFrameBytes, load.largeFrames);
    return {
      relayFramesPerSecond: framesPerSecond(small.reception, smallFrameBytes),
      relayBytesPerSecond: framesPerSecond(large.reception, largeFrameBytes) * largeFrameBytes,
      blindFramesPerSecond: framesPerSecond(blindSmall, smallFrameBytes),
      blindBytesPerSecond: framesPerSecond(blindLarge, largeFrameBytes) * largeFrameBytes,
      droppedFrames: small.dropped + large.dropped,
    };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function relay(
  runDirectory: string,
  frameBytes: number,
  frames: number,
): Promise<{ readonly reception: Reception; readonly dropped: number }> {
  await using panel = await Panel.start({ runDirectory, seed: "bench" });
  await panel.configure({
    ports: [
      { node: "a", port: "net0" },
      { node: "b", port: "net0" },
    ],
    wires: [{ name: "wire", ends: [{ port: "a:net0" }, { port: "b:net0" }] }],
  });
  const sender = new Party("send", runDirectory, { to: portSocketPath("a", "net0"), frames, frameBytes });
  const receiver = new Party("receive", runDirectory, { from: portSocketPath("b", "net0") });
  try {
    await Promise.all([sender.next("ready"), receiver.next("ready")]);
    sender.tell({});
    await sender.next("sent");
    const delivered = await allThrough(panel, frames);
    receiver.tell({ expected: delivered * (lengthPrefixBytes + frameBytes) });
    return { reception: (await receiver.next("all frames")) as Reception, dropped: frames - delivered };
  } finally {
    await Promise.all([sender.end(), receiver.end()]);
  }
}

/** Frames delivered, as soon as all that were sent have entered the wire. */
async function allThrough(panel: Panel, frames: number): Promise<number> {
  const changes = panel.followStatistics(20, AbortSignal.timeout(stepDeadlineMilliseconds));
  for await (const { wires } of changes) {
    const counters = wires["wire"]?.aToB;
    if (counters?.frames === frames) return counters.deliveredFrames;
  }
  throw stalled("the panel", `${frames} frames to enter the wire`);
}

async function blindly(runDirectory: string, frameBytes: number, frames: number): Promise<Reception> {
  const [from, to] = ["blind-from", "blind-to"];
  const between = new Party("blind", runDirectory, { from, to });
  const parties = [between];
  try {
    await between.next("ready");
    const sender = new Party("send", runDirectory, { to: from, frames, frameBytes });
    const receiver = new Party("receive", runDirectory, { from: to });
    parties.push(sender, receiver);
    await Promise.all([sender.next("ready"), receiver.next("ready")]);
    sender.tell({});
    await sender.next("sent");
    receiver.tell({ expected: frames * (lengthPrefixBytes + frameBytes) });
    return (await receiver.next("all frames")) as Reception;
  } finally {
    await Promise.all(parties.map((party) => party.end()));
    await Promise.all([from, to].map((name) => rm(join(runDirectory, name), { force: true })));
  }
}

function framesPerSecond({ bytes, nanoseconds }: Reception, frameBytes: number): number {
  return (bytes / (lengthPrefixBytes + frameBytes) / nanoseconds) * 1e9;
}
