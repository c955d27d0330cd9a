import { formatIpv4 } from "./ipv4-address.ts";
import { formatIpv6 } from "./ipv6-address.ts";

/** An address of 4 or 16 bytes as text; undefined if `bytes` are none. */
export function formatAddress(bytes: Uint8Array): string | undefined {
  if (bytes.length === 4) return formatIpv4(bytes);
  return bytes.length === 16 ? formatIpv6(bytes) : undefined;
}

/** The text that `bytes` hold in UTF-8, or a copy of them if they hold none. */
export function textOrBytes(bytes: Uint8Array): string | Uint8Array {
  const text = Buffer.from(bytes).toString("utf8");
  return Buffer.from(text, "utf8").equals(bytes) ? text : Uint8Array.from(bytes);
}
