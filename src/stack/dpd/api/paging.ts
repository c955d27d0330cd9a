import { z } from "@hono/zod-openapi";
import { ApiError } from "../../daemon/api.ts";

const defaultPageItems = 100;
const largestPageItems = 10_000;

/** Which page is asked for. */
export const pageQuery = z.object({
  limit: z
    .string()
    .regex(/^[1-9]\d{0,8}$/, "expected a number from 1 on")
    .transform(Number)
    .optional()
    .openapi({ type: "integer", minimum: 1 }),
  page_token: z.string().max(1024).optional(),
});

/** A page of items. */
export function pageOf<S extends z.ZodType>(
  item: S,
): z.ZodObject<{ items: z.ZodArray<S>; next_page: z.ZodNullable<z.ZodString> }> {
  return z.object({ items: z.array(item), next_page: z.string().nullable() });
}

/**
 * The page that is asked for, of items in ascending order of their keys. Tokens name the last key of the page before, so
 * that items that come and go meanwhile disturb nothing else.
 *
 * @throws ApiError for a token that is none
 */
export function page<T>(
  items: readonly T[],
  key: (item: T) => string,
  compare: (one: string, other: string) => number,
  { limit = defaultPageItems, page_token: token }: z.output<typeof pageQuery>,
): { items: T[]; next_page: string | null } {
  const sorted = [...items].sort((a, b) => compare(key(a), key(b)));
  const after = token === undefined ? undefined : Buffer.from(token, "base64url").toString("utf8");
  let rest = sorted;
  if (after !== undefined) {
    try {
      rest = sorted.filter((item) => compare(key(item), after) > 0);
    } catch (error) {
      throw new ApiError(400, `page_token: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  const chosen = rest.slice(0, Math.min(limit, largestPageItems));
  const last = chosen.at(-1);
  const isLast = last === undefined || chosen.length === rest.length;
  return { items: chosen, next_page: isLast ? null : Buffer.from(key(last)).toString("base64url") };
}
