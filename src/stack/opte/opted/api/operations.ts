import { createRoute, type OpenAPIHono, type z } from "@hono/zod-openapi";
import type { Context } from "hono";

type Method = "get" | "put" | "post" | "delete";

/** What an operation is given. */
export interface Given<Params, Query, Body> {
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
}

/** How an operation is described; a part that is left out is not there. */
export interface OperationSpec<
  Params extends z.ZodType,
  Query extends z.ZodType,
  Body extends z.ZodType,
  Answer extends z.ZodType,
> {
  readonly summary: string;
  readonly params?: Params;
  readonly query?: Query;
  readonly body?: Body;
  readonly answer?: Answer;
}

/**
 * Add an operation to an API: its parameters and its body are read by their schemas, and what it returns is the answer; nothing
 * (204) if there is no schema of one.
 */
export function operation<
  Params extends z.ZodType = z.ZodUndefined,
  Query extends z.ZodType = z.ZodUndefined,
  Body extends z.ZodType = z.ZodUndefined,
  Answer extends z.ZodType = z.ZodVoid,
>(
  api: OpenAPIHono,
  method: Method,
  path: string,
  { summary, params, query, body, answer }: OperationSpec<Params, Query, Body, Answer>,
  run: (
    given: Given<z.output<Params>, z.output<Query>, z.output<Body>>,
  ) => z.output<Answer> | Promise<z.output<Answer>>,
): void {
  const route = createRoute({
    method,
    path,
    summary,
    request: {
      ...(params === undefined ? {} : { params: params as unknown as z.ZodObject }),
      ...(query === undefined ? {} : { query: query as unknown as z.ZodObject }),
      ...(body === undefined ? {} : { body: { required: true, content: { "application/json": { schema: body } } } }),
    },
    responses:
      answer === undefined
        ? { 204: { description: "done" } }
        : { 200: { description: "the answer", content: { "application/json": { schema: answer } } } },
  });
  api.openapi(route, async (context) => {
    const valid = (part: "param" | "query" | "json"): unknown =>
      (context as Context as unknown as { req: { valid(part: string): unknown } }).req.valid(part);
    const given = {
      params: params === undefined ? undefined : valid("param"),
      query: query === undefined ? undefined : valid("query"),
      body: body === undefined ? undefined : valid("json"),
    } as Given<z.output<Params>, z.output<Query>, z.output<Body>>;
    const result = await run(given);
    return answer === undefined ? new Response(null, { status: 204 }) : Response.json(result);
  });
}
