import { listLinks, parseLinkEvent } from "../../../netdev/links.ts";
import type { NetlinkMessage } from "../../../netdev/netlink-message.ts";
import { openNetlinkSocket, watchNetlink } from "../../../netdev/netlink-socket.ts";
import { parseNexthopEvent } from "../../../netdev/nexthops.ts";
import { parseRouteEvent } from "../../../netdev/routes.ts";
import { monotonicMs } from "../../daemon/clock.ts";
import type { DaemonLog } from "../../daemon/log.ts";
import { Frame } from "../engine/parse/frame.ts";
import type { VpcPort } from "../engine/vpc/vpc-port.ts";
import { Opte } from "../engine/host/opte.ts";
import { finishChecksum } from "./finish-checksum.ts";
import { GuestLinks, type GuestTaker } from "./guest-links.ts";
import { RouteCache } from "./route-cache.ts";
import { Underlay, type UnderlayTaker, type Way } from "./underlay.ts";

const largestFrame = 65_600;
const tickMs = 1000;

/** The engine between guests' interfaces and the underlay: frames move, and time passes. */
export class Forwarder implements Disposable {
  readonly opte: Opte;
  readonly underlay: Underlay;
  readonly guests: GuestLinks;
  /** Called every second, after what the engine does then. */
  onTick: ((now: number) => void) | undefined = undefined;
  readonly #netlink = openNetlinkSocket();
  readonly #frame = new Frame(largestFrame);
  readonly #ports = new Map<string, VpcPort>();
  readonly #caches = new Map<string, RouteCache<Way>>();
  /** Of frames that answer one of the underlay, which are no port's own. */
  readonly #answers = new RouteCache<Way>();
  readonly #resources = new DisposableStack();
  #cache = this.#answers;

  private constructor(seed: number, log: DaemonLog) {
    const done = (): void => {
      this.underlay.flush();
      this.guests.flush();
    };
    this.opte = new Opte({
      seed,
      outlet: {
        underlay: (frame, nextHop) => {
          this.underlay.send(frame, nextHop, this.#cache);
        },
        guest: (port, frame) => {
          this.guests.send(port, frame);
        },
      },
    });
    const resources = this.#resources;
    resources.use(this.#netlink);
    const underlay: UnderlayTaker = (bytes, start, length) => {
      this.#fromUnderlay(bytes, start, length);
    };
    const guest: GuestTaker = (...frame) => {
      this.#fromGuest(...frame);
    };
    this.underlay = resources.use(new Underlay(this.#netlink, { frame: underlay, done }, log));
    this.guests = resources.use(new GuestLinks(this.#netlink, guest, done, log));
    const timer = setInterval(() => {
      this.#tick(monotonicMs());
    }, tickMs);
    resources.defer(() => {
      clearInterval(timer);
    });
    resources.use(
      watchNetlink(["links", "neighbours", "routes", "nexthops"], {
        message: (message) => {
          this.#message(message);
        },
        lost: () => {
          this.#readAll().catch((error: unknown) => {
            log.error({ error: String(error) }, "what the kernel knows cannot be read");
          });
        },
      }),
    );
  }

  /** Start. `seed` is that of the flow tables' hashes. Throws with the name of the errno where sockets cannot be had. */
  static async start(seed: number, log: DaemonLog): Promise<Forwarder> {
    const forwarder = new Forwarder(seed, log);
    try {
      await forwarder.underlay.neighbours.read();
      return forwarder;
    } catch (error) {
      forwarder[Symbol.dispose]();
      throw error;
    }
  }

  /** Take a new port's frames. */
  addPort(port: VpcPort): void {
    this.#ports.set(port.name, port);
    this.#caches.set(port.name, new RouteCache<Way>());
  }

  removePort(name: string): void {
    this.#ports.delete(name);
    this.#caches.delete(name);
  }

  /** The route cache of a port. */
  routeCache(name: string): RouteCache<Way> | undefined {
    return this.#caches.get(name);
  }

  get routeCaches(): readonly RouteCache<Way>[] {
    return [this.#answers, ...this.#caches.values()];
  }

  #fromGuest(name: string, bytes: Uint8Array, start: number, length: number, isUnfinished: boolean): void {
    const port = this.#ports.get(name);
    if (port === undefined || !this.#frame.take(bytes, start, length)) return;
    if (isUnfinished) finishChecksum(this.#frame);
    this.#cache = this.#caches.get(name) ?? this.#answers;
    this.opte.fromGuest(port, this.#frame, monotonicMs());
  }

  #fromUnderlay(bytes: Uint8Array, start: number, length: number): void {
    if (!this.#isOurs(bytes, start, length)) {
      this.underlay.stats.not_for_us += 1;
      return;
    }
    if (!this.#frame.take(bytes, start, length)) return;
    this.#cache = this.#answers;
    this.opte.fromUnderlay(this.#frame, monotonicMs());
  }

  /** Whether the outer destination is a group's, or an address of this sled. */
  #isOurs(bytes: Uint8Array, start: number, length: number): boolean {
    if (length < 54) return false;
    if (bytes[start + 38] === 0xff) return true;
    for (const { identity } of this.#ports.values())
      if (isAt(identity.underlayIp.words, bytes, start + 38)) return true;
    return false;
  }

  #message(message: NetlinkMessage): void {
    const link = parseLinkEvent(message);
    if (link !== undefined) {
      this.underlay.linkEvent(link);
      this.guests.linkEvent(link);
      return;
    }
    this.underlay.neighbours.message(message);
    if (parseRouteEvent(message) !== undefined || parseNexthopEvent(message) !== undefined) {
      this.underlay.routesChanged();
    }
  }

  async #readAll(): Promise<void> {
    for (const link of await listLinks(this.#netlink)) {
      this.underlay.linkEvent({ event: "present", link });
      this.guests.linkEvent({ event: "present", link });
    }
    await this.underlay.neighbours.read();
    this.underlay.routesChanged();
  }

  #tick(now: number): void {
    this.opte.expire(now);
    for (const cache of this.routeCaches) cache.prune(now);
    this.underlay.neighbours.confirm();
    this.onTick?.(now);
  }

  /** Guests' pairs stay, and are found again by the next run. */
  [Symbol.dispose](): void {
    this.#resources.dispose();
  }
}

function isAt(words: Int32Array, bytes: Uint8Array, at: number): boolean {
  for (let i = 0; i < 16; i++)
    if (bytes[at + i] !== (((words[i >> 2] ?? 0) >>> (24 - 8 * (i & 3))) & 0xff)) return false;
  return true;
}
