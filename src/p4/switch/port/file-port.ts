import type { Readable } from "node:stream";
import { CaptureWriter, openCapture } from "./capture-stream.ts";
import { PcapReader } from "./pcap.ts";
import type { Port, PortEvents, PortOpener } from "./port.ts";

/**
 * A port on capture files: packets come from `<name>_in.pcap` and go to `<name>_out.pcap`; either may be a FIFO, whose other
 * end may be opened later. Reading begins when `begin` resolves, such as when all other ports are there to be sent to.
 */
export function filePort(name: string, fail: (error: Error) => void, begin: Promise<unknown>): PortOpener {
  return (events) =>
    Promise.resolve().then(() => {
      const input = openCapture(`${name}_in.pcap`);
      try {
        return new FilePort(name, input, new CaptureWriter(`${name}_out.pcap`, fail), { ...events, begin, fail });
      } catch (error) {
        input.destroy();
        throw error;
      }
    });
}

class FilePort implements Port {
  readonly name: string;
  readonly up = true;
  readonly #input: Readable;
  readonly #output: CaptureWriter;

  constructor(
    name: string,
    input: Readable,
    output: CaptureWriter,
    {
      begin,
      fail,
      ...events
    }: PortEvents & { readonly begin: Promise<unknown>; readonly fail: (error: Error) => void },
  ) {
    this.name = name;
    this.#input = input;
    this.#output = output;
    void begin.then(() => {
      this.#read(events);
    });
    input.on("error", (error) => {
      fail(new Error(`${name}_in.pcap: ${error.message}`));
    });
    input.on("end", () => events.end?.());
  }

  #read(events: PortEvents): void {
    const reader = new PcapReader();
    this.#input.on("data", (piece: Buffer) => {
      try {
        for (const frame of reader.read(piece)) events.packet(frame, 0, frame.length);
      } catch (error) {
        this.#input.destroy(error instanceof Error ? error : new Error(String(error)));
      }
      events.batchEnd();
    });
  }

  send(bytes: Uint8Array, start: number, length: number): void {
    this.#output.write(bytes, start, length);
  }

  close(): Promise<void> {
    this.#input.destroy();
    return this.#output.close();
  }
}
