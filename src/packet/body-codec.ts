import type { Body } from "./body.ts";
import type { Codec } from "./codec.ts";
import type { ProtocolName } from "./layers.ts";

/** Distributes over the shapes of a layer that has several. */
type Values<L> = L extends unknown ? Omit<L, "layer"> : never;

/**
 * The codec of a protocol whose layers are the values of `body` and derive nothing. Bytes of which the body cannot say
 * all, say since a reserved bit is set, are not read as the protocol, so that none is lost.
 */
export function bodyCodec<L extends { readonly layer: ProtocolName }>(
  codec: Pick<Codec<L>, "layer" | "title" | "carriedBy" | "describe">,
  body: Body<Values<L>>,
): Codec<L> {
  // A layer has all that its values have.
  const { decode, encode, faults } = body as unknown as Body<L>;
  return {
    ...codec,
    decode(bytes) {
      const decoded = decode(bytes);
      if (decoded === undefined) return "cut off, or lengths that do not fit";
      const { values, length } = decoded;
      // Text that is no UTF-8 is read as other text, which may even be too long to be written.
      if (faults(values).length > 0 || !encode(values).equals(bytes.subarray(0, length)))
        return "not understood in full";
      return { layer: { ...values, layer: codec.layer }, headerLength: length };
    },
    derive: () => ({}),
    encode,
    faults,
  };
}
