import { once } from "node:events";
import { createWriteStream, openSync, type WriteStream } from "node:fs";
import { join } from "node:path";
import { observedPort } from "./observed-port.ts";
import { pcapHeader, pcapRecord } from "./pcap.ts";
import type { PacketTaker, PortCaptures, PortOpener } from "./port.ts";

/** Where what comes and goes on a port of that name is written, in a directory. */
export function capturesOf(name: string, directory: string): PortCaptures {
  const label = name.replaceAll(/[^\w.-]/g, "_");
  return { received: join(directory, `${label}_in.pcap`), sent: join(directory, `${label}_out.pcap`) };
}

/** The same port, with what comes and goes written to captures, which may be one file. */
export function recordedPort(open: PortOpener, captures: PortCaptures): PortOpener {
  return observedPort(open, () => {
    const received = openCapture(captures.received);
    const sent = captures.sent === captures.received ? received : openCapture(captures.sent);
    return {
      captures,
      received: recorder(received),
      sent: recorder(sent),
      close: async () => {
        for (const capture of new Set([received, sent])) {
          capture.end();
          await once(capture, "close");
        }
      },
    };
  });
}

function openCapture(path: string): WriteStream {
  // Opened at once, so that a directory that is not there is the port's fault, not an event that nobody expects.
  const capture = createWriteStream(path, { fd: openSync(path, "w") });
  capture.write(pcapHeader());
  return capture;
}

function recorder(capture: WriteStream): PacketTaker {
  return (bytes, start, length) => {
    capture.write(pcapRecord(bytes.subarray(start, start + length), Date.now() * 1000));
  };
}
