import { dnsLabels, encodeDnsName, formatDnsLabel, formatDnsName, readDnsName } from "./dns-name.ts";

/** Where a pointer stands in a message and what it points to, in bytes from the message's begin. */
export interface NamePointer {
  readonly at: number;
  readonly to: number;
}

/**
 * How the names of a message are shortened (RFC 1035 section 4.1.4): not at all, or by these pointers. Left out, each name
 * points as early as it can to one that stood before.
 */
export type NameCompression = "none" | readonly NamePointer[];

/** Reads a message from begin to end. What is not there is read as zeros, and the reader has failed. */
export class DnsReader {
  readonly message: Buffer;
  at = 0;
  #failed = false;
  /** All pointers that were read. */
  readonly pointers: NamePointer[] = [];

  constructor(message: Buffer) {
    this.message = message;
  }

  /** Whether something was not there. */
  hasFailed(): boolean {
    return this.#failed;
  }

  /** Go on at `at` as if what was read since had not been. */
  resume(at: number, pointers: number): void {
    this.at = at;
    this.pointers.length = pointers;
    this.#failed = false;
  }

  /** The next `length` bytes. */
  bytes(length: number): Buffer {
    const end = this.at + length;
    if (this.#failed || end > this.message.length) {
      this.#failed = true;
      return Buffer.alloc(length);
    }
    const bytes = this.message.subarray(this.at, end);
    this.at = end;
    return bytes;
  }

  name(): string {
    const read = this.#failed ? undefined : readDnsName(this.message, this.at);
    if (read === undefined) {
      this.#failed = true;
      return ".";
    }
    if (read.pointer !== undefined) this.pointers.push(read.pointer);
    this.at = read.end;
    return read.name;
  }
}

const maxPointer = 0x3fff;

/** Writes a message from begin to end. */
export class DnsWriter {
  length = 0;
  readonly #parts: Uint8Array[] = [];
  readonly #compression: NameCompression | undefined;
  /** Where each name, and each end of one, stood first. */
  readonly #offsets = new Map<string, number>();
  /** Which end of a name stands at an offset. */
  readonly #names = new Map<number, string>();
  readonly #pointers: ReadonlyMap<number, number>;

  constructor(compression: NameCompression | undefined) {
    this.#compression = compression;
    const pointers = Array.isArray(compression) ? (compression as readonly NamePointer[]) : [];
    this.#pointers = new Map(pointers.map(({ at, to }) => [at, to]));
  }

  bytes(bytes: Uint8Array): void {
    this.#parts.push(bytes);
    this.length += bytes.length;
  }

  /** A name; `mayShorten` says whether it may end in a pointer where nothing else is asked for. */
  name(name: string, mayShorten: boolean): void {
    if (this.#compression === "none") {
      this.bytes(encodeDnsName(name));
      return;
    }
    const labels = dnsLabels(name);
    const texts = labels.map(formatDnsLabel);
    for (let i = 0; i <= labels.length; i++) {
      const end = formatDnsName(texts.slice(i));
      const to = this.#pointerFor(end, mayShorten);
      this.#remember(end);
      const label = labels[i];
      if (to !== undefined) {
        this.bytes(Buffer.of(0xc0 | (to >> 8), to & 0xff));
        return;
      }
      this.bytes(label === undefined ? Buffer.of(0) : Buffer.concat([Buffer.of(label.length), label]));
    }
  }

  /** What `write` writes, with its length in two bytes before it. */
  measured(write: () => void): void {
    const length = Buffer.alloc(2);
    this.bytes(length);
    const start = this.length;
    write();
    length.writeUInt16BE((this.length - start) & 0xffff);
  }

  /** What was written. */
  result(): Buffer {
    return Buffer.concat(this.#parts);
  }

  #pointerFor(end: string, mayShorten: boolean): number | undefined {
    if (this.#compression !== undefined) {
      const to = this.#pointers.get(this.length);
      // A name that was changed since does not end there any more.
      return to !== undefined && this.#names.get(to) === end ? to : undefined;
    }
    return mayShorten && end !== "." ? this.#offsets.get(end) : undefined;
  }

  #remember(end: string): void {
    if (this.length > maxPointer) return;
    this.#names.set(this.length, end);
    if (!this.#offsets.has(end)) this.#offsets.set(end, this.length);
  }
}
