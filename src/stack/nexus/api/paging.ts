import { z } from "@hono/zod-openapi";
import { invalid } from "../resources/refusals.ts";
import type { Table } from "../store/table.ts";
import { wholeNumber } from "./values.ts";

const defaultItems = 100;
const largestPage = 10_000;

const pageFields = {
  limit: wholeNumber(1, 0xffff_ffff).optional(),
  page_token: z.string().max(1024).optional(),
};

/** The query of a list of named resources. */
export const pageByName = {
  ...pageFields,
  sort_by: z.enum(["name_ascending", "name_descending", "id_ascending"]).optional(),
};

/** The query of a list of what has no name. */
export const pageById = { ...pageFields, sort_by: z.enum(["id_ascending"]).optional() };

/** The query of a list that has one order. */
export const pageInOrder = pageFields;

/** Which page is asked for. */
export interface PageQuery {
  readonly limit?: number | undefined;
  readonly page_token?: string | undefined;
  readonly sort_by?: "name_ascending" | "name_descending" | "id_ascending" | undefined;
}

/** A page of items. */
export function pageOf<S extends z.ZodType>(
  item: S,
): z.ZodObject<{ items: z.ZodArray<S>; next_page: z.ZodNullable<z.ZodString> }> {
  return z.object({ items: z.array(item), next_page: z.string().nullable() });
}

const tokenSchema = z.strictObject({
  sort: z.enum(["name_ascending", "name_descending", "id_ascending"]),
  after: z.string(),
});

/**
 * A page of the rows that fit. Tokens say the last key of the page before, so that what comes and goes meanwhile disturbs
 * nothing. @throws ApiError (400) for a token that is none
 */
export function pageRows<Row extends { readonly id: string }, Item>(
  table: Table<Row>,
  where: object,
  { limit = defaultItems, page_token: token, sort_by: wanted }: PageQuery,
  show: (row: Row) => Item,
  fallback: NonNullable<PageQuery["sort_by"]> = "name_ascending",
): { items: Item[]; next_page: string | null } {
  const from = token === undefined ? undefined : readToken(token);
  const sort = from?.sort ?? wanted ?? fallback;
  const by = (sort === "id_ascending" ? "id" : "name") as keyof Row & string;
  const size = Math.min(limit, largestPage);
  const rows = table.page(where, {
    by,
    descending: sort === "name_descending",
    after: from?.after,
    limit: size + 1,
  });
  const shown = rows.slice(0, size);
  const last = shown.at(-1);
  const isLast = last === undefined || rows.length === shown.length;
  const next = isLast ? null : Buffer.from(JSON.stringify({ sort, after: last[by] })).toString("base64url");
  return { items: shown.map(show), next_page: next };
}

function readToken(token: string): z.output<typeof tokenSchema> {
  try {
    return tokenSchema.parse(JSON.parse(Buffer.from(token, "base64url").toString("utf8")));
  } catch {
    throw invalid("page_token", "expected one that an answer had as next_page");
  }
}
