import { type OpenAPIHono, z } from "@hono/zod-openapi";
import { bandwidth, externalIpRequest, routerEntry, services } from "../sled-state.ts";
import type { ApiContext } from "./opted-api.ts";
import { operation } from "./operations.ts";
import { portParameters } from "./values.ts";

const direction = z.enum(["in", "out"]);
const ruleText = z.string();
const cidr = z.strictObject({ prefix: z.string(), direction });
const subnet = z.strictObject({ prefix: z.string(), external: z.boolean().default(false) });
const prefixOnly = z.strictObject({ prefix: z.string() });

/** What a port's guest may and where its packets go: firewall, routes, external addresses, prefixes, services, bandwidth. */
export function ruleOperations(api: OpenAPIHono, { sled, saved }: ApiContext): void {
  const params = portParameters;
  operation(
    api,
    "post",
    "/ports/{port}/firewall-rules",
    { summary: "Add a rule; flows go on.", params, body: ruleText, answer: z.strictObject({ id: z.int() }) },
    async ({ params: { port }, body }) => {
      const id = sled.addFirewallRule(port, body);
      await saved();
      return { id };
    },
  );
  operation(
    api,
    "put",
    "/ports/{port}/firewall-rules",
    { summary: "Have these rules; every flow is looked at anew.", params, body: z.array(ruleText) },
    async ({ params: { port }, body }) => {
      sled.setFirewallRules(port, body);
      await saved();
    },
  );
  operation(
    api,
    "delete",
    "/ports/{port}/firewall-rules/{direction}/{id}",
    {
      summary: "Remove a rule; flows go on.",
      params: params.extend({ direction, id: z.coerce.number().int().min(0) }),
    },
    async ({ params: { port, direction: side, id } }) => {
      sled.removeFirewallRule(port, side, id);
      await saved();
    },
  );
  operation(
    api,
    "post",
    "/ports/{port}/routes",
    { summary: "Add a route.", params, body: routerEntry },
    async ({ params: { port }, body }) => {
      sled.addRoute(port, body);
      await saved();
    },
  );
  operation(
    api,
    "delete",
    "/ports/{port}/routes",
    { summary: "Delete a route.", params, body: routerEntry },
    async ({ params: { port }, body }) => {
      sled.deleteRoute(port, body);
      await saved();
    },
  );
  operation(
    api,
    "put",
    "/ports/{port}/external-ips",
    { summary: "Have these external addresses; a family that is absent is cleared.", params, body: externalIpRequest },
    async ({ params: { port }, body }) => {
      sled.setExternalIps(port, body);
      await saved();
    },
  );
  prefixOperations(api, { sled, saved });
  operation(
    api,
    "put",
    "/ports/{port}/services",
    { summary: "Have packets to these addresses wait for the agent.", params, body: services.nullable() },
    async ({ params: { port }, body }) => {
      sled.setServices(port, body ?? undefined);
      await saved();
    },
  );
  operation(
    api,
    "put",
    "/ports/{port}/bandwidth",
    { summary: "Cap a port's bandwidth; a direction that is absent has no cap.", params, body: bandwidth },
    async ({ params: { port }, body }) => {
      sled.setBandwidth(port, body);
      await saved();
    },
  );
}

function prefixOperations(api: OpenAPIHono, { sled, saved }: Pick<ApiContext, "sled" | "saved">): void {
  const params = portParameters;
  operation(
    api,
    "post",
    "/ports/{port}/cidrs",
    { summary: "Let the guest receive for a prefix (in) or send from it (out).", params, body: cidr },
    async ({ params: { port }, body }) => {
      sled.allowCidr(port, body.prefix, body.direction);
      await saved();
    },
  );
  operation(
    api,
    "delete",
    "/ports/{port}/cidrs",
    { summary: "Let it no longer.", params, body: cidr },
    async ({ params: { port }, body }) => {
      sled.removeCidr(port, body.prefix, body.direction);
      await saved();
    },
  );
  operation(
    api,
    "post",
    "/ports/{port}/subnets",
    { summary: "Attach a subnet to the guest.", params, body: subnet },
    async ({ params: { port }, body }) => {
      sled.attachSubnet(port, body.prefix, body.external);
      await saved();
    },
  );
  operation(
    api,
    "delete",
    "/ports/{port}/subnets",
    { summary: "Detach a subnet.", params, body: prefixOnly },
    async ({ params: { port }, body }) => {
      sled.detachSubnet(port, body.prefix);
      await saved();
    },
  );
}
