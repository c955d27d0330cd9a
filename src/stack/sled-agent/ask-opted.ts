import type { z } from "zod";
import { type ApiTarget, requestApi } from "../daemon/request.ts";

/** How long opted may take, milliseconds: in a machine that is emulated and busy. */
const timeoutMs = 30_000;

/** An answer of opted; undefined for what it does not have. Rejects for any other refusal, and when nobody answers. */
export async function askOpted<Answer>(
  opted: ApiTarget,
  path: string,
  schema: z.ZodType<Answer>,
): Promise<Answer | undefined> {
  const { status, body } = await requestApi(opted, { method: "GET", path, timeoutMs });
  if (status === 404) return undefined;
  if (status !== 200) throw new Error(`opted answers ${path} with status ${status}`);
  return schema.parse(JSON.parse(body));
}
