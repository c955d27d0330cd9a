import { z } from "@hono/zod-openapi";
import { describe, expect, test } from "vitest";
import { createApi, type ServedApi, serveApi } from "../../../src/stack/daemon/api.ts";
import { ChangeSignal, heldAnswers } from "../../../src/stack/daemon/held-answer.ts";
import { tunnelRouteSchema } from "../../../src/stack/ddm/admin-schema.ts";
import type { Boundary } from "../../../src/stack/sled-agent/engine/opte-state.ts";
import { learntBoundary } from "../../../src/stack/sled-agent/learnt-boundary.ts";

type TunnelRoute = z.input<typeof tunnelRouteSchema>;

const route = (prefix: string, endpoint: string, change: Partial<TunnelRoute> & { vni?: number } = {}): TunnelRoute => {
  const { vni = 99, effective = true } = change;
  const origin = { overlay_prefix: prefix, boundary_addr: endpoint, vni, metric: 0 };
  return { origin, nexthop: "fe80::1", effective };
};

/** The operation of ddmd's API that is asked, with answers that a test says. */
class Origins {
  routes: readonly TunnelRoute[] = [];
  requests = 0;
  readonly #changes = new ChangeSignal();

  serve(port = 0): Promise<ServedApi> {
    const api = createApi({ bodyLimitBytes: 1024 });
    api.use("/tunnel_endpoints", (_, next) => {
      this.requests += 1;
      return next();
    });
    api.use(
      "/tunnel_endpoints",
      heldAnswers(this.#changes, () => this.routes),
    );
    api.get("/tunnel_endpoints", (c) => c.json(z.array(tunnelRouteSchema).parse(this.routes)));
    return serveApi(api, { host: "127.0.0.1", port });
  }

  change(routes: readonly TunnelRoute[]): void {
    this.routes = routes;
    this.#changes.changed();
  }
}

describe("ways out of the rack that ddmd has learnt", () => {
  test("are told at first and after each change, those alone that OPTE is to use, and nobody polls", async () => {
    const origins = new Origins();
    origins.routes = [
      route("0.0.0.0/0", "fd00::f1"),
      route("0.0.0.0/0", "fd00::f0"),
      route("::/0", "fd00::f0", { effective: false }),
      route("10.0.0.0/8", "fd00::f0", { vni: 100 }),
    ];
    await using served = await origins.serve();
    const told: (readonly Boundary[])[] = [];
    using _learnt = learntBoundary({ host: "127.0.0.1", port: served.port }, (boundary) => told.push(boundary));
    await expect.poll(() => told).toEqual([[{ prefix: "0.0.0.0/0", endpoints: ["fd00::f0", "fd00::f1"] }]]);
    await expect.poll(() => origins.requests).toBe(2);
    origins.change([route("::/0", "fd00::f0")]);
    await expect.poll(() => told.length).toBe(2);
    expect(told[1]).toEqual([{ prefix: "::/0", endpoints: ["fd00::f0"] }]);
    await expect.poll(() => origins.requests).toBe(3);
  });

  test("stay while ddmd is away, and are asked for again", async () => {
    const origins = new Origins();
    origins.routes = [route("::/0", "fd00::f0")];
    const told: (readonly Boundary[])[] = [];
    const first = await origins.serve();
    using _learnt = learntBoundary({ host: "127.0.0.1", port: first.port }, (boundary) => told.push(boundary));
    await expect.poll(() => told.length).toBe(1);
    await first[Symbol.asyncDispose]();
    origins.routes = [];
    await using _second = await origins.serve(first.port);
    await expect.poll(() => told).toEqual([[{ prefix: "::/0", endpoints: ["fd00::f0"] }], []]);
  });
});
