import type { z } from "zod";
import type { sledAgentConfiguration } from "../../stack/sled-agent/configuration.ts";
import { hostAddress } from "../addressing.ts";
import { daemonPorts, optedSocket, sledAgentPort } from "../daemon-ports.ts";
import { nameServersOf } from "../name-servers.ts";
import type { DaemonPlace } from "./daemon-setup.ts";

/** Configuration of a sled's agent: nexus reaches it over the underlay. */
export function sledAgentConfigurationOf({ fabric, owner }: DaemonPlace): z.input<typeof sledAgentConfiguration> {
  const underlay = hostAddress(owner.prefix);
  const { address: host, port } = daemonPorts.ddmd;
  return {
    listen: { host: underlay, port: sledAgentPort },
    underlay,
    opted: optedSocket,
    ddmd: { host, port },
    nameServers: nameServersOf(fabric).map(({ address }) => ({ address })),
  };
}
