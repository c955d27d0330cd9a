import { createRoute, z } from "@hono/zod-openapi";
import { ApiError } from "../../daemon/api.ts";
import { compareAddresses, type Family, familyOf } from "../engine/address.ts";
import type { GuestTarget, NatEntry } from "../engine/guest-targets.ts";
import { answer, type ApiContext, done, jsonBody, type Operations } from "./operation.ts";
import { page, pageOf, pageQuery } from "./paging.ts";
import { anyPrefix, mac, macAnswer, macValue, pathPart, unicastIpv4, unicastIpv6 } from "./values.ts";

const guestBody = z.object({ internal_ip: unicastIpv6, inner_mac: mac, vni: z.int().min(0).max(0xff_ffff) });
const guestAnswer = z.object({ internal_ip: z.string(), inner_mac: macAnswer, vni: z.int() });
const natAnswer = z.object({ external: z.string(), low: z.int(), high: z.int(), target: guestAnswer });
const subnetAnswer = z.object({ subnet: z.string(), target: guestAnswer });

/** Operations on what leads to guests: external addresses with their ranges of ports, and attached subnets. */
export const guestOperations: Operations = (api, context) => {
  natOperations(api, context, 4, unicastIpv4);
  natOperations(api, context, 6, unicastIpv6);
  subnetOperations(api, context);
};

function natOperations(
  api: Parameters<Operations>[0],
  { control }: ApiContext,
  family: Family,
  external: typeof unicastIpv4,
): void {
  const path = `/nat/ipv${family}`;
  const { nat } = control.intent;
  const ofAddress = z.object({ external_ip: external });
  const ofRange = z.object({ external_ip: external, low: pathPart.layer4_port });

  const addresses = createRoute({
    method: "get",
    path,
    request: { query: pageQuery },
    responses: answer(pageOf(z.string())),
  });
  api.openapi(addresses, (c) => {
    return c.json(
      page(nat.addresses(family), (address) => address, compareAddresses, c.req.valid("query")),
      200,
    );
  });

  const list = createRoute({
    method: "get",
    path: `${path}/{external_ip}`,
    request: { params: ofAddress, query: pageQuery },
    responses: answer(pageOf(natAnswer)),
  });
  api.openapi(list, (c) => {
    const { items, next_page } = page(
      nat.of(c.req.valid("param").external_ip),
      ({ low }) => String(low),
      (one, other) => Number(one) - Number(other),
      c.req.valid("query"),
    );
    return c.json({ items: items.map(natValue), next_page }, 200);
  });

  const get = createRoute({
    method: "get",
    path: `${path}/{external_ip}/{low}`,
    request: { params: ofRange },
    responses: answer(guestAnswer),
  });
  api.openapi(get, (c) => {
    const { external_ip, low } = c.req.valid("param");
    const entry = nat.of(external_ip).find((candidate) => candidate.low === low);
    if (entry === undefined) throw new ApiError(404, `no range of ports of ${external_ip} begins at ${low}`);
    return c.json(guestValue(entry.target), 200);
  });

  const put = createRoute({
    method: "put",
    path: `${path}/{external_ip}/{low}/{high}`,
    request: {
      params: z.object({ external_ip: external, low: pathPart.layer4_port, high: pathPart.layer4_port }),
      ...jsonBody(guestBody),
    },
    responses: done,
  });
  api.openapi(put, async (c) => {
    const { external_ip, low, high } = c.req.valid("param");
    const target = guestOf(c.req.valid("json"));
    await control.change((intent) => {
      intent.nat.set({ external: external_ip, low, high, target });
    });
    return c.body(null, 204);
  });

  const remove = createRoute({
    method: "delete",
    path: `${path}/{external_ip}/{low}`,
    request: { params: ofRange },
    responses: done,
  });
  api.openapi(remove, async (c) => {
    const { external_ip, low } = c.req.valid("param");
    await control.change((intent) => {
      intent.nat.remove(external_ip, low);
    });
    return c.body(null, 204);
  });

  const removeAddress = createRoute({
    method: "delete",
    path: `${path}/{external_ip}`,
    request: { params: ofAddress },
    responses: done,
  });
  api.openapi(removeAddress, async (c) => {
    const { external_ip } = c.req.valid("param");
    await control.change((intent) => {
      intent.nat.removeAll(family, external_ip);
    });
    return c.body(null, 204);
  });

  const removeAll = createRoute({ method: "delete", path, responses: done });
  api.openapi(removeAll, async (c) => {
    await control.change((intent) => {
      intent.nat.removeAll(family);
    });
    return c.body(null, 204);
  });
}

function subnetOperations(api: Parameters<Operations>[0], { control }: ApiContext): void {
  const { attachedSubnets } = control.intent;
  const path = "/attached_subnet";
  const params = z.object({ subnet: anyPrefix });

  const list = createRoute({
    method: "get",
    path,
    request: { query: pageQuery },
    responses: answer(pageOf(subnetAnswer)),
  });
  api.openapi(list, (c) => {
    const { items, next_page } = page(
      attachedSubnets.all(),
      ({ subnet }) => subnet,
      (one, other) => familyOf(one) - familyOf(other) || compareAddresses(one, other),
      c.req.valid("query"),
    );
    return c.json(
      { items: items.map(({ subnet, target }) => ({ subnet, target: guestValue(target) })), next_page },
      200,
    );
  });

  const get = createRoute({
    method: "get",
    path: `${path}/{subnet}`,
    request: { params },
    responses: answer(guestAnswer),
  });
  api.openapi(get, (c) => {
    const { subnet } = c.req.valid("param");
    const attached = attachedSubnets.get(subnet);
    if (attached === undefined) throw new ApiError(404, `${subnet} belongs to no guest`);
    return c.json(guestValue(attached.target), 200);
  });

  const put = createRoute({
    method: "put",
    path: `${path}/{subnet}`,
    request: { params, ...jsonBody(guestBody) },
    responses: done,
  });
  api.openapi(put, async (c) => {
    const { subnet } = c.req.valid("param");
    const target = guestOf(c.req.valid("json"));
    await control.change((intent) => {
      intent.attachedSubnets.set({ subnet, target });
    });
    return c.body(null, 204);
  });

  const remove = createRoute({ method: "delete", path: `${path}/{subnet}`, request: { params }, responses: done });
  api.openapi(remove, async (c) => {
    const { subnet } = c.req.valid("param");
    await control.change((intent) => {
      intent.attachedSubnets.remove(subnet);
    });
    return c.body(null, 204);
  });

  const removeAll = createRoute({ method: "delete", path, responses: done });
  api.openapi(removeAll, async (c) => {
    await control.change((intent) => {
      intent.attachedSubnets.removeAll();
    });
    return c.body(null, 204);
  });
}

function guestOf({ internal_ip, inner_mac, vni }: z.output<typeof guestBody>): GuestTarget {
  return { internalIp: internal_ip, innerMac: inner_mac, vni };
}

function guestValue({ internalIp, innerMac, vni }: GuestTarget): z.output<typeof guestAnswer> {
  return { internal_ip: internalIp, inner_mac: macValue(innerMac), vni };
}

function natValue({ external, low, high, target }: NatEntry): z.output<typeof natAnswer> {
  return { external, low, high, target: guestValue(target) };
}
