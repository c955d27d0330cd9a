import { once } from "node:events";
import { createWriteStream, type WriteStream } from "node:fs";
import { join } from "node:path";
import { pcapHeader, pcapRecord } from "./pcap.ts";
import type { Port, PortOpener } from "./port.ts";

/** The same port, with what comes and goes written to `<name>_in.pcap` and `<name>_out.pcap` in a directory. */
export function recordedPort(open: PortOpener, name: string, directory: string): PortOpener {
  return async (events) => {
    const [input, output] = [openCapture(directory, `${name}_in`), openCapture(directory, `${name}_out`)];
    const port = await open({
      ...events,
      packet: (bytes, start, length) => {
        record(input, bytes, start, length);
        events.packet(bytes, start, length);
      },
    });
    return new RecordedPort(port, input, output);
  };
}

class RecordedPort implements Port {
  readonly #port: Port;
  readonly #input: WriteStream;
  readonly #output: WriteStream;

  constructor(port: Port, input: WriteStream, output: WriteStream) {
    this.#port = port;
    this.#input = input;
    this.#output = output;
  }

  get name(): string {
    return this.#port.name;
  }

  get up(): boolean {
    return this.#port.up;
  }

  send(bytes: Uint8Array, start: number, length: number): void {
    record(this.#output, bytes, start, length);
    this.#port.send(bytes, start, length);
  }

  flush(): void {
    this.#port.flush?.();
  }

  async close(): Promise<void> {
    await this.#port.close();
    for (const capture of [this.#input, this.#output]) {
      capture.end();
      await once(capture, "close");
    }
  }
}

function openCapture(directory: string, name: string): WriteStream {
  const capture = createWriteStream(join(directory, `${name}.pcap`));
  capture.write(pcapHeader());
  return capture;
}

function record(capture: WriteStream, bytes: Uint8Array, start: number, length: number): void {
  capture.write(pcapRecord(bytes.subarray(start, start + length), Date.now() * 1000));
}
