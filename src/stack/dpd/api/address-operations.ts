import { createRoute, z } from "@hono/zod-openapi";
import { compareAddresses, type Family } from "../engine/address.ts";
import type { SwitchAddress } from "../engine/addresses.ts";
import type { Intent } from "../engine/intent.ts";
import { Refusal } from "../engine/refusal.ts";
import { answer, type ApiContext, done, jsonBody, type Operations } from "./operation.ts";
import { page, pageOf, pageQuery } from "./paging.ts";
import { pathPart, tag, unicastIpv4, unicastIpv6 } from "./values.ts";

const addressAnswer = z.object({ tag: z.string(), addr: z.string() });

/** Operations on addresses of links, and of the switch as a whole. */
export const addressOperations: Operations = (api, context) => {
  for (const [family, addr] of [
    [4, unicastIpv4],
    [6, unicastIpv6],
  ] as const) {
    linkAddresses(api, context, family, addr);
    loopbacks(api, context, family, addr);
  }
};

function linkAddresses(
  api: Parameters<Operations>[0],
  { control }: ApiContext,
  family: Family,
  addr: typeof unicastIpv4,
): void {
  const path = `/ports/{port_id}/links/{link_id}/ipv${family}`;
  const ofLink = z.object({ port_id: pathPart.port_id, link_id: pathPart.link_id });
  const { addresses, links } = control.intent;

  const list = createRoute({
    method: "get",
    path,
    request: { params: ofLink, query: pageQuery },
    responses: answer(pageOf(addressAnswer)),
  });
  api.openapi(list, (c) => {
    const { port_id, link_id } = c.req.valid("param");
    const of = addresses.of(links.get(port_id, link_id).port.number, family);
    const { items, next_page } = page(of, ({ address }) => address, compareAddresses, c.req.valid("query"));
    return c.json({ items: items.map(addressValue), next_page }, 200);
  });

  const post = createRoute({
    method: "post",
    path,
    request: { params: ofLink, ...jsonBody(z.object({ tag, addr })) },
    responses: done,
  });
  api.openapi(post, async (c) => {
    const { port_id, link_id } = c.req.valid("param");
    const body = c.req.valid("json");
    await control.change((intent) => {
      const { port } = intent.links.get(port_id, link_id);
      intent.addresses.add({ address: body.addr, tag: body.tag, port: port.number, withLink: false });
    });
    return c.body(null, 204);
  });

  const remove = createRoute({
    method: "delete",
    path: `${path}/{addr}`,
    request: { params: ofLink.extend({ addr }) },
    responses: done,
  });
  api.openapi(remove, async (c) => {
    const { port_id, link_id, addr: gone } = c.req.valid("param");
    await control.change((intent) => {
      removeOfLink(intent, port_id, link_id, gone);
    });
    return c.body(null, 204);
  });

  const removeAll = createRoute({ method: "delete", path, request: { params: ofLink }, responses: done });
  api.openapi(removeAll, async (c) => {
    const { port_id, link_id } = c.req.valid("param");
    await control.change((intent) => {
      const { port } = intent.links.get(port_id, link_id);
      for (const { address, withLink } of intent.addresses.of(port.number, family)) {
        if (!withLink) intent.addresses.remove(address);
      }
    });
    return c.body(null, 204);
  });
}

function removeOfLink(intent: Intent, portId: string, linkId: number, address: string): void {
  const { port } = intent.links.get(portId, linkId);
  const existing = intent.addresses.get(address);
  if (existing?.port !== port.number) throw new Refusal("missing", `${address} is no address of ${portId}/${linkId}`);
  if (existing.withLink) throw new Refusal("invalid", `addr: ${address} goes when ipv6_enabled becomes false`);
  intent.addresses.remove(address);
}

function loopbacks(
  api: Parameters<Operations>[0],
  { control }: ApiContext,
  family: Family,
  addr: typeof unicastIpv4,
): void {
  const path = `/loopback/ipv${family}`;
  const { addresses } = control.intent;

  const list = createRoute({ method: "get", path, responses: answer(z.array(addressAnswer)) });
  api.openapi(list, (c) => c.json(addresses.of(undefined, family).map(addressValue), 200));

  const post = createRoute({ method: "post", path, request: jsonBody(z.object({ tag, addr })), responses: done });
  api.openapi(post, async (c) => {
    const body = c.req.valid("json");
    await control.change((intent) => {
      const existing = intent.addresses.get(body.addr);
      if (existing !== undefined && existing.port === undefined) return;
      intent.addresses.add({ address: body.addr, tag: body.tag, port: undefined, withLink: false });
    });
    return c.body(null, 204);
  });

  const remove = createRoute({
    method: "delete",
    path: `${path}/{addr}`,
    request: { params: z.object({ addr }) },
    responses: done,
  });
  api.openapi(remove, async (c) => {
    const { addr: gone } = c.req.valid("param");
    await control.change((intent) => {
      const existing = intent.addresses.get(gone);
      if (existing !== undefined && existing.port === undefined) intent.addresses.remove(gone);
    });
    return c.body(null, 204);
  });
}

function addressValue({ tag: owner, address }: SwitchAddress): z.output<typeof addressAnswer> {
  return { tag: owner, addr: address };
}
