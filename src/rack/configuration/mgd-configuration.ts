import type { z } from "zod";
import type { mgdConfiguration } from "../../stack/mgd/configuration.ts";
import { hostAddress } from "../addressing.ts";
import { daemonPorts, mgdAgentPort } from "../daemon-ports.ts";
import type { RackNode } from "../fabric.ts";

/** Configuration of a switch's mgd: nexus reaches it over the underlay. */
export function mgdConfigurationOf({ prefix }: RackNode): z.input<typeof mgdConfiguration> {
  const tunnelEndpoint = hostAddress(prefix);
  const { address: host, port } = daemonPorts.mgd;
  return { listen: { host: tunnelEndpoint, port: mgdAgentPort }, admin: { host, port }, tunnelEndpoint };
}
