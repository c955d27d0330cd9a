import { z } from "zod";
import { HeldQuestion } from "../daemon/held-question.ts";
import type { ApiTarget } from "../daemon/request.ts";
import { vnis } from "../opte/engine/vpc/configuration.ts";
import type { Boundary } from "./engine/opte-state.ts";

/** As `GET /tunnel_endpoints` of ddmd has it (docs/ddm.md). */
const tunnelRoutes = z.array(
  z.object({
    origin: z.object({ overlay_prefix: z.string(), boundary_addr: z.string(), vni: z.int() }),
    effective: z.boolean(),
  }),
);

/**
 * The ways out of the rack that ddmd has learnt: `learnt` is called with all of them, at first and after each change. What was
 * learnt stays while ddmd is away: packets go on by it.
 */
export function learntBoundary(ddmd: ApiTarget, learnt: (boundary: readonly Boundary[]) => void): Disposable {
  return new HeldQuestion(ddmd, "/tunnel_endpoints", (body) => {
    learnt(boundaryOf(tunnelRoutes.parse(JSON.parse(body))));
  });
}

/** Those that OPTE is to use, by prefix. */
function boundaryOf(routes: z.output<typeof tunnelRoutes>): readonly Boundary[] {
  const endpoints = new Map<string, Set<string>>();
  for (const { origin, effective } of routes) {
    if (!effective || origin.vni !== vnis.boundary) continue;
    const { overlay_prefix: prefix, boundary_addr: endpoint } = origin;
    endpoints.set(prefix, (endpoints.get(prefix) ?? new Set()).add(endpoint));
  }
  return Array.from(endpoints, ([prefix, all]) => ({ prefix, endpoints: [...all].toSorted() }));
}
