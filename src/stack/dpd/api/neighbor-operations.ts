import { createRoute, z } from "@hono/zod-openapi";
import { isMulticastMac } from "../../../packet/index.ts";
import { ApiError } from "../../daemon/api.ts";
import { compareAddresses, type Family } from "../engine/address.ts";
import type { Neighbor } from "../engine/neighbors.ts";
import { answer, type ApiContext, done, jsonBody, type Operations } from "./operation.ts";
import { page, pageOf, pageQuery } from "./paging.ts";
import { mac, macAnswer, macValue, tag, unicastIpv4, unicastIpv6 } from "./values.ts";

const neighborAnswer = z.object({ tag: z.string(), ip: z.string(), mac: macAnswer, update: z.string() });

/** Operations on the MAC addresses of next hops. */
export const neighborOperations: Operations = (api, context) => {
  familyOperations(api, context, 4, "/arp", unicastIpv4);
  familyOperations(api, context, 6, "/ndp", unicastIpv6);
};

function familyOperations(
  api: Parameters<Operations>[0],
  { control, uptimeMs, timeText }: ApiContext,
  family: Family,
  path: string,
  ip: typeof unicastIpv4,
): void {
  const params = z.object({ ip });
  const valueOf = (neighbor: Neighbor): z.output<typeof neighborAnswer> => ({
    tag: neighbor.tag,
    ip: neighbor.ip,
    mac: macValue(neighbor.mac),
    update: timeText(neighbor.updatedMs),
  });

  const list = createRoute({
    method: "get",
    path,
    request: { query: pageQuery },
    responses: answer(pageOf(neighborAnswer)),
  });
  api.openapi(list, (c) => {
    const all = control.intent.neighbors[family].all();
    const { items, next_page } = page(all, (neighbor) => neighbor.ip, compareAddresses, c.req.valid("query"));
    return c.json({ items: items.map(valueOf), next_page }, 200);
  });

  const get = createRoute({
    method: "get",
    path: `${path}/{ip}`,
    request: { params },
    responses: answer(neighborAnswer),
  });
  api.openapi(get, (c) => {
    const { ip: asked } = c.req.valid("param");
    const neighbor = control.intent.neighbors[family].get(asked);
    if (neighbor === undefined) throw new ApiError(404, `no MAC address of ${asked} is known`);
    return c.json(valueOf(neighbor), 200);
  });

  const post = createRoute({
    method: "post",
    path,
    description: "Sets the MAC address of a next hop, in place of another; all zeros make it a black hole.",
    request: jsonBody(
      z.object({
        tag,
        ip,
        mac: mac.refine((address) => !isMulticastMac(address), "expected the address of one station"),
        update: z.union([z.string(), z.boolean()]).optional().openapi({ description: "ignored" }),
      }),
    ),
    responses: done,
  });
  api.openapi(post, async (c) => {
    const body = c.req.valid("json");
    await control.change((intent) => {
      intent.neighbors[family].set({ tag: body.tag, ip: body.ip, mac: body.mac, updatedMs: uptimeMs() });
    });
    return c.body(null, 204);
  });

  const remove = createRoute({ method: "delete", path: `${path}/{ip}`, request: { params }, responses: done });
  api.openapi(remove, async (c) => {
    const { ip: gone } = c.req.valid("param");
    await control.change((intent) => {
      intent.neighbors[family].remove(gone);
    });
    return c.body(null, 204);
  });

  const removeAll = createRoute({ method: "delete", path, responses: done });
  api.openapi(removeAll, async (c) => {
    await control.change((intent) => {
      intent.neighbors[family].removeTag(undefined);
    });
    return c.body(null, 204);
  });
}
