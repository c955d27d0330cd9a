/** Fields of an Ethernet header. */
export const ethernet: readonly (readonly [string, number])[] = [
  ["dst", 48],
  ["src", 48],
  ["type", 16],
];
