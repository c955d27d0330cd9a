import { readFile } from "node:fs/promises";
import { KestrelError } from "../../error/kestrel-error.ts";
import { wrongValue } from "../option-values.ts";
import type { Session } from "../session.ts";
import { directionFrom, endText, findEnd, findWire } from "../wire-selection.ts";
import type { WireOptions } from "./wire-change.ts";

/** Options of `kestrel wire inject`. */
export interface InjectOptions extends WireOptions {
  readonly from: string;
}

/** Destination, source and type: what is shorter is no Ethernet frame. */
const shortestFrameBytes = 14;

/** Put a frame on a wire. */
export async function wireInject(session: Session, name: string, text: string, options: InjectOptions): Promise<void> {
  const { terminal } = session;
  const frame = text.startsWith("@") ? await readFrameFile(text.slice(1)) : parseHexFrame(text);
  using testbed = await session.testbed(options);
  const wire = findWire((await testbed.wires.list()).wires, name);
  const end = findEnd(wire, options.from);
  const direction = directionFrom(end);
  const sequence = await testbed.wires.inject(wire.name, direction, frame, "kestrel wire inject");
  if (options.json === true) terminal.printJson({ wire: wire.name, direction, bytes: frame.length, sequence });
  else
    terminal.print(`${frame.length} bytes on ${wire.name}, as if from ${endText(wire.ends[end])} (record ${sequence})`);
}

/** The bytes of hexadecimal digits; blanks, colons and dashes between them are allowed. Throws KestrelError (input). */
export function parseHexFrame(text: string): Buffer {
  const digits = text.replaceAll(/[\s:.-]|0x/g, "");
  if (!/^([0-9a-fA-F]{2})+$/.test(digits)) throw wrongValue("frame", "pairs of hexadecimal digits, or @FILE", text);
  return longEnough(Buffer.from(digits, "hex"));
}

async function readFrameFile(path: string): Promise<Buffer> {
  try {
    return longEnough(await readFile(path));
  } catch (cause) {
    if (cause instanceof KestrelError) throw cause;
    const found = cause instanceof Error ? cause.message : String(cause);
    throw new KestrelError(
      { kind: "input", step: "read the frame", subject: path, expected: "a file", found },
      { cause },
    );
  }
}

function longEnough(frame: Buffer): Buffer {
  if (frame.length >= shortestFrameBytes) return frame;
  throw wrongValue("frame", `at least ${shortestFrameBytes} bytes: destination, source, type`, `${frame.length} bytes`);
}
