import type { z } from "zod";
import type { lldpConfiguration } from "../../stack/lldp/configuration.ts";
import type { RackNode } from "../fabric.ts";

/** Configuration of lldpd: every port of a sled, every port of a switch as tfportd shows it to the kernel. */
export function lldpdConfiguration({ node, role }: RackNode): z.input<typeof lldpConfiguration> {
  return {
    systemName: node.name,
    systemDescription: `Kestrel ${role}`,
    router: role === "switch",
    interfaces: role === "switch" ? ["tfport*"] : node.ports.map(({ name }) => name),
  };
}
