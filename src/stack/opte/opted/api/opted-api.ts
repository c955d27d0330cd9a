import type { OpenAPIHono } from "@hono/zod-openapi";
import { ApiError, createApi } from "../../../daemon/api.ts";
import type { DaemonLog } from "../../../daemon/log.ts";
import { NetlinkError } from "../../../../netdev/netlink-error.ts";
import { OpteError } from "../../engine/port/opte-error.ts";
import type { LimitWatch } from "../limit-watch.ts";
import type { ProbeHub } from "../probe-hub.ts";
import type { Sled } from "../sled.ts";
import { mappingOperations } from "./mapping-operations.ts";
import { portOperations } from "./port-operations.ts";
import { ruleOperations } from "./rule-operations.ts";
import { sledOperations } from "./sled-operations.ts";

/** What the API works on. */
export interface ApiContext {
  readonly sled: Sled;
  readonly probes: ProbeHub;
  readonly limits: LimitWatch;
  readonly log: DaemonLog;
  /** Resolves when what the sled is told now will outlast a restart. */
  readonly saved: () => Promise<void>;
  /** What was saved of a port's connections shall not come back. */
  readonly forgetFlows: (port: string) => Promise<void>;
}

const longestBodyBytes = 256 * 1024 * 1024;
const statuses = { EEXIST: 409, EBUSY: 409, ENOENT: 404, ENFILE: 507, EINVAL: 400 } as const;

/** opted's admin API: JSON over HTTP. Refusals carry the reference's error and errno as `error_code`: `PortExists EEXIST`. */
export function optedApi(context: ApiContext): OpenAPIHono {
  const { log } = context;
  const api = createApi({
    bodyLimitBytes: longestBodyBytes,
    onRefusal: (status, message, error) => {
      log[status >= 500 ? "error" : "debug"]({ status, error }, message);
    },
    translate: (error) => {
      if (error instanceof OpteError) {
        return new ApiError(
          statuses[error.errno as keyof typeof statuses],
          error.message,
          `${error.code} ${error.errno}`,
        );
      }
      if (error instanceof NetlinkError) return new ApiError(500, error.message, error.code);
      return undefined;
    },
  });
  api.use(async (operation, next) => {
    await next();
    context.probes.answered(`${operation.req.method} ${operation.req.path}`, operation.res.status);
  });
  sledOperations(api, context);
  portOperations(api, context);
  ruleOperations(api, context);
  mappingOperations(api, context);
  return api.doc31("/openapi.json", { openapi: "3.1.0", info: { title: "opted", version: "1.0.0" } });
}
