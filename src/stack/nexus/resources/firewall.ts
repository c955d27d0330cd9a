import { limits } from "../engine/limits.ts";
import type { FirewallRuleRow, Identity, VpcRow } from "../engine/rows.ts";
import type { Store } from "../store/store.ts";
import { invalid } from "./refusals.ts";

/** A rule as it is asked for. */
export type FirewallRuleCreate = Omit<FirewallRuleRow, keyof Identity | "vpc_id"> &
  Pick<FirewallRuleRow, "name" | "description">;

/** The rules that every VPC begins with (OPTE's specification, section 1.12). */
export function defaultFirewallRules(vpcName: string): readonly FirewallRuleCreate[] {
  const common = {
    status: "enabled",
    direction: "inbound",
    action: "allow",
    priority: 65_534,
    targets: [{ type: "vpc", value: vpcName }],
  } as const;
  return [
    {
      ...common,
      name: "allow-internal-inbound",
      description: "allow inbound traffic to all instances within the VPC if originated within the VPC",
      filters: { hosts: [{ type: "vpc", value: vpcName }], ports: null, protocols: null },
    },
    {
      ...common,
      name: "allow-ssh",
      description: "allow inbound TCP connections on port 22 from anywhere",
      filters: { hosts: null, ports: ["22"], protocols: [{ type: "tcp" }] },
    },
    {
      ...common,
      name: "allow-icmp",
      description: "allow inbound ICMP traffic from anywhere",
      filters: { hosts: null, ports: null, protocols: [{ type: "icmp", value: null }] },
    },
  ];
}

/** Put these rules in the place of all that the VPC has. Rules of a name that stays keep their identifier. */
export function replaceFirewallRules(
  store: Store,
  vpc: VpcRow,
  rules: readonly FirewallRuleCreate[],
): readonly FirewallRuleRow[] {
  if (rules.length > limits.firewallRulesPerVpc) {
    throw invalid("rules", `at most ${limits.firewallRulesPerVpc} firewall rules per VPC, found ${rules.length}`);
  }
  const names = new Map<string, number>();
  for (const [at, { name }] of rules.entries()) {
    const first = names.get(name);
    if (first !== undefined) throw invalid(`rules.${at}.name`, `"${name}" is the name of rules.${first} too`);
    names.set(name, at);
  }
  const { firewallRules } = store.tables;
  const before = new Map(firewallRules.list({ vpc_id: vpc.id }).map((rule) => [rule.name, rule]));
  firewallRules.delete({ vpc_id: vpc.id });
  return rules.map(({ name, description, ...rest }) => {
    const identity = store.newIdentity({ name, description });
    const known = before.get(name);
    const kept = known === undefined ? {} : { id: known.id, time_created: known.time_created };
    return firewallRules.insert({ ...identity, ...kept, vpc_id: vpc.id, ...rest });
  });
}
