import { z } from "zod";
import { type ApiTarget, requestApi } from "../daemon/request.ts";
import { vnis } from "../opte/engine/vpc/configuration.ts";
import type { TunnelOrigin } from "./engine/wanted.ts";

const timeoutMs = 15_000;
const origins = z.array(
  z.object({ overlay_prefix: z.string(), boundary_addr: z.string(), vni: z.int(), metric: z.int() }),
);

/**
 * Let ddmd originate these tunnel origins for prefixes outside, and no others of this endpoint. Returns what was done; rejects
 * when ddmd cannot be reached, or refuses something.
 */
export async function applyTunnelOrigins(
  ddmd: ApiTarget,
  tunnelEndpoint: string,
  wanted: readonly TunnelOrigin[],
  signal: AbortSignal,
): Promise<readonly string[]> {
  const path = "/originated_tunnel_endpoints";
  const all = origins.parse(JSON.parse(await ask(ddmd, { method: "GET", path }, signal)));
  const present = all.filter(({ boundary_addr: at, vni }) => at === tunnelEndpoint && vni === vnis.boundary);
  const [have, want] = [new Set(present.map(keyOf)), new Set(wanted.map(keyOf))];
  const changes = [
    ["PUT", wanted.filter((origin) => !have.has(keyOf(origin)))],
    ["DELETE", present.filter((origin) => !want.has(keyOf(origin)))],
  ] as const;
  const done: string[] = [];
  for (const [method, body] of changes) {
    if (body.length === 0) continue;
    await ask(ddmd, { method, path: "/tunnel_endpoint", body }, signal);
    done.push(...body.map(({ overlay_prefix: prefix }) => `${method} ${prefix}`));
  }
  return done;
}

function keyOf({ overlay_prefix: prefix, metric }: TunnelOrigin): string {
  return `${prefix} ${metric}`;
}

async function ask(
  ddmd: ApiTarget,
  request: { readonly method: "GET" | "PUT" | "DELETE"; readonly path: string; readonly body?: unknown },
  signal: AbortSignal,
): Promise<string> {
  const { status, body } = await requestApi(ddmd, { ...request, timeoutMs, signal });
  if (status < 200 || status > 299) {
    throw new Error(`${request.method} ${request.path}: ddmd answers ${status}: ${body.slice(0, 200)}`);
  }
  return body;
}
