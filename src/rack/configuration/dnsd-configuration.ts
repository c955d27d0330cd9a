import type { z } from "zod";
import type { dnsdConfiguration } from "../../stack/directory/configuration.ts";
import { hostAddress } from "../addressing.ts";
import { dnsdAdminPort } from "../daemon-ports.ts";
import { nameServerOn } from "../name-servers.ts";
import type { DaemonPlace } from "./daemon-setup.ts";

/** Configuration of a name server: it answers at an address of its own, and nexus reaches it at its sled's. */
export function dnsdConfigurationOf({ fabric, owner }: DaemonPlace): z.input<typeof dnsdConfiguration> {
  const server = nameServerOn(fabric, owner);
  if (server === undefined) throw new Error(`${owner.node.name} has no name server`);
  return {
    listen: { address: server.address },
    admin: { host: hostAddress(owner.prefix), port: dnsdAdminPort },
  };
}
