import { KestrelError } from "../error/kestrel-error.ts";
import type { PanelClient } from "../wire/index.ts";
import { sighting, type Sighting } from "./sighting.ts";
import type { RecordedPlace, Until } from "./watched.ts";
import type { Wiring } from "./wiring.ts";

/** A deadline that comes nearer meanwhile is noticed so soon, milliseconds. */
const lookAtDeadlineMilliseconds = 100;

/** What to look at of the recordings of a testbed. */
export interface RecordingQuery {
  readonly wiring: Wiring;
  /** All wires where left out. */
  readonly wires?: readonly string[] | undefined;
  /** First sequence number. */
  readonly since: number;
}

/** The recording of one wire, as expectations read it. */
export function wirePlace(panel: PanelClient, wiring: Wiring, wire: string): RecordedPlace {
  return {
    subject: `wire ${wire}`,
    wire,
    follow: (since, until) => followRecording(panel, { wiring, wires: [wire], since }, until),
  };
}

/** The recordings of all wires as one, in the order in which frames entered them. */
export function allWires(panel: PanelClient, wiring: Wiring): RecordedPlace {
  return {
    subject: "all wires",
    wire: "",
    follow: (since, until) => followRecording(panel, { wiring, since }, until),
  };
}

/**
 * Follow recordings: everything since `recording.since`, then what comes, until the deadline. The caller leaves the loop when it
 * has seen enough.
 *
 * @throws KestrelError (flow) when frames were overwritten before they could be read
 */
export async function* followRecording(
  panel: PanelClient,
  recording: RecordingQuery,
  { deadline, signal }: Until,
): AsyncGenerator<readonly Sighting[]> {
  const { wiring, wires, since } = recording;
  const records = panel.follow({ since, ...(wires === undefined ? {} : { wires }) });
  const stop = (): void => {
    records.close();
  };
  signal?.addEventListener("abort", stop);
  // What is recorded by the deadline is looked at, and no more: a wire that is never silent must not keep its reader.
  let timer: NodeJS.Timeout | undefined;
  const watchDeadline = (): void => {
    clearTimeout(timer);
    const left = deadline() - performance.now();
    if (left <= 0) records.finish();
    else timer = setTimeout(watchDeadline, Math.min(left, lookAtDeadlineMilliseconds));
  };
  watchDeadline();
  try {
    for await (const batch of records) {
      yield batch.map((record) => sighting(record, wiring));
      if (signal?.aborted === true) return;
    }
    if (records.lost) throw overwritten(wires);
  } catch (error) {
    if (signal?.aborted !== true) throw error;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", stop);
    records.close();
  }
}

/** All frames recorded since a sequence number until now. */
export async function readRecording(panel: PanelClient, { wiring, wires, since }: RecordingQuery): Promise<Sighting[]> {
  const records = panel.follow({ since, ...(wires === undefined ? {} : { wires }) });
  records.finish();
  const seen: Sighting[] = [];
  for await (const batch of records) for (const record of batch) seen.push(sighting(record, wiring));
  if (records.lost) throw overwritten(wires);
  return seen;
}

function overwritten(wires: readonly string[] | undefined): KestrelError {
  return new KestrelError({
    kind: "flow",
    step: "read the recording",
    subject: wires?.join(", ") ?? "all wires",
    expected: "every frame since the last send",
    found: "that the oldest ones had to make room for newer ones",
    hint: "look at the wire sooner after the send, or send less at once",
  });
}
