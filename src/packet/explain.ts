import { assemble, type Assembled, completedLayers } from "./assemble.ts";
import { codecOf, isProtocol } from "./codecs.ts";
import type { Layer, Packet } from "./layers.ts";
import { PacketError } from "./packet-error.ts";
import { printable } from "./printable.ts";

const maxShownBytes = 64;

/** Fields that a person compares in hexadecimal digits, and how many. */
const hexadecimal: ReadonlyMap<string, number> = new Map([
  ["etherType", 4],
  ["protocolType", 4],
  ["class", 4],
  ["checksum", 4],
]);

/** Fields of which it is worth saying that they are not as they should be. */
const judged: ReadonlySet<string> = new Set(["checksum", "length", "totalLength", "payloadLength"]);

/** Fields that say which of several things an item of a list is: its name, which comes first. */
const kinds: ReadonlySet<string> = new Set(["option", "tlv", "attribute", "capability", "parameter"]);

/**
 * A packet field by field, a line each, with the fields that building fills in, and what a wrong length or checksum
 * should be. Several lines without a trailing newline. Never throws.
 */
export function explain(packet: Packet): string {
  const assembled = assembledIfPossible(packet);
  const layers = assembled === undefined ? packet.layers : completedLayers(assembled);
  return layers.flatMap((layer, i) => [title(layer), ...fieldLines(layer, assembled?.derived[i] ?? {})]).join("\n");
}

function title(layer: Layer): string {
  if (isProtocol(layer)) return codecOf(layer.layer).title;
  if (layer.layer === "malformed") return `malformed ${codecOf(layer.expected).title}: ${layer.reason}`;
  return `${layer.layer}, ${layer.data.length} bytes`;
}

function fieldLines(layer: Layer, expected: Readonly<Record<string, unknown>>): string[] {
  const fields = Object.entries(layer).filter(([name]) => name !== "layer" && name !== "expected" && name !== "reason");
  const width = Math.max(0, ...fields.map(([name]) => name.length));
  return fields.flatMap(([name, value]) => {
    const right = judged.has(name) ? expected[name] : undefined;
    const note = right === undefined || right === value ? "" : ` (expected ${formatField(name, right)})`;
    if (!Array.isArray(value)) return [`  ${name.padEnd(width)}  ${formatField(name, value)}${note}`];
    if (value.length === 0) return [`  ${name.padEnd(width)}  none`];
    return value.map((item, i) => `  ${(i === 0 ? name : "").padEnd(width)}  ${formatValue(item)}`);
  });
}

function formatField(name: string, value: unknown): string {
  const digits = hexadecimal.get(name);
  if (digits === undefined || typeof value !== "number") return formatValue(value);
  return `0x${value.toString(16).padStart(digits, "0")}`;
}

function formatValue(value: unknown): string {
  if (value instanceof Uint8Array) {
    const shown = Buffer.from(value.subarray(0, maxShownBytes)).toString("hex");
    const more = value.length - maxShownBytes;
    return more > 0 ? `${shown} … and ${more} more bytes` : shown;
  }
  if (Array.isArray(value)) return value.length === 0 ? "none" : value.map(formatValue).join(", ");
  if (typeof value === "object" && value !== null) {
    return Object.entries(value)
      .map(([name, item]) => (kinds.has(name) ? formatValue(item) : `${name} ${formatField(name, item)}`))
      .join(" ");
  }
  return typeof value === "boolean" ? (value ? "yes" : "no") : printable(String(value));
}

function assembledIfPossible(packet: Packet): Assembled | undefined {
  try {
    return assemble(packet.layers);
  } catch (error) {
    if (error instanceof PacketError) return undefined;
    throw error;
  }
}
