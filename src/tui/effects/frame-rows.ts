import { describePacket } from "../../flow/inner-packet.ts";
import { explain, parse } from "../../packet/index.ts";
import type { WireRecord } from "../model/public-api.ts";
import type { FrameRow } from "../model/wire-pane.ts";

/** A recorded frame, decoded as far as it can be. */
export function frameRow(record: WireRecord): FrameRow {
  return {
    sequence: record.sequence,
    timeMs: Number(record.timestampNanoseconds) / 1e6,
    direction: record.direction,
    fate: record.fate,
    marks: record.marks,
    bytes: record.frame.length,
    ...decoded(record.frame),
  };
}

function decoded(frame: Buffer): Pick<FrameRow, "summary" | "explanation"> {
  try {
    const packet = parse(frame);
    return { summary: describePacket(packet), explanation: explain(packet).split("\n") };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { summary: `cannot be decoded: ${reason}`, explanation: [frame.toString("hex")] };
  }
}
