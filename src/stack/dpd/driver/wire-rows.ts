import type { ThriftClient } from "../../../p4/switch/index.ts";
import { type KeyPart, type Row, type TableName, tableShape } from "../engine/tables.ts";

type AddArguments = Parameters<typeof ThriftClient.prototype.call<"bm_mt_add_entry">>[1];
type WireKeyPart = AddArguments["key"][number];
type WireEntry = Awaited<ReturnType<typeof ThriftClient.prototype.call<"bm_mt_get_entries">>>[number];

/** BmMatchParamType (BMv2's run-time interface). */
const matchType = { exact: 0, lpm: 1, ternary: 2, range: 4 } as const;

/** A row as it goes to the switch. */
export function rowToWire({ table, key, priority, action, data }: Row): AddArguments {
  const shape = tableShape(table);
  return {
    cxt: 0,
    table,
    key: key.map((part, at) => partToWire(part, Math.ceil((shape.key[at]?.[1] ?? 0) / 8))),
    action,
    data: dataToWire(data),
    options: { priority: priority === -1 ? undefined : priority },
  };
}

/** Values of an action's parameters, each in its shortest form. */
export function dataToWire(data: Row["data"]): readonly Uint8Array[] {
  return data.map((value) => toBytes(value, Math.max(1, Math.ceil(value.toString(16).length / 2))));
}

/** A row as a switch tells it, with its handle. */
export function rowFromWire(table: TableName, entry: WireEntry): { readonly row: Row; readonly handle: number } {
  const row = {
    table,
    key: entry.key.map((part, at) => partFromWire(part, tableShape(table).key[at]?.[1] ?? 0)),
    priority: entry.options.priority ?? -1,
    action: entry.action.name ?? "",
    data: (entry.action.data ?? []).map(toNumber),
  };
  return { row, handle: entry.handle };
}

function partToWire(part: KeyPart, bytes: number): WireKeyPart {
  const nothing = { exact: undefined, lpm: undefined, ternary: undefined, valid: undefined, range: undefined };
  const type = matchType[part.kind];
  switch (part.kind) {
    case "exact":
      return { ...nothing, type, exact: { key: toBytes(part.value, bytes) } };
    case "lpm":
      return { ...nothing, type, lpm: { key: toBytes(part.value, bytes), prefixLength: part.length } };
    case "ternary":
      return { ...nothing, type, ternary: { key: toBytes(part.value, bytes), mask: toBytes(part.mask, bytes) } };
    case "range":
      return { ...nothing, type, range: { start: toBytes(part.start, bytes), end: toBytes(part.end, bytes) } };
  }
}

function partFromWire({ exact, lpm, ternary, range }: WireKeyPart, width: number): KeyPart {
  if (lpm !== undefined) {
    // Host bits come back as they were given, and mean nothing.
    const hostBits = BigInt(width - lpm.prefixLength);
    return { kind: "lpm", value: (toNumber(lpm.key) >> hostBits) << hostBits, length: lpm.prefixLength };
  }
  if (ternary !== undefined) return { kind: "ternary", value: toNumber(ternary.key), mask: toNumber(ternary.mask) };
  if (range !== undefined) return { kind: "range", start: toNumber(range.start), end: toNumber(range.end) };
  return { kind: "exact", value: toNumber(exact?.key ?? new Uint8Array()) };
}

function toBytes(value: bigint, length: number): Uint8Array {
  return Buffer.from(value.toString(16).padStart(2 * length, "0"), "hex");
}

function toNumber(bytes: Uint8Array): bigint {
  return BigInt(`0x0${Buffer.from(bytes).toString("hex")}`);
}
