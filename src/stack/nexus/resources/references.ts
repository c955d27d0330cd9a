import type { Store } from "../store/store.ts";

/**
 * Let the firewall rules and routes of a VPC that name something name it by its new name: a rename changes no traffic.
 */
export function renameReferences(
  { tables: { firewallRules, routers, routes } }: Store,
  vpcId: string,
  type: "vpc" | "subnet",
  before: string,
  after: string,
): void {
  const renamed = <T extends { readonly type: string; readonly value?: unknown }>(reference: T): T =>
    reference.type === type && reference.value === before ? { ...reference, value: after } : reference;
  for (const rule of firewallRules.list({ vpc_id: vpcId })) {
    const targets = rule.targets.map(renamed);
    const hosts = rule.filters.hosts?.map(renamed);
    const filters = hosts === undefined ? rule.filters : { ...rule.filters, hosts };
    if (JSON.stringify([targets, filters]) === JSON.stringify([rule.targets, rule.filters])) continue;
    firewallRules.update({ id: rule.id }, { targets, filters });
  }
  for (const { id } of routers.list({ vpc_id: vpcId })) {
    for (const route of routes.list({ vpc_router_id: id })) {
      const changes = { destination: renamed(route.destination), target: renamed(route.target) };
      if (JSON.stringify(changes) === JSON.stringify({ destination: route.destination, target: route.target }))
        continue;
      routes.update({ id: route.id }, changes);
    }
  }
}
