import { type Link, listLinks, parseLinkEvent, setLink } from "../../netdev/links.ts";
import type { NetlinkMessage } from "../../netdev/netlink-message.ts";
import type { NetlinkSocket } from "../../netdev/netlink-socket.ts";
import type { Tap } from "../../netdev/tap.ts";
import { parseMac } from "../../packet/index.ts";
import { monotonicMs } from "../daemon/clock.ts";
import type { DaemonLog } from "../daemon/log.ts";
import type { DpdPort } from "./dpd-client.ts";
import type { TfportEngine } from "./engine/tfport-engine.ts";
import { openPortInterface, portInterfaceName, watchPortInterface } from "./port-interface.ts";

/** A port that has its interface. */
export interface PresentPort {
  readonly port: DpdPort;
  readonly tap: Tap;
  /** Whether its NIC has a signal, and so the interface. */
  carrier: boolean;
}

/** What a {@link PortSet} works with. */
export interface PortSetContext {
  readonly netlink: NetlinkSocket;
  readonly engine: TfportEngine;
  readonly log: DaemonLog;
  readonly mtu: number;
  /** Of ports that differ, by port id. */
  readonly mtus: Readonly<Record<string, number>>;
  readonly nics: Readonly<Record<string, string>>;
  /** After frames of the kernel were handed to the engine. */
  readonly flush: () => void;
  /** The port with this number has no interface any more. */
  readonly removed: (number: number) => void;
}

/** The interfaces of the switch's ports: those that dpd says, with the carriers that the NICs have. */
export class PortSet implements Disposable {
  readonly #context: PortSetContext;
  readonly #ports = new Map<string, PresentPort>();
  readonly #byNumber: (PresentPort | undefined)[] = [];
  /** Carriers of the interfaces of this host, by name. */
  #carriers = new Map<string, boolean>();

  constructor(context: PortSetContext) {
    this.#context = context;
  }

  /** The ports, in no order. */
  all(): Iterable<PresentPort> {
    return this.#ports.values();
  }

  /** The port with this number in the switch. */
  byNumber(number: number): PresentPort | undefined {
    return this.#byNumber[number];
  }

  /** The port whose interface has this index. */
  byIndex(index: number): PresentPort | undefined {
    for (const present of this.#ports.values()) if (present.tap.index === index) return present;
    return undefined;
  }

  /** The name of a port's NIC. */
  nicOf({ portId }: DpdPort): string {
    return this.#context.nics[portId] ?? portId;
  }

  /** Look at all NICs anew. */
  async readCarriers(): Promise<void> {
    const links = await listLinks(this.#context.netlink);
    this.#carriers = new Map(links.map(({ name, carrier }) => [name, carrier]));
    for (const present of this.#ports.values()) this.#follow(present);
  }

  /** A message of the kernel about an interface: a port's carrier follows that of its NIC. */
  linkMessage(message: NetlinkMessage): void {
    const event = parseLinkEvent(message);
    if (event === undefined) return;
    const { link } = event;
    this.#carriers.set(link.name, event.event === "present" && link.carrier);
    for (const present of this.#ports.values()) if (this.nicOf(present.port) === link.name) this.#follow(present);
    this.#lostInterface(event.event, link);
  }

  /** Have the interfaces of these ports and no others. Returns whether all are there. */
  async reconcile(wanted: readonly DpdPort[]): Promise<boolean> {
    const names = new Map(wanted.map((port) => [portInterfaceName(port), port]));
    for (const [name, { port }] of this.#ports) if (!isSame(port, names.get(name))) this.#remove(name);
    let complete = true;
    for (const [name, port] of names) {
      if (this.#ports.has(name)) continue;
      try {
        await this.#add(name, port);
      } catch (error) {
        complete = false;
        this.#context.log.error({ interface: name, error }, "the interface of a port cannot be made");
      }
    }
    return complete;
  }

  async #add(name: string, port: DpdPort): Promise<void> {
    const { netlink, engine, flush, log } = this.#context;
    const mtu = this.#context.mtus[port.portId] ?? this.#context.mtu;
    const tap = await openPortInterface(netlink, port, { mtu, carrier: this.#carrierOf(port) });
    // The NIC may have changed in the meantime.
    const present: PresentPort = { port, tap, carrier: this.#carrierOf(port) };
    tap.setCarrier(present.carrier);
    this.#ports.set(name, present);
    this.#byNumber[port.number] = present;
    this.#tellEngine(present);
    const { number } = port;
    watchPortInterface(
      tap,
      (bytes, start, length) => {
        engine.frameFromKernel(number, bytes, start, length);
      },
      flush,
    );
    log.info({ interface: name, port: number, mac: port.mac, carrier: present.carrier }, "port");
  }

  #remove(name: string): void {
    const present = this.#ports.get(name);
    if (present === undefined) return;
    const { engine, removed, log } = this.#context;
    const { number } = present.port;
    this.#ports.delete(name);
    this.#byNumber[number] = undefined;
    present.tap[Symbol.dispose]();
    engine.removePort(number, monotonicMs());
    removed(number);
    log.info({ interface: name }, "port removed");
  }

  /** Somebody deleted the interface: it is made again with the next look at dpd. */
  #lostInterface(event: "present" | "gone", { index, name }: Link): void {
    if (event === "gone" && this.#ports.get(name)?.tap.index === index) this.#remove(name);
  }

  #carrierOf(port: DpdPort): boolean {
    return this.#carriers.get(this.nicOf(port)) ?? false;
  }

  #follow(present: PresentPort): void {
    const carrier = this.#carrierOf(present.port);
    if (carrier === present.carrier) return;
    present.carrier = carrier;
    present.tap.setCarrier(carrier);
    if (!carrier) void this.#tellOfLoss(present);
    this.#tellEngine(present);
  }

  async #tellOfLoss({ tap }: PresentPort): Promise<void> {
    const { netlink, log } = this.#context;
    try {
      await setLink(netlink, tap.index, { operState: "dormant" });
    } catch (error) {
      // The kernel tells of it by itself, later.
      log.warn({ interface: tap.name, error }, "a lost carrier cannot be told at once");
    }
  }

  #tellEngine({ port, carrier }: PresentPort): void {
    this.#context.engine.setPort({ port: port.number, mac: parseMac(port.mac), carrier }, monotonicMs());
  }

  [Symbol.dispose](): void {
    for (const name of [...this.#ports.keys()]) this.#remove(name);
  }
}

function isSame(one: DpdPort, other: DpdPort | undefined): boolean {
  return one.number === other?.number && one.mac === other.mac && one.linkLocal === other.linkLocal;
}
