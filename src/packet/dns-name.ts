import type { Body } from "./body.ts";

/** The most bytes that a name takes on the wire (RFC 1035 section 3.1). */
const maxName = 255;

/** The most bytes of one label. */
const maxLabel = 63;

/**
 * The labels of a name as people write it, `www.example.com`, a dot at its end or not; `.` is the root. A backslash takes
 * the meaning from a dot, or begins the three decimals of a byte (RFC 1035 section 5.1).
 */
export function dnsLabels(name: string): readonly Buffer[] {
  if (name === "." || name === "") return [];
  const labels = (name.endsWith(".") && !name.endsWith("\\.") ? name.slice(0, -1) : name).match(
    /(?:[^.\\]|\\\d{3}|\\\D|\\$)+|(?<=^|\.)(?=\.|$)/g,
  );
  return (labels ?? []).map((label) => {
    const text = label.replace(/\\(\d{3}|.)/g, (_, escaped: string) =>
      escaped.length === 3 ? String.fromCharCode(Number(escaped) & 0xff) : escaped,
    );
    return Buffer.from(text, "latin1");
  });
}

/** A label as people write it, so that {@link dnsLabels} reads it again. */
export function formatDnsLabel(label: Uint8Array): string {
  let text = "";
  for (const byte of label) {
    const character = String.fromCharCode(byte);
    if (character === "." || character === "\\") text += `\\${character}`;
    else text += byte > 0x20 && byte < 0x7f ? character : `\\${String(byte).padStart(3, "0")}`;
  }
  return text;
}

/** Labels as a name: `www.example.com`, or `.` if there are none. */
export function formatDnsName(labels: readonly string[]): string {
  return labels.length === 0 ? "." : labels.join(".");
}

/** Why a name cannot be written, if it cannot. */
export function dnsNameFault(name: string): string | undefined {
  if (/[^\x20-\x7e]/.test(name)) return `expected ASCII and other bytes as \\ and three decimals, found "${name}"`;
  const labels = dnsLabels(name);
  const size = labels.reduce((sum, label) => sum + 1 + label.length, 1);
  const fits = labels.every(({ length }) => length > 0 && length <= maxLabel) && size <= maxName;
  return fits ? undefined : `expected labels of 1 to ${maxLabel} bytes and ${maxName} in all, found "${name}"`;
}

/** A name as it stands without compression. */
export function encodeDnsName(name: string): Buffer {
  const parts = dnsLabels(name).flatMap((label) => [Buffer.of(label.length), label]);
  return Buffer.concat([...parts, Buffer.of(0)]);
}

/** A name in a message, and where it ends. */
export interface ReadName {
  readonly name: string;
  readonly end: number;
  /** Where a pointer ends it, and what it points to; undefined if none does. */
  readonly pointer: { readonly at: number; readonly to: number } | undefined;
}

/**
 * The name that begins at `start` of `message`, pointers followed (RFC 1035 section 4.1.4); undefined if there is none. A
 * pointer leads only to what comes before, so that no name goes on for ever.
 */
export function readDnsName(message: Uint8Array, start: number): ReadName | undefined {
  const labels: string[] = [];
  let pointer: ReadName["pointer"];
  let at = start;
  let limit = start;
  let size = 1;
  // As many steps as a name can have labels: more pointers than that only make work.
  for (let steps = 0; steps <= maxName; steps++) {
    const length = message[at];
    if (length === undefined) return undefined;
    if (length === 0)
      return { name: formatDnsName(labels), end: pointer === undefined ? at + 1 : pointer.at + 2, pointer };
    if (length >= 0xc0) {
      const low = message[at + 1];
      const to = ((length & 0x3f) << 8) | (low ?? 0);
      if (low === undefined || to >= limit) return undefined;
      pointer ??= { at, to };
      at = to;
      limit = to;
      continue;
    }
    size += 1 + length;
    if (length > maxLabel || size > maxName || at + 1 + length > message.length) return undefined;
    labels.push(formatDnsLabel(message.subarray(at + 1, at + 1 + length)));
    at += 1 + length;
  }
  return undefined;
}

/** Names without compression, one after the other, that take all the bytes there are, known as `domains`. */
export const domainNames: Body<{ readonly domains: readonly string[] }> = {
  decode(bytes) {
    const domains: string[] = [];
    let at = 0;
    while (at < bytes.length) {
      const read = readDnsName(bytes, at);
      if (read === undefined || read.pointer !== undefined) return undefined;
      domains.push(read.name);
      at = read.end;
    }
    return { values: { domains }, length: at };
  },
  encode: ({ domains }) => Buffer.concat(domains.map(encodeDnsName)),
  faults: ({ domains }) =>
    domains.flatMap((name, i) => {
      const fault = dnsNameFault(name);
      return fault === undefined ? [] : [`domains[${i}]: ${fault}`];
    }),
};
