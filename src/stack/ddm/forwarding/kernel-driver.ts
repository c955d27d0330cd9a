import { listLinks } from "../../../netdev/links.ts";
import { NetlinkError } from "../../../netdev/netlink-error.ts";
import { type NetlinkSocket, openNetlinkSocket } from "../../../netdev/netlink-socket.ts";
import { deleteNexthop, listNexthops, type Nexthop, setNexthop } from "../../../netdev/nexthops.ts";
import { addRoute, deleteRoute, listRoutes } from "../../../netdev/routes.ts";
import type { RouteSet } from "../engine/forwarding-plan.ts";
import type { NextHop, RouteChange } from "../engine/input-output.ts";
import type { RouteFailure, WeightedDriver, Weights } from "./driver.ts";

/** The protocol number of this daemon's routes and nexthop objects in the kernel. */
export const ddmProtocol = 223;

/** Ids of nexthop objects are taken from here on. */
const firstNexthopId = 0x0ddd_0000;

/**
 * The kernel's IPv6 routes: a nexthop object for each neighbour, a group for each set of them that is in use, and routes that
 * name a group. Which objects there are is asked anew for each batch: with a carrier the kernel drops objects without a word.
 */
export class KernelDriver implements WeightedDriver {
  readonly #socket: NetlinkSocket;
  readonly #preferredSource: string | undefined;
  readonly #weights = new Map<string, Weights>();

  /** @param preferredSource the address that the host's own packets to these routes come from */
  constructor(preferredSource: string | undefined) {
    this.#socket = openNetlinkSocket();
    this.#preferredSource = preferredSource;
  }

  setWeights(destination: string, weights: Weights | undefined): void {
    if (weights === undefined) this.#weights.delete(destination);
    else this.#weights.set(destination, weights);
  }

