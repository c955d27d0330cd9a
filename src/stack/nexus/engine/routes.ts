import { isGiven } from "./given.ts";
import type { RouteState } from "../sled-interface/sled-state.ts";
import { bitsOf, familyOf } from "./ip-block.ts";
import type { VpcView } from "./network-view.ts";
import type { RouteDestination, RouteRow, RouteTarget, SubnetRow } from "./rows.ts";

/**
 * The routes of a subnet's ports: those of the VPC's system router, and of the custom router that the subnet has (OPTE's
 * specification, section 1.13). What a name does not mean, any more or in a family, gives no route.
 */
export function routesOfSubnet(view: VpcView, subnet: SubnetRow): readonly RouteState[] {
  const of = (routerId: string | null, routeClass: RouteState["class"]): readonly RouteState[] =>
    routerId === null
      ? []
      : (view.routesByRouter.get(routerId) ?? []).flatMap((route) => resolve(route, routeClass, view));
  const states = [...of(view.vpc.system_router_id, "system"), ...of(subnet.custom_router_id, "custom")];
  const unique = new Map(states.map((state) => [`${state.destination} ${state.target} ${state.class}`, state]));
  return [...unique].toSorted(([one], [other]) => (one < other ? -1 : 1)).map(([, state]) => state);
}

function resolve(
  { destination, target }: RouteRow,
  routeClass: RouteState["class"],
  view: VpcView,
): readonly RouteState[] {
  return destinationsOf(destination, view).flatMap((prefix) => {
    const text = targetText(target, familyOf(prefix), view);
    return text === undefined ? [] : [{ destination: prefix, target: text, class: routeClass }];
  });
}

function destinationsOf({ type, value }: RouteDestination, view: VpcView): readonly string[] {
  switch (type) {
    case "ip":
      return [`${value}/${bitsOf(familyOf(value))}`];
    case "ip_net":
      return [value];
    case "subnet": {
      const subnet = view.subnetByName.get(value);
      return subnet === undefined ? [] : [subnet.ipv4_block, subnet.ipv6_block];
    }
    case "vpc":
      return [];
  }
}

function targetText(target: RouteTarget, family: 4 | 6, view: VpcView): string | undefined {
  switch (target.type) {
    case "drop":
      return "drop";
    case "ip":
      return familyOf(target.value) === family ? `ip${family}=${target.value}` : undefined;
    case "subnet": {
      const subnet = view.subnetByName.get(target.value);
      return subnet && `sub${family}=${family === 4 ? subnet.ipv4_block : subnet.ipv6_block}`;
    }
    case "instance": {
      const primary = view.interfacesByInstance.get(target.value)?.find(({ nic }) => nic.is_primary);
      const ip = family === 4 ? primary?.nic.ipv4 : primary?.nic.ipv6;
      return !isGiven(ip) ? undefined : `ip${family}=${ip}`;
    }
    case "internet_gateway": {
      const gateway = view.gateways.find(({ name }) => name === target.value);
      return gateway && `ig=${gateway.id}`;
    }
    case "vpc":
      return undefined;
  }
}
