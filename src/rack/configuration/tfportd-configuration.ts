import type { z } from "zod";
import type { tfportConfiguration } from "../../stack/tfport/configuration.ts";
import { hostAddress } from "../addressing.ts";
import type { RackNode } from "../fabric.ts";

/** Configuration of a switch's tfportd: the switch's errors come from its tunnel endpoint, to which sleds have a route. */
export function tfportdConfiguration({ node, prefix }: RackNode): z.input<typeof tfportConfiguration> {
  const mtu = Math.min(...node.ports.map((port) => port.mtu));
  return { icmpSource: { ipv6: hostAddress(prefix) }, ...(node.ports.length === 0 ? {} : { mtu }) };
}
