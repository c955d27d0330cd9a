import { header, list } from "./body.ts";
import type { Codec } from "./codec.ts";
import { bits, type Field, flag, spare } from "./field.ts";

/** What one router of the path has written into a DDM header, for itself only. */
export interface DdmElement {
  readonly id: number;
  /** Microseconds modulo 2^24, by the writer's clock. */
  readonly timestamp: number;
}

/**
 * The IPv6 extension header of delay-driven multipath, next header 0xdd: each router on the way leaves the time at which it
 * sent the packet, and learns its delay from the acknowledgment.
 */
export interface Ddm {
  readonly layer: "ddm";
  /** Left out: that of the next layer. */
  readonly nextHeader?: number;
  readonly version: number;
  /** The packet does nothing but bring the elements back. */
  readonly acknowledgment: boolean;
  /** Seven spare bits; absent if zero. */
  readonly reserved?: number;
  /** At most 15, the first router's first. */
  readonly elements: readonly DdmElement[];
}

/** A DDM extension header: version 1, no acknowledgment and without elements unless said. */
export function ddm(fields: Partial<Ddm> = {}): Ddm {
  return { version: 1, acknowledgment: false, elements: [], ...fields, layer: "ddm" };
}

interface Fixed extends Omit<Ddm, "layer" | "elements"> {
  /** Bytes of header and elements, the first not counted. */
  readonly headerLength: number;
}

const fixed = header<Fixed>({
  nextHeader: bits(8),
  headerLength: bits(8),
  version: bits(8),
  acknowledgment: flag(),
  reserved: spare(7),
});

// Numbers stand in network byte order and the acknowledgment is the first bit, as in the drawings of the header.
const byte = bits(8);
const time = bits(24);

const element: Field<DdmElement> = {
  bits: 32,
  read: (bytes, bit) => ({ id: byte.read(bytes, bit), timestamp: time.read(bytes, bit + 8) }),
  write(bytes, bit, { id, timestamp }) {
    byte.write(bytes, bit, id);
    time.write(bytes, bit + 8, timestamp);
  },
  fault: ({ id, timestamp }) => byte.fault(id) ?? time.fault(timestamp),
};

const elementsBody = list("elements", element);
const maxElements = 15;

/** Reads and writes DDM extension headers. */
export const ddmCodec: Codec<Ddm> = {
  layer: "ddm",
  title: "DDM extension header",
  carriedBy: [{ ipProtocol: 0xdd }],
  decode(bytes) {
    const decoded = fixed.decode(bytes);
    if (decoded === undefined) return `expected at least ${fixed.size} bytes, found ${bytes.length}`;
    const { headerLength: counted, ...values } = decoded.values;
    const headerLength = counted + 1;
    const count = (headerLength - fixed.size) / 4;
    if (!Number.isInteger(count) || count < 0 || count > maxElements) {
      return `expected a length of 3, 7, … ${maxElements * 4 + 3}, found ${counted}`;
    }
    if (headerLength > bytes.length) return `expected ${headerLength} bytes, found ${bytes.length}`;
    const elements = elementsBody.decode(bytes.subarray(fixed.size, headerLength))?.values.elements ?? [];
    return {
      layer: { layer: "ddm", ...values, elements },
      headerLength,
      next: [{ space: "ipProtocol", number: values.nextHeader ?? 0 }],
    };
  },
  derive: (_layer, { nextNumber }) => ({ nextHeader: nextNumber("ipProtocol") }),
  encode(layer) {
    const elements = elementsBody.encode(layer);
    return Buffer.concat([fixed.encode({ ...layer, headerLength: fixed.size + elements.length - 1 }), elements]);
  },
  faults(layer) {
    const faults = [...fixed.faults({ ...layer, headerLength: 3 }), ...elementsBody.faults(layer)];
    const count = layer.elements.length;
    return count > maxElements ? [...faults, `elements: expected at most ${maxElements}, found ${count}`] : faults;
  },
  describe({ acknowledgment, elements }) {
    const stamps = elements.map(({ id, timestamp }) => ` ${id}@${timestamp}µs`).join("");
    return `DDM${acknowledgment ? " acknowledgment" : ""}${stamps}`;
  },
};
