import type { z } from "zod";
import type { ddmConfigurationSchema } from "../../stack/ddm/configuration.ts";
import { discoveryRange, hostAddress, rackPrefix } from "../addressing.ts";
import { neighboursOf, type RackNode } from "../fabric.ts";
import { nameServerOn } from "../name-servers.ts";
import type { DaemonPlace } from "./daemon-setup.ts";
import { signingKeyPaths } from "./signing-keys.ts";

/** The interface that tfportd makes for a port of a switch. */
export function tfportOf(port: string): string {
  return `tfport${port}_0`;
}

/**
 * Configuration of ddmd: a sled routes for itself, into its kernel; a switch for all its neighbours, into dpd. A sled
 * originates its /64, that of its name server and the one that it gives itself, a switch that of its tunnel endpoint.
 */
export function ddmdConfiguration(place: DaemonPlace): z.input<typeof ddmConfigurationSchema> {
  const { plan, fabric, owner } = place;
  const { node, role, rack, prefix } = owner;
  const nameServer = nameServerOn(fabric, owner);
  const common = {
    routerId: node.name,
    interfaces: [...routedInterfaces(place)],
    originate: [
      prefix,
      ...(nameServer === undefined ? [] : [nameServer.prefix]),
      ...(plan.stack.originate[node.name] ?? []),
    ],
    seed: node.seed,
    ...(plan.stack.signed ? { signing: signingKeyPaths(role) } : {}),
  };
  if (role === "switch")
    return { kind: "transit", ...common, rackPrefix: rackPrefix(rack), sitePrefixes: [discoveryRange], dpd: {} };
  const [first] = node.ports;
  return {
    kind: "server",
    ...common,
    sourceAddress: hostAddress(prefix),
    ...(plan.stack.multipath === null ? {} : { multipath: { probeIntervalMs: plan.stack.multipath.intervalMs } }),
    ...(first === undefined ? {} : { bootstrapInterface: first.name }),
  };
}

/** Interfaces on which there may be a neighbour: uplinks to somewhere else, and what is no cable, are none. */
function routedInterfaces({ fabric, owner }: DaemonPlace): readonly string[] {
  const cabled = new Set(neighboursOf(fabric, owner).map(({ port }) => port.name));
  return owner.node.ports
    .filter(({ name, attachment }) => cabled.has(name) || (attachment.type === "none" && !isFront(owner, name)))
    .map(({ name }) => (owner.role === "switch" ? tfportOf(name) : name));
}

/** Front ports of a switch lead out of the rack: to customers, unless another rack's switch is there. */
function isFront({ role }: RackNode, port: string): boolean {
  return role === "switch" && port.startsWith("qsfp");
}