  async snapshot(): Promise<RouteSet> {
    const [routes, objects] = [await this.#routes(), await this.#objects()];
    const used = new Set(routes.map(({ nexthopId }) => nexthopId));
    const installed = new Map<string, readonly NextHop[]>();
    for (const { destination, nexthopId } of routes) installed.set(destination, objects.hopsOf(nexthopId));
    await this.#collect(objects, used);
    return installed;
  }

  async program(changes: readonly RouteChange[]): Promise<readonly RouteFailure[]> {
    const objects = await this.#objects();
    const failures: RouteFailure[] = [];
    await Promise.all(
      changes.map(async ({ destination, nextHops }) => {
        try {
          await (nextHops.length === 0 ? this.#deleteRoute(destination) : this.#set(destination, nextHops, objects));
        } catch (error) {
          if (!(error instanceof NetlinkError)) throw error;
          failures.push({ destination, reason: error.message });
        }
      }),
    );
    return failures;
  }

  async #set(destination: string, hops: readonly NextHop[], objects: NexthopObjects): Promise<void> {
    const nexthopId = await objects.idOf(hops, this.#weights.get(destination), this.#socket);
    const preferredSource = this.#preferredSource;
    await addRoute(this.#socket, { destination, protocol: ddmProtocol, nexthopId, preferredSource }, "replace");
  }

  async #objects(): Promise<NexthopObjects> {
    const links = await listLinks(this.#socket);
    return new NexthopObjects(
      await listNexthops(this.#socket, ddmProtocol),
      new Map(links.map(({ index, name }) => [index, name])),
    );
  }

  #routes(): ReturnType<typeof listRoutes> {
    return listRoutes(this.#socket, { addressFamily: 6, protocol: ddmProtocol });
  }

  /** Delete objects that nothing uses. */
  async #collect(objects: NexthopObjects, used: ReadonlySet<number | undefined>): Promise<void> {
    for (const id of objects.unused(used)) await this.#deleteNexthop(id);
  }

  async #deleteRoute(destination: string): Promise<void> {
    await unless("ESRCH", deleteRoute(this.#socket, { destination, protocol: ddmProtocol }));
  }

  async #deleteNexthop(id: number): Promise<void> {
    await unless("ENOENT", deleteNexthop(this.#socket, id));
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#socket[Symbol.dispose]();
    return Promise.resolve();
  }
}

async function unless(code: string, operation: Promise<void>): Promise<void> {
  try {
    await operation;
  } catch (error) {
    if (!(error instanceof NetlinkError) || error.code !== code) throw error;
  }
}

/** The nexthop objects of one moment, and those made since. */
class NexthopObjects {
  readonly #names: ReadonlyMap<number, string>;
  readonly #indexes: ReadonlyMap<string, number>;
  /** By what they are: "net0 fe80::1", or "id×weight id×weight" for a group. */
  readonly #ids = new Map<string, Promise<number>>();
  readonly #hops = new Map<number, readonly NextHop[]>();
  readonly #members = new Map<number, readonly number[]>();
  #lastId = firstNexthopId;

  constructor(objects: readonly Nexthop[], names: ReadonlyMap<number, string>) {
    this.#names = names;
    this.#indexes = new Map(Array.from(names, ([index, name]) => [name, index]));
    for (const object of objects) {
      this.#lastId = Math.max(this.#lastId, object.id);
      if ("index" in object) this.#addSingle(object.id, object.index, object.gateway ?? "");
    }
    for (const object of objects) {
      if (!("members" in object)) continue;
      this.#ids.set(groupText(object.members), Promise.resolve(object.id));
      this.#hops.set(
        object.id,
        object.members.flatMap(({ id }) => this.#hops.get(id) ?? []),
      );
      this.#members.set(
        object.id,
        object.members.map(({ id }) => id),
      );
    }
  }

  #addSingle(id: number, index: number, address: string): void {
    const link = this.#names.get(index) ?? String(index);
    this.#ids.set(`${link} ${address}`, Promise.resolve(id));
    this.#hops.set(id, [{ link, address }]);
  }

  hopsOf(id: number | undefined): readonly NextHop[] {
    return id === undefined ? [] : (this.#hops.get(id) ?? []);
  }

  /** Objects that neither these routes nor the groups of these use, groups first. */
  unused(used: ReadonlySet<number | undefined>): readonly number[] {
    const members = new Set([...this.#members].flatMap(([id, ids]) => (used.has(id) ? ids : [])));
    const free = [...this.#hops.keys()].filter((id) => !used.has(id) && !members.has(id));
    return free.sort((a, b) => Number(this.#members.has(b)) - Number(this.#members.has(a)));
  }

  /** The object for these next hops, made if it is not there. */
  async idOf(hops: readonly NextHop[], weights: Weights | undefined, socket: NetlinkSocket): Promise<number> {
    const singles = await Promise.all(hops.map((hop) => this.#single(hop, socket)));
    const [only] = singles;
    if (only !== undefined && singles.length === 1) return only;
    const members = singles.map((id, at) => ({ id, weight: weights?.get(hops[at]?.link ?? "") ?? 1 }));
    return this.#made(groupText(members), (id) => setNexthop(socket, { id, protocol: ddmProtocol, members }));
  }

  #single({ link, address }: NextHop, socket: NetlinkSocket): Promise<number> {
    return this.#made(`${link} ${address}`, (id) =>
      setNexthop(socket, { id, protocol: ddmProtocol, index: this.#indexes.get(link) ?? 0, gateway: address }),
    );
  }

  #made(what: string, make: (id: number) => Promise<void>): Promise<number> {
    const known = this.#ids.get(what);
    if (known !== undefined) return known;
    this.#lastId += 1;
    const id = this.#lastId;
    const made = make(id).then(() => id);
    this.#ids.set(what, made);
    return made;
  }
}

function groupText(members: readonly { readonly id: number; readonly weight: number }[]): string {
  return Array.from(members, ({ id, weight }) => `${id}×${weight}`)
    .sort()
    .join(" ");
}
