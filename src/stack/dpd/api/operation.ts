import type { OpenAPIHono } from "@hono/zod-openapi";
import type { z } from "@hono/zod-openapi";
import type { ApiOptions } from "../../daemon/api.ts";
import type { DpdConfiguration } from "../configuration.ts";
import type { Control } from "../control.ts";
import type { LinkMonitor } from "../link-monitor.ts";

/** What the operations of the API work on. */
export interface ApiContext {
  readonly control: Control;
  readonly links: LinkMonitor;
  readonly configuration: DpdConfiguration;
  /** Milliseconds since the daemon started. */
  readonly uptimeMs: () => number;
  /** A moment of the daemon's clock as text, the way the API tells times. */
  readonly timeText: (uptimeMs: number) => string;
  /** Called for each request that was refused or failed. */
  readonly onRefusal: NonNullable<ApiOptions["onRefusal"]>;
}

/** Adds some operations to the API. */
export type Operations = (api: OpenAPIHono, context: ApiContext) => void;

/** The answer of an operation that has nothing to say. */
export const done = { 204: { description: "done" } } as const;

/** A body that must be there. */
export function jsonBody<S extends z.ZodType>(
  schema: S,
): { readonly body: { readonly required: true; readonly content: { "application/json": { schema: S } } } } {
  return { body: { required: true, content: { "application/json": { schema } } } };
}

/** The answer of an operation that has something to say. */
export function answer<S extends z.ZodType>(
  schema: S,
  description = "the answer",
): { readonly 200: { readonly description: string; readonly content: { "application/json": { schema: S } } } } {
  return { 200: { description, content: { "application/json": { schema } } } };
}
