import { createReadStream, createWriteStream, type ReadStream, type WriteStream } from "node:fs";
import { once } from "node:events";
import { pcapHeader, PcapReader, pcapRecord } from "./pcap.ts";
import type { Port, PortEvents, PortOpener } from "./port.ts";

/**
 * A port on capture files: packets come from `<name>_in.pcap` and go to `<name>_out.pcap`; either may be a FIFO. Reading
 * begins when `begin` resolves, such as when all other ports are there to be sent to.
 */
export function filePort(name: string, fail: (error: Error) => void, begin: Promise<unknown>): PortOpener {
  return async (events) => {
    const input = createReadStream(`${name}_in.pcap`);
    const output = createWriteStream(`${name}_out.pcap`);
    await Promise.all([once(input, "open"), once(output, "open")]);
    return new FilePort(name, input, output, { ...events, begin, fail });
  };
}

class FilePort implements Port {
  readonly name: string;
  readonly up = true;
  readonly #input: ReadStream;
  readonly #output: WriteStream;

  constructor(
    name: string,
    input: ReadStream,
    output: WriteStream,
    {
      begin,
      fail,
      ...events
    }: PortEvents & { readonly begin: Promise<unknown>; readonly fail: (error: Error) => void },
  ) {
    this.name = name;
    this.#input = input;
    this.#output = output;
    output.on("error", fail);
    output.write(pcapHeader());
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
    this.#input.on("data", (piece) => {
      try {
        for (const frame of reader.read(Buffer.from(piece))) events.packet(frame, 0, frame.length);
      } catch (error) {
        this.#input.destroy(error instanceof Error ? error : new Error(String(error)));
      }
      events.batchEnd();
    });
  }

  send(bytes: Uint8Array, start: number, length: number): void {
    this.#output.write(pcapRecord(bytes.subarray(start, start + length), Date.now() * 1000));
  }

  async close(): Promise<void> {
    this.#input.destroy();
    this.#output.end();
    await once(this.#output, "close");
  }
}
