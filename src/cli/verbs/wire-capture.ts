import { createWriteStream } from "node:fs";
import { once } from "node:events";
import { pipeline } from "node:stream/promises";
import type { Writable } from "node:stream";
import { KestrelError } from "../../error/kestrel-error.ts";
import { InterruptionWatch } from "../interruption.ts";
import { secondsAsMilliseconds } from "../option-values.ts";
import { countOf, formatBytes } from "../quantities.ts";
import type { JsonOption, Session, TestbedOption } from "../session.ts";
import type { Terminal } from "../terminal.ts";
import { findWire } from "../wire-selection.ts";

/** Options of `kestrel wire capture`. */
export interface CaptureOptions extends TestbedOption, JsonOption {
  readonly all?: boolean;
  readonly write?: string;
  readonly includeRecorded?: boolean;
  readonly duration?: string;
}

/** Capture wires as pcapng into a file or standard output. */
export async function wireCapture(session: Session, names: readonly string[], options: CaptureOptions): Promise<void> {
  const { terminal } = session;
  const durationMs = options.duration === undefined ? undefined : secondsAsMilliseconds(options.duration, "--duration");
  const target = options.write ?? "-";
  if (target === "-" && terminal.stdout.isTTY === true) throw binaryOnTerminal();
  using interruption = new InterruptionWatch();
  using testbed = await session.testbed(options);
  const known = (await testbed.wires.list()).wires;
  const wires = options.all === true || names.length === 0 ? known : names.map((name) => findWire(known, name));
  const output = target === "-" ? terminal.stdout : await openFile(target);
  const capture = testbed.wires.capture({
    wires: wires.map(({ name }) => name),
    ...(options.includeRecorded === true ? { includeRecorded: true } : {}),
    ...(durationMs === 0 && options.includeRecorded === true ? { follow: false } : {}),
  });
  let bytes = 0;
  capture.bytes.on("data", (chunk: Buffer) => {
    bytes += chunk.length;
  });
  const until = durationMs === undefined ? "Ctrl-C ends it" : `for ${durationMs / 1000} s`;
  terminal.note(
    `capturing ${countOf(wires.length, "wire")} to ${target === "-" ? "standard output" : target}; ${until}`,
  );
  const timer =
    durationMs === undefined
      ? undefined
      : setTimeout(() => {
          capture.stop();
        }, durationMs);
  interruption.signal.addEventListener("abort", () => {
    capture.stop();
  });
  try {
    await pipeline(capture.bytes, output, { end: target !== "-" });
  } finally {
    clearTimeout(timer);
  }
  tellEnd(terminal, target, bytes, options.json === true);
}

function tellEnd(terminal: Terminal, file: string, bytes: number, json: boolean): void {
  // Standard output is the capture's when it goes there.
  if (json && file !== "-") terminal.printJson({ file, bytes });
  else terminal.note(`captured ${formatBytes(bytes)}`);
}

async function openFile(path: string): Promise<Writable> {
  const file = createWriteStream(path, { mode: 0o600 });
  try {
    await once(file, "open");
    return file;
  } catch (cause) {
    const found = cause instanceof Error ? cause.message : String(cause);
    throw new KestrelError(
      { kind: "input", step: "write the capture", subject: path, expected: "a file that can be written", found },
      { cause },
    );
  }
}

function binaryOnTerminal(): KestrelError {
  return new KestrelError({
    kind: "input",
    step: "write the capture",
    expected: "a file or a pipe",
    found: "a terminal, which cannot show pcapng",
    hint: "add -w FILE, or | wireshark -k -i -",
  });
}
