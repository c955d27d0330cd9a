import { z } from "@hono/zod-openapi";
import { limits } from "../engine/limits.ts";
import { vpcOf } from "../resources/lookup.ts";
import { replaceFirewallRules } from "../resources/firewall.ts";
import { operation, type Operations, view } from "./operation.ts";
import { identity, identityCreate, inVpc, ip, ipNet, name } from "./values.ts";

/** `N` or `N-M`, both from `lowest` to `highest`. */
function range(lowest: number, highest: number): z.ZodString {
  return z.string().refine((text) => {
    const [first, last, ...rest] = text.split("-");
    const ends = [first, last ?? first].map((end) => (/^\d{1,5}$/.test(end ?? "") ? Number(end) : Number.NaN));
    const [low = Number.NaN, high = Number.NaN] = ends;
    return rest.length === 0 && low >= lowest && low <= high && high <= highest;
  }, `expected a number from ${lowest} to ${highest}, or two with '-' between`);
}

const host = z
  .discriminatedUnion("type", [
    z.strictObject({ type: z.literal("vpc"), value: name }),
    z.strictObject({ type: z.literal("subnet"), value: name }),
    z.strictObject({ type: z.literal("instance"), value: name }),
    z.strictObject({ type: z.literal("ip"), value: ip }),
    z.strictObject({ type: z.literal("ip_net"), value: ipNet }),
  ])
  .openapi("VpcFirewallRuleHostFilter");
const icmp = z.strictObject({ icmp_type: z.int().min(0).max(255), code: range(0, 255).nullish() }).nullable();
const protocol = z
  .discriminatedUnion("type", [
    z.strictObject({ type: z.literal("tcp") }),
    z.strictObject({ type: z.literal("udp") }),
    z.strictObject({ type: z.literal("icmp"), value: icmp }),
    z.strictObject({ type: z.literal("icmp6"), value: icmp }),
  ])
  .openapi("VpcFirewallRuleProtocol");
const few = limits.firewallFiltersPerRule;
const rule = {
  action: z.enum(["allow", "deny"]),
  direction: z.enum(["inbound", "outbound"]),
  filters: z.strictObject({
    hosts: z.array(host).max(few).nullish(),
    ports: z.array(range(1, 65_535)).max(few).nullish(),
    protocols: z.array(protocol).max(few).nullish(),
  }),
  priority: z.int().min(0).max(65_535),
  status: z.enum(["enabled", "disabled"]),
  targets: z.array(host).max(limits.firewallTargetsPerRule),
};
const ruleUpdate = z.strictObject({ ...identityCreate, ...rule }).openapi("VpcFirewallRuleUpdate");
const reference = z.object({ type: z.string(), value: z.string() });
const shown = z
  .object({
    ...identity,
    vpc_id: z.string(),
    action: rule.action,
    direction: rule.direction,
    filters: z.object({
      hosts: z.array(reference).nullish(),
      ports: z.array(z.string()).nullish(),
      protocols: z.array(z.object({ type: z.string(), value: z.unknown() })).nullish(),
    }),
    priority: z.int(),
    status: rule.status,
    targets: z.array(reference),
  })
  .openapi("VpcFirewallRule");
const rules = z.object({ rules: z.array(shown) }).openapi("VpcFirewallRules");

/** Operations on the firewall of a VPC. */
export const firewallOperations: Operations = (api, context) => {
  const { store } = context;
  const path = "/v1/vpc-firewall-rules";
  // Rows are read-only, what the document describes is not; neither is written to.
  const show = (row: object): z.input<typeof shown> => view(shown, row as z.input<typeof shown>);
  operation(
    api,
    context,
    {
      id: "vpc_firewall_rules_view",
      method: "get",
      path,
      summary: "List firewall rules",
      query: inVpc,
      answer: rules,
    },
    ({ query }) => {
      const { id } = vpcOf(store, query.vpc, query.project);
      return { rules: store.tables.firewallRules.list({ vpc_id: id }).map(show) };
    },
  );
  operation(
    api,
    context,
    {
      id: "vpc_firewall_rules_update",
      method: "put",
      path,
      summary: "Replace firewall rules",
      query: inVpc,
      body: z.strictObject({ rules: z.array(ruleUpdate).optional() }),
      answer: rules,
    },
    ({ query, body }) => {
      const vpc = vpcOf(store, query.vpc, query.project);
      return { rules: replaceFirewallRules(store, vpc, body.rules ?? []).map(show) };
    },
  );
};
