import { z } from "zod";
import type { ApiTarget } from "../daemon/request.ts";
import type { SledState } from "../nexus/sled-interface/sled-state.ts";
import { tcpFlow } from "../opte/opted/api/values.ts";
import { optePortName, ownerName } from "./engine/opte-state.ts";
import { askOpted } from "./ask-opted.ts";

/** An end of a connection. */
const end = z.strictObject({ address: z.string(), port: z.int() });

/** A TCP connection of a guest, as OPTE sees it: who talks to whom, without anything in the guest (RFD 63, "Application Observability"). */
export const connection = z.strictObject({
  project: z.string(),
  vpc: z.string(),
  owner: z.string(),
  interface: z.string(),
  /** Of RFC 9293, in words of OPTE: `ESTABLISHED`, `TIME_WAIT`, … */
  state: z.string(),
  local: end,
  remote: end,
  /** Whether the other end is a guest of the same VPC. */
  is_within_vpc: z.boolean(),
  bytes_in: z.number(),
  bytes_out: z.number(),
  segments_in: z.int(),
  segments_out: z.int(),
});
export type Connection = z.output<typeof connection>;

/** All TCP connections of a sled's guests. Rejects when opted does not answer. */
export async function connectionsOf(opted: ApiTarget, desired: SledState | undefined): Promise<readonly Connection[]> {
  if (desired === undefined) return [];
  const { ports, instances, mappings } = desired;
  const each = ports.map(async (port): Promise<readonly Connection[]> => {
    const flows = await askOpted(opted, `/ports/${optePortName(port.id)}/tcp-flows`, z.array(tcpFlow));
    const guests = new Set(mappings.find(({ vni }) => vni === port.vni)?.guests.map(({ ip }) => ip));
    const owner = ownerName(port, instances);
    return (flows ?? []).map(({ flow, state, segmentsIn, segmentsOut, bytesIn, bytesOut }) => {
      const { local, remote } = endsOf(flow);
      return {
        ...{ project: port.project, vpc: port.vpc, owner, interface: port.name, state, local, remote },
        ...{ is_within_vpc: guests.has(remote.address), bytes_in: bytesIn, bytes_out: bytesOut },
        ...{ segments_in: segmentsIn, segments_out: segmentsOut },
      };
    });
  });
  return (await Promise.all(each)).flat();
}

/** The ends of a flow of OPTE, `TCP:ADDRESS:PORT:ADDRESS:PORT`; addresses of IPv6 are in brackets or not. */
function endsOf(flow: string): { readonly local: z.output<typeof end>; readonly remote: z.output<typeof end> } {
  const found = /^TCP:(?<from>.*):(?<fromPort>\d+):(?<to>.*):(?<toPort>\d+)$/.exec(flow)?.groups ?? {};
  const { from = "", fromPort, to = "", toPort } = found;
  return {
    local: { address: from, port: Number(fromPort) },
    remote: { address: to, port: Number(toPort) },
  };
}
