import type { z } from "zod";
import type { optedConfiguration } from "../../stack/opte/opted/configuration.ts";
import { optedSocket } from "../daemon-ports.ts";
import { neighboursOf } from "../fabric.ts";
import type { DaemonPlace } from "./daemon-setup.ts";

/** Configuration of opted: its underlay is the sled's ports to switches, of which a rack of one switch has one. */
export function optedConfigurationOf({ fabric, owner }: DaemonPlace): z.input<typeof optedConfiguration> {
  const [first, second = first] = neighboursOf(fabric, owner).map(({ port }) => port.name);
  return {
    socket: optedSocket,
    seed: owner.node.seed,
    ...(first === undefined || second === undefined ? {} : { underlay: [first, second] }),
  };
}
