import type { Body } from "./body.ts";

/** One of several messages or options that a type number tells apart. */
export interface Variant {
  readonly type: number;
  readonly body: Body<object>;
}

/** A variant under its name, with its body's values typed while it is defined. */
export function variant<T extends object>(type: number, body: Body<T>): Variant {
  return { type, body: body as unknown as Body<object> };
}

/** The variants of a protocol, found by name and by type. */
export interface Variants {
  readonly byName: ReadonlyMap<string, Variant>;
  /** In the order they were defined: where a type has several shapes, the first that fits is taken. */
  readonly byType: ReadonlyMap<number, readonly (readonly [name: string, variant: Variant])[]>;
}

/** Index the variants of a protocol. */
export function variants(table: Readonly<Record<string, Variant>>): Variants {
  const entries = Object.entries(table);
  return {
    byName: new Map(entries),
    byType: Map.groupBy(entries, ([, { type }]) => type),
  };
}

/**
 * The first variant of `type` that says exactly what `bytes` hold, and how many of them it takes. A variant that cannot
 * say all of it, say for a reserved bit, is not taken, so that no byte is lost.
 */
export function decodeVariant(
  known: Variants,
  type: number,
  bytes: Buffer,
): { readonly name: string; readonly values: object; readonly length: number } | undefined {
  for (const [name, { body }] of known.byType.get(type) ?? []) {
    const decoded = body.decode(bytes);
    if (decoded === undefined) continue;
    if (body.encode(decoded.values).equals(bytes.subarray(0, decoded.length))) return { name, ...decoded };
  }
  return undefined;
}
