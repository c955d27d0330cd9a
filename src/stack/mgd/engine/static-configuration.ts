import { formatPrefix, parsePrefix } from "../../../packet/index.ts";
import type { SwitchState } from "../../nexus/sled-interface/switch-state.ts";
import type { ConfigurationLine } from "./frr-configuration.ts";
import { interfaceOfLink } from "./learnt-route.ts";

/** What staticd shall have. A priority other than FRR's own (1) is its distance. */
export function staticConfiguration({ uplinks }: SwitchState): readonly ConfigurationLine[] {
  return uplinks.flatMap(({ port_name: port, static_routes: routes }) =>
    routes
      .filter(({ vlan_id: vlan }) => vlan === null)
      .map(({ destination, gateway, rib_priority: priority }) => {
        const prefix = formatPrefix(parsePrefix(destination));
        const distance = priority === null || priority <= 1 ? "" : ` ${priority}`;
        return [
          `${prefix.includes(":") ? "ipv6" : "ip"} route ${prefix} ${gateway} ${interfaceOfLink(port, 0)}${distance}`,
        ];
      }),
  );
}
