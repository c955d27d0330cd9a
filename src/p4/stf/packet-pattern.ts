/** What a packet is expected to be: its nibbles, each with a value or none that counts. */
export interface PacketPattern {
  /** 0 to 15, or undefined where any value will do. */
  readonly nibbles: readonly (number | undefined)[];
  /** Whether the packet has to end with the pattern. */
  readonly complete: boolean;
}

/** Whether a packet is what was expected. */
export function matches({ nibbles, complete }: PacketPattern, bytes: Uint8Array): boolean {
  const found = bytes.length * 2;
  if (complete ? found !== nibbles.length : found < nibbles.length) return false;
  return nibbles.every((nibble, at) => nibble === undefined || nibble === nibbleOf(bytes, at));
}

/** A pattern as a test writes it. */
export function patternText({ nibbles, complete }: PacketPattern): string {
  const digits = nibbles.map((nibble) => nibble?.toString(16) ?? "*").join("");
  return complete ? `${digits} $` : digits;
}

/** The packet that comes nearest to `bytes` among those that match: what does not count is taken from there. */
export function nearestPacket({ nibbles, complete }: PacketPattern, bytes: Uint8Array): Uint8Array {
  const length = complete ? Math.ceil(nibbles.length / 2) : Math.max(Math.ceil(nibbles.length / 2), bytes.length);
  const nibble = (at: number): number => nibbles[at] ?? nibbleOf(bytes, at);
  return Uint8Array.from({ length }, (_, at) => (nibble(at * 2) << 4) | nibble(at * 2 + 1));
}

function nibbleOf(bytes: Uint8Array, at: number): number {
  const byte = bytes[at >> 1] ?? 0;
  return at % 2 === 0 ? byte >> 4 : byte & 15;
}
