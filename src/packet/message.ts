import { copied, header } from "./body.ts";
import { internetChecksum } from "./checksum.ts";
import type { Codec, Surroundings } from "./codec.ts";
import { bits } from "./field.ts";
import type { ProtocolName } from "./layers.ts";
import { decodeVariant, type Variant, variant, type Variants, variants } from "./variant.ts";

/** A message of ICMP or ICMPv6: type, code, checksum, then what the type says. */
interface Message {
  readonly layer: ProtocolName;
  readonly message: string;
  readonly checksum?: number;
}

interface Begin {
  readonly type: number;
  readonly code: number;
  readonly checksum?: number;
}

const begin = header<Begin>({ type: bits(8), code: bits(8), checksum: bits(16) });

/** A message known only by its numbers; the rest of it is payload. */
const other = header<Omit<Begin, "checksum">>({ type: bits(8), code: bits(8) });

/** Index the messages of a protocol. A body here is the code, one byte, and then what follows the checksum. */
export function messages(table: Readonly<Record<string, Variant>>): Variants {
  return variants({ ...table, other: variant(-1, other) });
}

/** The codec of a protocol whose layer is told by its message. `pseudoHeader` is the sum to begin the checksum with. */
export function messageCodec<L extends Message>(
  codec: Pick<Codec<L>, "layer" | "title" | "carriedBy" | "describe">,
  known: Variants,
  pseudoHeader: (surroundings: Surroundings, length: number) => number,
): Codec<L> {
  return {
    ...codec,
    decode(bytes) {
      const start = begin.decode(bytes);
      if (start === undefined) return `expected at least ${begin.size} bytes, found ${bytes.length}`;
      const { type, code, checksum } = start.values;
      const body = Buffer.concat([bytes.subarray(1, 2), bytes.subarray(begin.size)]);
      const decoded = decodeVariant(known, type, body);
      const message = decoded?.name ?? "other";
      const values = decoded?.values ?? { type, code };
      return {
        layer: { layer: codec.layer, message, checksum, ...values } as unknown as L,
        headerLength: decoded === undefined ? begin.size : begin.size + decoded.length - 1,
      };
    },
    derive(layer, surroundings) {
      const bytes = Buffer.concat([encode(known, { ...layer, checksum: 0 }), surroundings.body]);
      const checksum = internetChecksum(bytes, pseudoHeader(surroundings, bytes.length));
      return { checksum } as Partial<L>;
    },
    encode: (layer) => encode(known, layer),
    faults(layer) {
      const body = known.byName.get(layer.message)?.body;
      if (body === undefined) {
        const names = [...known.byName.keys()].join(", ");
        return [`message: expected one of ${names}, found "${layer.message}"`];
      }
      return [...begin.faults({ type: 0, code: 0, ...checksumOf(layer) }), ...body.faults(layer)];
    },
  };
}

function encode(known: Variants, layer: Message): Buffer {
  const found = known.byName.get(layer.message);
  const body = found?.body.encode(layer) ?? Buffer.alloc(2);
  if (layer.message === "other") {
    return begin.encode({ type: body[0] ?? 0, code: body[1] ?? 0, ...checksumOf(layer) });
  }
  const start = begin.encode({ type: found?.type ?? 0, code: body[0] ?? 0, ...checksumOf(layer) });
  return Buffer.concat([start, copied(body.subarray(1))]);
}

function checksumOf({ checksum }: Message): { checksum?: number } {
  return checksum === undefined ? {} : { checksum };
}
