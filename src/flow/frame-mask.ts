import { build, difference, type LayerName, Packet, parse } from "../packet/index.ts";
import { completeLayers, type FieldVerdict } from "./pattern.ts";
import { describePacket } from "./inner-packet.ts";

/** Bits of a frame that may be anything. */
interface BitRange {
  /** From the most significant bit of the first byte. */
  readonly first: number;
  readonly length: number;
}

/**
 * A whole frame that must come as it is, apart from what it is told to ignore. Each `ignoring…` gives a new mask.
 *
 * Ignoring a field also ignores the checksums and lengths that merely follow from it. Ignoring bits does not: what covers
 * them must be ignored as well.
 */
export class FrameMask {
  /** The frame, without FCS. */
  readonly frame: Buffer;
  readonly #fields: readonly string[];
  readonly #bits: readonly BitRange[];

  private constructor(frame: Buffer, fields: readonly string[], bits: readonly BitRange[]) {
    this.frame = frame;
    this.#fields = fields;
    this.#bits = bits;
  }

  /** Exactly this frame. @throws PacketError when the packet cannot be built */
  static of(frame: Packet | Uint8Array): FrameMask {
    return new FrameMask(frame instanceof Packet ? build(frame) : Buffer.from(frame), [], []);
  }

  /** Let fields of all layers of that name be anything; without fields, the whole layers. */
  ignoring(layer: LayerName, ...fields: readonly string[]): FrameMask {
    const ignored = fields.length === 0 ? [`${layer}.*`] : fields.map((field) => `${layer}.${field}`);
    return new FrameMask(this.frame, [...this.#fields, ...ignored], this.#bits);
  }

  /** Let bytes be anything. */
  ignoringBytes(offset: number, length: number): FrameMask {
    return this.ignoringBits(offset * 8, length * 8);
  }

  /** Let bits be anything; the first is the most significant of the first byte. */
  ignoringBits(offset: number, length: number): FrameMask {
    return new FrameMask(this.frame, this.#fields, [...this.#bits, { first: offset, length }]);
  }

  /** Whether a frame is the one, apart from what is ignored. */
  matches(frame: Buffer): boolean {
    const found = this.#covered(frame);
    if (found.equals(this.frame)) return true;
    return this.#fields.length > 0 && this.#differences(found).length === 0;
  }

  /** What is the same and what is not, layer by layer; within a layer that differs, the fields that do. */
  compare(frame: Buffer): readonly FieldVerdict[] {
    const found = this.#covered(frame);
    const differences = this.#differences(found);
    const expected = completeLayers(parse(this.frame));
    const differing = new Set(differences.map(({ field }) => field.split(".")[0]));
    const same = expected.filter(({ layer }) => !differing.has(layer));
    const names = [...new Set(same.map(({ layer }) => layer))];
    return [
      ...names.map((layer) => ({ field: layer, matches: true, expected: "the same", found: "as expected" })),
      ...differences,
    ];
  }

  toString(): string {
    const ignored = [
      ...this.#fields.map((field) => field.replace(".*", "")),
      ...this.#bits.map(({ first, length }) => `${length} bits from bit ${first}`),
    ];
    const text = `exactly ${describePacket(parse(this.frame))}`;
    return ignored.length === 0 ? text : `${text}, apart from ${ignored.join(", ")}`;
  }

  /** The frame with the bits that may be anything as they are expected. */
  #covered(frame: Buffer): Buffer {
    if (this.#bits.length === 0) return frame;
    const covered = Buffer.from(frame);
    for (const { first, length } of this.#bits) {
      for (let bit = first; bit < first + length && bit >> 3 < covered.length; bit += 1) {
        const mask = 0x80 >> (bit & 7);
        covered[bit >> 3] = ((covered[bit >> 3] ?? 0) & ~mask) | ((this.frame[bit >> 3] ?? 0) & mask);
      }
    }
    return covered;
  }

  #differences(frame: Buffer): readonly FieldVerdict[] {
    return difference(parse(this.frame), parse(frame))
      .filter(({ layer, field }) => !this.#fields.includes(`${layer}.${field}`) && !this.#fields.includes(`${layer}.*`))
      .map(({ layer, field, before, after }) => {
        if (field !== "layer") return { field: `${layer}.${field}`, matches: false, expected: before, found: after };
        const [expected, found] = [before, after].map((value) => (value === undefined ? "none" : "present"));
        return { field: layer, matches: false, expected, found };
      });
  }
}

/** A frame that must come as it is, apart from what is ignored: `masked(packet).ignoring("ipv6", "hopLimit")`. */
export function masked(frame: Packet | Uint8Array): FrameMask {
  return FrameMask.of(frame);
}
