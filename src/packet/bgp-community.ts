import { bits, type Field } from "./field.ts";

/** A community as `65000:1`: AS number and value, 16 bits each (RFC 1997). */
export const communityField: Field<string> = numbersField(2, 16);

/** A large community as `4200000000:1:2`, 32 bits each (RFC 8092). */
export const largeCommunityField: Field<string> = numbersField(3, 32);

/** Numbers of the same size as text, with colons between. */
function numbersField(count: number, size: number): Field<string> {
  const part = bits(size);
  const expected = Array.from({ length: count }, () => `0 to ${2 ** size - 1}`).join(":");
  return {
    bits: count * size,
    read: (bytes, bit) => Array.from({ length: count }, (_, i) => part.read(bytes, bit + i * size)).join(":"),
    write(bytes, bit, value) {
      for (const [i, text] of value.split(":").entries()) part.write(bytes, bit + i * size, Number(text));
    },
    fault(value) {
      const parts = value.split(":");
      const fits = parts.length === count && parts.every((text) => /^\d+$/.test(text) && Number(text) < 2 ** size);
      return fits ? undefined : `expected ${expected}, found "${value}"`;
    },
  };
}
