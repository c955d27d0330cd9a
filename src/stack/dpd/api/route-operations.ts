import { createRoute, z } from "@hono/zod-openapi";
import { ApiError } from "../../daemon/api.ts";
import { compareAddresses, type Family, familyOf } from "../engine/address.ts";
import type { Intent } from "../engine/intent.ts";
import { Refusal } from "../engine/refusal.ts";
import { maxTargets, type Route, type Target } from "../engine/routes.ts";
import { answer, type ApiContext, done, jsonBody, type Operations } from "./operation.ts";
import { page, pageOf, pageQuery } from "./paging.ts";
import {
  ipv4Prefix,
  ipv6Prefix,
  linkId,
  pathPart,
  portId,
  tag,
  unicastAddress,
  unicastIpv4,
  unicastIpv6,
} from "./values.ts";

const vlan = z.int().min(1).max(4094).nullish();
const target = { tag, port_id: portId, link_id: linkId, vlan_id: vlan };
const v4Target = z.object({ ...target, tgt_ip: unicastIpv4 });
const v6Target = z.object({ ...target, tgt_ip: unicastIpv6 });
/** A next hop of an IPv4 prefix says which family it has. */
const taggedTarget = z
  .union([z.strictObject({ V4: v4Target }), z.strictObject({ V6: v6Target })])
  .transform((tagged) => ("V4" in tagged ? tagged.V4 : tagged.V6));

/** What became of one of many. */
const failureAnswer = z.object({ cidr: z.string(), message: z.string() });

const targetAnswer = z.object({
  tag: z.string(),
  port_id: z.string(),
  link_id: z.int(),
  tgt_ip: z.string(),
  vlan_id: z.int().nullable(),
});
const taggedAnswer = z.union([z.object({ V4: targetAnswer }), z.object({ V6: targetAnswer })]);

/** Operations on routes: of a prefix as a whole, and of single targets. */
export const routeOperations: Operations = (api, context) => {
  familyOperations(api, context, 4, ipv4Prefix, taggedTarget, taggedAnswer, (route) =>
    route.targets.map((one) => {
      const answered = targetValue(one);
      return familyOf(one.nextHop) === 4 ? { V4: answered } : { V6: answered };
    }),
  );
  familyOperations(api, context, 6, ipv6Prefix, v6Target, targetAnswer, (route) => route.targets.map(targetValue));
};

