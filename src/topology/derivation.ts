import { hash } from "node:crypto";

/**
 * 64 bits as 16 hexadecimal digits, derived from a seed and names only: asking for another name or in another order
 * changes nothing.
 */
export function deriveSeed(seed: string | number, ...names: readonly string[]): string {
  return digest(String(seed), ...names).slice(0, 16);
}

/** A locally administered unicast MAC, derived from the names of topology, node and port: 46 bits of a hash. */
export function deriveMac(topology: string, node: string, port: string): string {
  const bytes = digest("mac", topology, node, port).slice(0, 12).match(/../g) ?? [];
  const [first = "00", ...rest] = bytes;
  const local = (Number.parseInt(first, 16) & 0xfc) | 0x02;
  return [local.toString(16).padStart(2, "0"), ...rest].join(":");
}

function digest(...parts: readonly string[]): string {
  // JSON keeps ["a","bc"] and ["ab","c"] apart.
  return hash("sha256", JSON.stringify(parts), "hex");
}
