import { type OpenAPIHono, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import type { ChangeSignal } from "../../daemon/held-answer.ts";
import { ApiError } from "../../daemon/api.ts";
import type { Store } from "../store/store.ts";

/** What the operations of the API work on. */
export interface ApiContext {
  readonly store: Store;
  /** Called after each committed change. */
  readonly changed: () => void;
  /** What is known of sleds and switches beyond the database. */
  readonly fabric: FabricStatus;
  /** Tells when the database may be another; `revision` counts that. */
  readonly changes: ChangeSignal;
  revision(): number;
}

/** What sled agents and switches last reported. */
export interface FabricStatus {
  /** One line a target: what is wanted and what is known to be in effect. */
  targets(): readonly TargetStatus[];
  /** What a switch last said of itself. */
  switchReport(switchId: string): SwitchStatus | undefined;
}

/** How far a sled or switch is. */
export interface TargetStatus {
  readonly target: string;
  readonly wanted_generation: number;
  readonly confirmed_generation: number | null;
  readonly last_fault: string | null;
  /** What is nearly used up there, in words. */
  readonly alerts: readonly string[];
}

/** Sessions as a switch sees them. */
export interface SwitchStatus {
  readonly bgp_peers: readonly {
    readonly addr: string;
    readonly peer_id: string;
    readonly local_asn: number;
    readonly remote_asn: number;
    readonly state: string;
    readonly state_duration_millis: number;
  }[];
  readonly bgp_exported: readonly { readonly peer_id: string; readonly prefix: string }[];
  readonly bgp_imported: readonly {
    readonly id: number;
    readonly asn: number;
    readonly nexthop: string;
    readonly prefix: string;
  }[];
  readonly bfd: readonly { readonly peer: string; readonly state: "admin_down" | "down" | "init" | "up" }[];
}

/** Adds some operations to the API. */
export type Operations = (api: OpenAPIHono, context: ApiContext) => void;

/** No parameters at all. */
const nothing = z.strictObject({});
type Nothing = typeof nothing;

/** An operation of HTTP: how it is asked for and what it answers. */
export interface OperationSpec<P extends z.ZodObject, Q extends z.ZodObject, B extends z.ZodType, A extends z.ZodType> {
  readonly id: string;
  readonly method: "get" | "post" | "put" | "delete";
  /** With its parameters in braces. */
  readonly path: string;
  readonly summary: string;
  readonly params?: P;
  readonly query?: Q;
  readonly body?: B;
  /** What it answers; nothing (204) unless given. */
  readonly answer?: A;
  /** 200 unless given, 204 without an answer. */
  readonly status?: 201 | 202;
}

/** What an operation was asked for, read. */
export interface OperationRequest<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType> {
  readonly params: z.output<P>;
  readonly query: z.output<Q>;
  readonly body: z.output<B>;
}

/**
 * Add an operation. What is at fault with its parameters, its query and its body is told all at once, each with the name
 * of its field. All but `get` are one transaction of the database.
 */
export function operation<
  A extends z.ZodType,
  P extends z.ZodObject = Nothing,
  Q extends z.ZodObject = Nothing,
  B extends z.ZodType = z.ZodUndefined,
>(
  api: OpenAPIHono,
  { store, changed }: ApiContext,
  spec: OperationSpec<P, Q, B, A>,
  handle: (request: OperationRequest<P, Q, B>) => z.input<A>,
): void {
  const { id, method, path, summary, params, query, body, answer } = spec;
  const status = spec.status ?? (answer === undefined ? 204 : 200);
  api.openAPIRegistry.registerPath({
    method,
    path,
    operationId: id,
    summary,
    request: {
      ...(params === undefined ? {} : { params }),
      ...(query === undefined ? {} : { query }),
      ...(body === undefined ? {} : { body: { required: true, content: json(body) } }),
    },
    responses: {
      [status]: answer === undefined ? { description: "done" } : { description: summary, content: json(answer) },
      "4XX": { description: "refused", content: json(refusal) },
      "5XX": { description: "failed", content: json(refusal) },
    },
  });
  api.on(method.toUpperCase(), path.replaceAll(/\{(\w+)\}/g, ":$1"), async (c) => {
    const request = await readRequest<P, Q, B>(c, spec);
    if (method === "get") return c.json(handle(request) as object, 200);
    const result = store.transaction(() => handle(request));
    changed();
    return status === 204 ? c.body(null, 204) : c.json(result as object, status);
  });
}

const refusal = z
  .object({ message: z.string(), request_id: z.string(), error_code: z.string().optional() })
  .openapi("Error");

function json<S extends z.ZodType>(schema: S): { readonly "application/json": { schema: S } } {
  return { "application/json": { schema } };
}

async function readRequest<P extends z.ZodObject, Q extends z.ZodObject, B extends z.ZodType>(
  c: Context,
  spec: Pick<OperationSpec<P, Q, B, z.ZodType>, "params" | "query" | "body">,
): Promise<OperationRequest<P, Q, B>> {
  const faults: string[] = [];
  const read = (schema: z.ZodType, value: unknown, whole: string): unknown => {
    const result = schema.safeParse(value);
    if (result.success) return result.data;
    faults.push(...result.error.issues.flatMap((issue) => issueTexts(issue, whole)));
    return undefined;
  };
  const given = c.req.queries();
  for (const [field, { length }] of Object.entries(given))
    if (length > 1) faults.push(`${field}: given ${length} times`);
  const single = Object.fromEntries(Object.entries(given).map(([field, [value]]) => [field, value]));
  const params = read(spec.params ?? nothing, c.req.param(), "path");
  const query = read(spec.query ?? nothing, single, "query");
  let body: unknown;
  if (spec.body !== undefined) {
    let value: unknown;
    let isJson = true;
    try {
      value = JSON.parse(await c.req.text());
    } catch (error) {
      isJson = false;
      faults.push(`body: ${error instanceof Error ? error.message : String(error)}`);
    }
    if (isJson) body = read(spec.body, value, "body");
  }
  if (faults.length > 0) throw new ApiError(400, [...new Set(faults)].join("; "), "InvalidRequest");
  return { params, query, body } as OperationRequest<P, Q, B>;
}

/** What is wrong, with the path of its field; of a union, what is wrong with the alternative that comes closest. */
function issueTexts(issue: z.core.$ZodIssue, whole: string, before: readonly PropertyKey[] = []): readonly string[] {
  const path = [...before, ...issue.path];
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => `${[...path, key].map(String).join(".")}: unknown field`);
  }
  if (issue.code === "invalid_union" && issue.errors.length > 0) {
    const depth = (issues: readonly z.core.$ZodIssue[]): number =>
      Math.max(0, ...issues.map((each) => each.path.length));
    const closest = issue.errors.toSorted((one, other) => depth(other) - depth(one))[0] ?? [];
    if (depth(closest) > 0) return closest.flatMap((each) => issueTexts(each, whole, path));
  }
  return [`${path.map(String).join(".") || whole}: ${issue.message}`];
}

const shapes = new WeakMap<z.ZodObject, readonly string[]>();

/** What the API shows of a row: the fields of the schema. */
export function view<S extends z.ZodObject>(schema: S, row: z.input<S>): z.input<S> {
  let fields = shapes.get(schema);
  if (fields === undefined) shapes.set(schema, (fields = Object.keys(schema.shape)));
  const shown: Record<string, unknown> = {};
  for (const field of fields) shown[field] = (row as Record<string, unknown>)[field];
  return shown as z.input<S>;
}
