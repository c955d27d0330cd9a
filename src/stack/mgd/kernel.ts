import { addAddress, deleteAddress, listAddresses } from "../../netdev/addresses.ts";
import { listLinks } from "../../netdev/links.ts";
import { type NetlinkSocket, openNetlinkSocket, watchNetlink } from "../../netdev/netlink-socket.ts";
import { listRoutes } from "../../netdev/routes.ts";
import { frrProtocols, type LearntRoute, learntRoutes, linkOfInterface } from "./engine/learnt-route.ts";

const linkScope = 253;

/** What {@link KernelView} tells of. */
export interface KernelListener {
  /** The routes out of the rack, at first and whenever something may be another. */
  readonly learnt: (routes: readonly LearntRoute[]) => void;
  /** An interface or an address may be another. */
  readonly interfacesChanged: () => void;
  readonly failed: (error: unknown) => void;
}

/** The kernel of a switch: the interfaces of its uplinks, and the routes that FRR makes. It tells of changes by itself. */
export class KernelView implements Disposable {
  readonly #listener: KernelListener;
  readonly #netlink: NetlinkSocket = openNetlinkSocket();
  readonly #watches: readonly Disposable[];
  /** How a reading stands; one that is asked for while another is under way follows it. */
  #reading: "idle" | "reading" | "again" = "idle";
  #isDisposed = false;

  constructor(listener: KernelListener) {
    this.#listener = listener;
    const read = (): void => {
      void this.#read();
    };
    const changed = (): void => {
      listener.interfacesChanged();
      read();
    };
    this.#watches = [
      watchNetlink(["routes", "nexthops"], { message: read, lost: read }),
      watchNetlink(["links", "addresses"], { message: changed, lost: changed }),
    ];
    read();
  }

  /** Let interfaces have these addresses, link-local ones aside, and other uplinks none. Rejects for an interface that is not there. */
  async applyAddresses(wanted: Readonly<Record<string, readonly string[]>>): Promise<readonly string[]> {
    const links = await listLinks(this.#netlink);
    const present = await listAddresses(this.#netlink);
    const done: string[] = [];
    for (const { name, index } of links) {
      if (linkOfInterface(name) === undefined) continue;
      const want = new Set(wanted[name] ?? []);
      for (const { index: at, address, prefixLength, scope } of present) {
        if (at !== index || scope === linkScope || want.delete(`${address}/${prefixLength}`)) continue;
        await deleteAddress(this.#netlink, { index, address, prefixLength });
        done.push(`-${address}/${prefixLength} ${name}`);
      }
      for (const each of want) {
        const [address = "", length] = each.split("/");
        await addAddress(this.#netlink, { index, address, prefixLength: Number(length) });
        done.push(`+${each} ${name}`);
      }
    }
    const missing = Object.keys(wanted).filter((name) => links.every((link) => link.name !== name));
    if (missing.length > 0) throw new Error(`no interface ${missing.join(", ")}`);
    return done;
  }

  async #read(): Promise<void> {
    if (this.#reading !== "idle") {
      this.#reading = "again";
      return;
    }
    do {
      this.#reading = "reading";
      try {
        const links = await listLinks(this.#netlink);
        const routes = [
          ...(await listRoutes(this.#netlink, { protocol: frrProtocols.bgp })),
          ...(await listRoutes(this.#netlink, { protocol: frrProtocols.static })),
        ];
        if (!this.#isDisposed) this.#listener.learnt(learntRoutes(routes, links));
      } catch (error) {
        if (!this.#isDisposed) this.#listener.failed(error);
      }
    } while (this.#isAsked());
    this.#reading = "idle";
  }

  #isAsked(): boolean {
    return this.#reading === "again" && !this.#isDisposed;
  }

  [Symbol.dispose](): void {
    this.#isDisposed = true;
    for (const watch of this.#watches) watch[Symbol.dispose]();
    this.#netlink[Symbol.dispose]();
  }
}
