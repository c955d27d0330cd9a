import { join } from "node:path";
import { CaptureWriter } from "./capture-stream.ts";
import { observedPort } from "./observed-port.ts";
import type { PortCaptures, PortOpener } from "./port.ts";

/** Where what comes and goes on a port of that name is written, in a directory. */
export function capturesOf(name: string, directory: string): PortCaptures {
  const label = name.replaceAll(/[^\w.-]/g, "_");
  return { received: join(directory, `${label}_in.pcap`), sent: join(directory, `${label}_out.pcap`) };
}

/** The same port, with what comes and goes written to captures, which may be one file; `fail` is told what goes wrong then. */
export function recordedPort(open: PortOpener, captures: PortCaptures, fail: (error: Error) => void): PortOpener {
  return observedPort(open, () => {
    const received = new CaptureWriter(captures.received, fail);
    const sent = captures.sent === captures.received ? received : new CaptureWriter(captures.sent, fail);
    return {
      captures,
      received: received.write.bind(received),
      sent: sent.write.bind(sent),
      close: async () => {
        for (const capture of new Set([received, sent])) await capture.close();
      },
    };
  });
}
