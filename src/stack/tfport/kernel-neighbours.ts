import { listNeighbours, type Neighbour, parseNeighbourEvent } from "../../netdev/neighbours.ts";
import type { NetlinkMessage } from "../../netdev/netlink-message.ts";
import type { NetlinkSocket } from "../../netdev/netlink-socket.ts";
import { formatIpv4, formatIpv6, parseAddress, parseMac } from "../../packet/index.ts";
import { monotonicMs } from "../daemon/clock.ts";
import type { NeighbourMirror } from "./engine/neighbour-mirror.ts";
import type { NextHop } from "./engine/next-hop-table.ts";
import type { TfportEngine } from "./engine/tfport-engine.ts";
import type { PortSet } from "./port-set.ts";

/** States in which the kernel sends to a neighbour's MAC address. */
const usable: ReadonlySet<Neighbour["state"]> = new Set(["reachable", "stale", "delay", "probe", "permanent"]);

/** What the kernel knows of neighbours on the ports' interfaces, for the engine and for dpd's mirror. */
export class KernelNeighbours {
  readonly #ports: PortSet;
  readonly #engine: TfportEngine;
  readonly #mirror: NeighbourMirror;

  constructor(ports: PortSet, engine: TfportEngine, mirror: NeighbourMirror) {
    this.#ports = ports;
    this.#engine = engine;
    this.#mirror = mirror;
  }

  /** A message of the kernel about a neighbour. */
  message(message: NetlinkMessage): void {
    const event = parseNeighbourEvent(message);
    if (event !== undefined) this.#take(event.neighbour, event.event === "present");
  }

  /** Look at all neighbours anew. */
  async read(netlink: NetlinkSocket): Promise<void> {
    const known = new Set<string>();
    for (const neighbour of await listNeighbours(netlink)) {
      const port = this.#take(neighbour, true);
      if (port !== undefined && usable.has(neighbour.state)) known.add(`${port} ${neighbour.address}`);
    }
    this.#mirror.retain((port, ip) => known.has(`${port} ${ip}`));
  }

  /** The port that the neighbour is behind; undefined if it is none of ours. */
  #take({ index, address, mac, state }: Neighbour, present: boolean): number | undefined {
    const port = this.#ports.byIndex(index)?.port.number;
    // Multicast "neighbours" and those that need no resolution are no stations.
    if (port === undefined || state === "noarp") return undefined;
    if (present && mac !== undefined && usable.has(state)) {
      this.#engine.neighbourFound(nextHopOf(port, address), parseMac(mac), monotonicMs());
      this.#mirror.learn(port, address, mac);
    } else if (!present || state === "failed") {
      this.#engine.neighbourLost(nextHopOf(port, address), monotonicMs());
      this.#mirror.forget(port, address);
    } else {
      this.#mirror.forget(port, address);
    }
    return port;
  }
}

/** A next hop by its address. */
function nextHopOf(port: number, address: string): NextHop {
  const bytes = parseAddress(address);
  const padded = new Uint8Array(16);
  padded.set(bytes, 16 - bytes.length);
  return { port, family: bytes.length === 4 ? 4 : 6, address: padded };
}

/** The address of a next hop. */
export function addressOf({ family, address }: NextHop): string {
  return family === 4 ? formatIpv4(address, 12) : formatIpv6(address);
}
