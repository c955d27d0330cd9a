import type { Storage, StoredField, StoredType } from "../lower/storage.ts";
import { widthOf } from "../lower/value.ts";
import type { Json } from "./json.ts";

/** Header types, instances, stacks and unions; ids are places in the lists, as BMv2 wants them. */
export function headersJson(storage: Storage): Record<string, Json> {
  const idOf = new Map(storage.headers.map(({ name }, id) => [name, id]));
  const unionIds = new Map(storage.unions.map(({ name }, id) => [name, id]));
  const metadataTypes = new Set(storage.headers.filter(({ metadata }) => metadata).map(({ type }) => type));
  return {
    header_types: storage.headerTypes.map((type, id) => headerTypeJson(type, id, metadataTypes.has(type.name))),
    headers: storage.headers.map(({ name, type, metadata }, id) => ({
      name,
      id,
      header_type: type,
      metadata,
      pi_omit: true,
    })),
    header_stacks: storage.stacks.map(({ name, type, elements }, id) => ({
      name,
      id,
      header_type: type,
      size: elements.length,
      header_ids: elements.map((element) => idOf.get(element) ?? 0),
    })),
    header_union_types: [...storage.unionTypes.values()].map(({ name, members }, id) => ({
      name,
      id,
      headers: members.map((member) => [member.name, member.type]),
    })),
    header_unions: storage.unions.map(({ name, type, members }, id) => ({
      name,
      id,
      union_type: type,
      header_ids: members.map((member) => idOf.get(member) ?? 0),
    })),
    header_union_stacks: storage.unionStacks.map(({ name, type, elements }, id) => ({
      name,
      id,
      union_type: type,
      size: elements.length,
      header_union_ids: elements.map((element) => unionIds.get(element) ?? 0),
    })),
  };
}

function headerTypeJson({ name, fields }: StoredType, id: number, padded: boolean): Json {
  // P4 has numbers of no bits; BMv2 has no such fields.
  const bitsOf = (shape: StoredField["shape"]): number => Math.max(padded ? 1 : 0, widthOf(shape));
  const variable = fields.find(({ shape }) => shape.kind === "varbit");
  const bits = fields.reduce((sum, { shape }) => sum + (shape.kind === "varbit" ? 0 : bitsOf(shape)), 0);
  const columns: Json[] = fields.map(({ name: field, shape }) =>
    // A one-bit field is never signed to BMv2, which wants two bits for that.
    shape.kind === "varbit"
      ? [field, "*"]
      : [field, bitsOf(shape), shape.kind === "bits" && shape.signed && shape.width > 1],
  );
  const missing = (8 - (bits % 8)) % 8;
  if (padded && missing > 0) columns.push(["_padding", missing, false]);
  const base = { name, id, fields: columns };
  if (variable?.shape.kind !== "varbit") return base;
  return { ...base, length_exp: null, max_length: Math.ceil((bits + variable.shape.width) / 8) };
}
