import type { OpenAPIHono } from "@hono/zod-openapi";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { ApiError, createApi } from "../../daemon/api.ts";
import { Refusal, type RefusalReason } from "../engine/refusal.ts";
import { SwitchFault, type SwitchFaultKind } from "../driver/switch-fault.ts";
import { addressOperations } from "./address-operations.ts";
import { diagnosticOperations } from "./diagnostic-operations.ts";
import { guestOperations } from "./guest-operations.ts";
import { linkOperations } from "./link-operations.ts";
import { neighborOperations } from "./neighbor-operations.ts";
import type { ApiContext } from "./operation.ts";
import { routeOperations } from "./route-operations.ts";
import { settingsOperations } from "./settings-operations.ts";

/** Longest body of a request, bytes (spec section 4.3). */
const bodyLimitBytes = 10_240;

const refusals: Readonly<Record<RefusalReason, readonly [ContentfulStatusCode, string]>> = {
  invalid: [400, "InvalidArgument"],
  missing: [404, "Missing"],
  exists: [409, "Exists"],
  full: [507, "TableFull"],
  busy: [503, "Busy"],
};
const faults: Readonly<Record<SwitchFaultKind, readonly [ContentfulStatusCode, string]>> = {
  full: [507, "TableFull"],
  refused: [500, "SwitchRefused"],
  injected: [418, "InjectedFault"],
  rollback: [500, "RollbackFailed"],
};

/** The API of dpd (spec section 4.3). */
export function createDpdApi(context: ApiContext): OpenAPIHono {
  const api = createApi({ bodyLimitBytes, onRefusal: context.onRefusal, translate: statusOf });
  // Nobody sees a change that may still be taken back.
  api.use(async (c, next) => {
    if (c.req.method === "GET") await context.control.driver.settled();
    await next();
  });
  for (const operations of [
    routeOperations,
    neighborOperations,
    guestOperations,
    addressOperations,
    linkOperations,
    settingsOperations,
    diagnosticOperations,
  ]) {
    operations(api, context);
  }
  api.doc31("/openapi.json", { openapi: "3.1.0", info: { title: "dpd", version: "13.0.0" } });
  return api;
}

function statusOf(error: unknown): ApiError | undefined {
  if (error instanceof Refusal) return new ApiError(...refusalArguments(refusals[error.reason], error.message));
  if (error instanceof SwitchFault) return new ApiError(...refusalArguments(faults[error.kind], error.message));
  return undefined;
}

function refusalArguments(
  [status, code]: readonly [ContentfulStatusCode, string],
  message: string,
): ConstructorParameters<typeof ApiError> {
  return [status, message, code];
}
