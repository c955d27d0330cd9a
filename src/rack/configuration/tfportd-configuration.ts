import type { z } from "zod";
import type { tfportConfiguration } from "../../stack/tfport/configuration.ts";
import { hostAddress } from "../addressing.ts";
import type { RackNode } from "../fabric.ts";

/** Configuration of a switch's tfportd: the switch's errors come from its tunnel endpoint, to which sleds have a route. */
export function tfportdConfiguration({ node, prefix }: RackNode): z.input<typeof tfportConfiguration> {
  // What is too long for one port comes by another.
  const mtu = Math.max(...node.ports.map((port) => port.mtu));
  const others = node.ports.filter((port) => port.mtu !== mtu).map((port) => [port.name, port.mtu] as const);
  return {
    icmpSource: { ipv6: hostAddress(prefix) },
    ...(node.ports.length === 0 ? {} : { mtu }),
    ...(others.length === 0 ? {} : { mtus: Object.fromEntries(others) }),
  };
}
