import { enhancedPacket, interfaceDescription, sectionHeader } from "../../packet/index.ts";
import type { KeptFrame, TimelineEntry } from "./layout.ts";

/** A wire of a capture file and what it connects. */
export interface CapturedWire {
  readonly name: string;
  readonly ends: readonly [string, string];
}

/**
 * Frames as pcapng, an interface for each wire ("outbound" is what its end a sent). The flow's steps are comments of the
 * first frame that was recorded after them; what became of a frame that did not arrive is one too.
 *
 * @param frames - in time order
 */
export function annotatedCapture(
  wires: readonly CapturedWire[],
  frames: readonly KeptFrame[],
  steps: readonly TimelineEntry[],
): Buffer {
  const ids = new Map(wires.map(({ name }, index) => [name, index]));
  const waiting = steps.toSorted((a, b) => a.at - b.at);
  let next = 0;
  const packets = frames.map((frame) => {
    const time = BigInt(frame.time);
    const comments: string[] = [];
    for (; next < waiting.length && BigInt(waiting[next]?.at ?? 0) * 1_000_000n <= time; next += 1)
      comments.push(stepText(waiting[next]));
    if (frame.fate !== "delivered") comments.push(`not delivered: ${frame.fate}`);
    comments.push(...(frame.comment === undefined ? frame.marks : [frame.comment]));
    return enhancedPacket({
      interfaceId: ids.get(frame.wire) ?? 0,
      timestampNanoseconds: time,
      frame: Buffer.from(frame.frame, "hex"),
      direction: frame.direction === "aToB" ? "outbound" : "inbound",
      ...(comments.length === 0 ? {} : { comment: comments.join("\n") }),
    });
  });
  const after = waiting.slice(next).map(stepText);
  return Buffer.concat([
    sectionHeader({
      application: "Kestrel",
      ...(after.length === 0 ? {} : { comment: `after the last frame:\n${after.join("\n")}` }),
    }),
    ...wires.map(({ name, ends: [a, b] }) =>
      interfaceDescription({ name, description: `end a: ${a} (outbound), end b: ${b} (inbound)` }),
    ),
    ...packets,
  ]);
}

function stepText(step: TimelineEntry | undefined): string {
  return step === undefined ? "" : `[${step.kind}${step.outcome === "failed" ? ", failed" : ""}] ${step.text}`;
}