function familyOperations<Answered extends z.ZodType>(
  api: Parameters<Operations>[0],
  { control }: ApiContext,
  family: Family,
  prefix: typeof ipv4Prefix,
  targetSchema: typeof v6Target | typeof taggedTarget,
  answered: Answered,
  targetsOf: (route: Route) => z.output<Answered>[],
): void {
  const path = `/route/ipv${family}`;
  const params = z.object({ cidr: prefix });
  const body = jsonBody(z.object({ cidr: prefix, target: targetSchema, replace: z.boolean().default(false) }));
  const routeAnswer = z.object({ cidr: z.string(), targets: z.array(answered) });
  const existing = (cidr: string): Route => {
    const route = control.intent.routes[family].get(cidr);
    if (route === undefined) throw new ApiError(404, `there is no route to ${cidr}`);
    return route;
  };

  const list = createRoute({
    method: "get",
    path,
    request: { query: pageQuery },
    responses: answer(pageOf(routeAnswer)),
  });
  api.openapi(list, (c) => {
    const { items, next_page } = page(
      control.intent.routes[family].all(),
      (route) => route.prefix,
      compareAddresses,
      c.req.valid("query"),
    );
    const routes = items.map((route) => ({ cidr: route.prefix, targets: targetsOf(route) }));
    return Response.json({ items: routes, next_page }) as never;
  });

  const get = createRoute({
    method: "get",
    path: `${path}/{cidr}`,
    request: { params },
    responses: answer(z.array(answered)),
  });
  api.openapi(get, (c) => Response.json(targetsOf(existing(c.req.valid("param").cidr))) as never);

  const put = createRoute({ method: "put", path, request: body, responses: done });
  api.openapi(put, async (c) => {
    const { cidr, target: wanted, replace } = c.req.valid("json");
    await control.change((intent) => {
      intent.routes[family].set(cidr, targetOf(intent, wanted), replace);
    });
    return c.body(null, 204);
  });

  const post = createRoute({ method: "post", path, request: body, responses: done });
  api.openapi(post, async (c) => {
    const { cidr, target: wanted } = c.req.valid("json");
    await control.change((intent) => {
      intent.routes[family].add(cidr, targetOf(intent, wanted));
    });
    return c.body(null, 204);
  });

  const many = createRoute({
    method: "patch",
    path,
    description:
      "Lets the owner's targets of each prefix be exactly these, none where the list is empty; those of others stay. What cannot be is told, and does not hold up the rest.",
    request: jsonBody(
      z.object({ tag, routes: z.array(z.object({ cidr: prefix, targets: z.array(targetSchema).max(maxTargets) })) }),
    ),
    responses: answer(z.object({ failures: z.array(failureAnswer) })),
  });
  api.openapi(many, async (c) => {
    const { tag: owner, routes } = c.req.valid("json");
    const outcomes = await Promise.allSettled(
      routes.map(({ cidr, targets }) =>
        control.change((intent) => {
          const wanted = targets.map((one) => targetOf(intent, one));
          const foreign = wanted.find((one) => one.tag !== owner);
          if (foreign !== undefined)
            throw new Refusal("invalid", `a target's tag: expected ${owner}, found ${foreign.tag}`);
          intent.routes[family].setOfTag(cidr, owner, wanted);
        }),
      ),
    );
    const failures = outcomes.flatMap((outcome, at) => {
      const cidr = routes[at]?.cidr;
      if (outcome.status === "fulfilled" || cidr === undefined) return [];
      return [{ cidr, message: outcome.reason instanceof Error ? outcome.reason.message : String(outcome.reason) }];
    });
    return Response.json({ failures }) as never;
  });

  const remove = createRoute({ method: "delete", path: `${path}/{cidr}`, request: { params }, responses: done });
  api.openapi(remove, async (c) => {
    const { cidr } = c.req.valid("param");
    await control.change((intent) => {
      intent.routes[family].remove(cidr);
    });
    return c.body(null, 204);
  });

  const removeTarget = createRoute({
    method: "delete",
    path: `${path}/{cidr}/{port_id}/{link_id}/{tgt_ip}`,
    description: `Removes the target with this next hop on this link; if there is none, the one with it on another link. The last of up to ${maxTargets} takes the route with it.`,
    request: {
      params: z.object({
        cidr: prefix,
        port_id: pathPart.port_id,
        link_id: pathPart.link_id,
        tgt_ip: family === 4 ? unicastAddress : unicastIpv6,
      }),
    },
    responses: done,
  });
  api.openapi(removeTarget, async (c) => {
    const { cidr, port_id, link_id, tgt_ip } = c.req.valid("param");
    await control.change((intent) => {
      intent.routes[family].removeTarget(cidr, port_id, link_id, tgt_ip);
    });
    return c.body(null, 204);
  });
}

function targetOf(intent: Intent, { port_id, link_id, tgt_ip, ...rest }: z.output<typeof v6Target>): Target {
  const { port } = intent.links.get(port_id, link_id);
  if (/^(::|0\.0\.0\.0)$/.test(tgt_ip)) throw new Refusal("invalid", `target.tgt_ip: ${tgt_ip} is nobody's address`);
  return {
    tag: rest.tag,
    portId: port_id,
    linkId: link_id,
    port: port.number,
    nextHop: tgt_ip,
    vlan: rest.vlan_id ?? undefined,
  };
}

function targetValue({
  tag: owner,
  portId: port,
  linkId: link,
  nextHop,
  vlan: id,
}: Target): z.output<typeof targetAnswer> {
  return { tag: owner, port_id: port, link_id: link, tgt_ip: nextHop, vlan_id: id ?? null };
}
