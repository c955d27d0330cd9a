import type { z } from "zod";
import type { dpdConfigurationSchema } from "../../stack/dpd/configuration.ts";
import { hostAddress } from "../addressing.ts";
import { neighboursOf } from "../fabric.ts";
import type { DaemonPlace } from "./daemon-setup.ts";
import { portNumber } from "./p4switch-arguments.ts";

/** Configuration of a switch's dpd: its ports, of which those to other racks carry the underlay too. */
export function dpdConfiguration({ fabric, owner }: DaemonPlace): z.input<typeof dpdConfigurationSchema> {
  const { node, index, prefix } = owner;
  const cabled = new Set(neighboursOf(fabric, owner).map(({ port }) => port.name));
  return {
    ports: node.ports.map(({ name, mac, mtu }) => ({
      id: name,
      interface: name,
      number: portNumber(owner, name),
      mac,
      mtu,
      ...(name.startsWith("qsfp") && cabled.has(name) ? { link: { allow_ddm_traffic: true, uplink: false } } : {}),
    })),
    loopback: { ipv6: [hostAddress(prefix)] },
    identifiers: { slot: index % 2, serial: node.name },
  };
}
