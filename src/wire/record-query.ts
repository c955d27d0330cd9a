import type { PatchPanel } from "./patch-panel.ts";
import { type DirectionName, type Fate, fates, type FrameMark, marksOf, type ReadQuery } from "./protocol.ts";
import { RecordMerge } from "./record-merge.ts";
import type { RingReader } from "./ring-reader.ts";
import type { Wire } from "./wire.ts";

const defaultLimit = 1000;
/** Frame bytes in one answer, so that its JSON stays small. */
const answerBytes = 4_194_304;

/** A record as JSON: the frame in base64, the timestamp in decimal. */
export interface EncodedRecord {
  readonly sequence: number;
  readonly wire: string;
  readonly direction: DirectionName;
  readonly timestamp: string;
  readonly fate: Fate;
  readonly marks: readonly FrameMark[];
  readonly comment?: string;
  readonly frame: string;
}

/** The answer to a {@link ReadQuery} as JSON. */
export interface EncodedReadResult {
  readonly records: readonly EncodedRecord[];
  readonly cursor: number;
  readonly lost: boolean;
  readonly more: boolean;
}

/** What the recordings hold since a sequence number, at once. */
export function readRecords(panel: PatchPanel, query: ReadQuery): EncodedReadResult {
  const wires = panel.wires(query.wires);
  const merge = new RecordMerge();
  for (const wire of wires) merge.add(wire, "oldest");
  merge.skipTo(query.since);
  const limit = query.limit ?? defaultLimit;
  const records: EncodedRecord[] = [];
  let bytes = 0;
  let found = merge.next();
  while (found !== undefined && records.length < limit && bytes < answerBytes) {
    records.push(encode(panel, found.wire, found.reader));
    bytes += found.reader.frameBytes;
    found.reader.advance();
    found = merge.next();
  }
  return {
    records,
    cursor: found?.reader.sequence ?? panel.nextSequence,
    lost: wires.some(({ ring }) => ring.evictedThrough >= query.since),
    more: found !== undefined,
  };
}

/** Like {@link readRecords}, but wait for the first record if there is none; what comes after the deadline is empty. */
export async function waitForRecords(
  panel: PatchPanel,
  query: ReadQuery,
  signal: AbortSignal,
): Promise<EncodedReadResult> {
  const first = readRecords(panel, query);
  const { waitMilliseconds = 0 } = query;
  if (first.records.length > 0 || waitMilliseconds <= 0 || signal.aborted) return first;
  const { promise, resolve } = Promise.withResolvers<EncodedReadResult>();
  let { cursor } = first;
  const look = (): void => {
    // Nothing before the cursor needs to be looked at again, however busy the other wires are.
    const found = readRecords(panel, { ...query, since: cursor });
    if (found.records.length > 0 || found.lost) resolve({ ...found, lost: found.lost || first.lost });
    cursor = found.cursor;
  };
  const finish = (): void => {
    resolve({ records: [], cursor, lost: first.lost, more: false });
  };
  const stopListening = panel.onRecords(look);
  const deadline = setTimeout(finish, waitMilliseconds);
  signal.addEventListener("abort", finish, { once: true });
  try {
    return await promise;
  } finally {
    stopListening();
    clearTimeout(deadline);
    signal.removeEventListener("abort", finish);
  }
}

function encode(panel: PatchPanel, wire: Wire, reader: RingReader): EncodedRecord {
  const { run, ring, frameStart, frameBytes } = reader;
  const comment = reader.comment();
  return {
    sequence: reader.sequence,
    wire: wire.name,
    direction: run.direction === 0 ? "aToB" : "bToA",
    timestamp: panel.clock.toEpoch(run.time).toString(),
    fate: fates[run.fate] ?? "delivered",
    marks: marksOf(run.marks),
    ...(comment === undefined ? {} : { comment }),
    frame: ring.bytes.toString("base64", frameStart, frameStart + frameBytes),
  };
}
