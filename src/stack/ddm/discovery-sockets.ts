import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { ddmDiscoveryGroup, ddmDiscoveryPort } from "../../packet/index.ts";
import { zoneOf } from "./zone.ts";

/** What the sockets tell; addresses are without zone. */
export interface DiscoveryListener {
  readonly datagram: (from: string, bytes: Uint8Array, group: boolean) => void;
  readonly notSent: (reason: string) => void;
}

/**
 * The two sockets of discovery on one interface (section 1.2): one bound to the group, from which solicitations go out, one
 * bound to the own address, from which they are answered.
 */
export class DiscoverySockets implements AsyncDisposable {
  readonly #interface: string;
  readonly #group: Socket;
  readonly #own: Socket;
  readonly #notSent: (reason: string) => void;

  private constructor(name: string, group: Socket, own: Socket, notSent: (reason: string) => void) {
    this.#interface = name;
    this.#group = group;
    this.#own = own;
    this.#notSent = notSent;
  }

  /** Rejects with the error of the system if the address cannot be used (yet). */
  static async open(name: string, address: string, listener: DiscoveryListener): Promise<DiscoverySockets> {
    const sockets: Socket[] = [];
    try {
      const bound: Socket[] = [];
      for (const host of [ddmDiscoveryGroup, address]) {
        // Both share the port, also with those of a run that has just ended.
        const socket = createSocket({ type: "udp6", reuseAddr: true, ipv6Only: true });
        sockets.push(socket);
        socket.bind({ address: `${host}%${zoneOf(name)}`, port: ddmDiscoveryPort });
        await once(socket, "listening");
        bound.push(socket);
      }
      const [group, own] = bound as [Socket, Socket];
      group.addMembership(ddmDiscoveryGroup, `::%${zoneOf(name)}`);
      group.setMulticastInterface(`::%${zoneOf(name)}`);
      group.setMulticastLoopback(false);
      for (const socket of bound) {
        socket.on("message", (bytes, { address: from }) => {
          listener.datagram(withoutZone(from), bytes, socket === group);
        });
        socket.on("error", (error) => {
          listener.notSent(error.message);
        });
      }
      return new DiscoverySockets(name, group, own, listener.notSent);
    } catch (error) {
      for (const socket of sockets) socket.close();
      throw error;
    }
  }

  solicit(bytes: Uint8Array): void {
    this.#send(this.#group, ddmDiscoveryGroup, bytes);
  }

  advertise(to: string, bytes: Uint8Array): void {
    this.#send(this.#own, to, bytes);
  }

  #send(socket: Socket, to: string, bytes: Uint8Array): void {
    socket.send(bytes, ddmDiscoveryPort, `${to}%${zoneOf(this.#interface)}`, (error) => {
      if (error !== null) this.#notSent(error.message);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(
      [this.#group, this.#own].map(async (socket) => {
        const closed = once(socket, "close");
        socket.close();
        await closed;
      }),
    );
  }
}

/** An address as the engine has it. */
export function withoutZone(address: string): string {
  return address.replace(/%.*$/, "");
}
