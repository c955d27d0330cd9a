import { z } from "zod";
import { formatMac } from "../../packet/index.ts";
import { type ApiTarget, requestApi } from "../daemon/request.ts";
import type { NatState } from "../nexus/sled-interface/switch-state.ts";
import { type DpdPresent, type DpdRequest, dpdRequests, dpdTag, routeRequests } from "./engine/dpd-changes.ts";
import type { LearntRoute } from "./engine/learnt-route.ts";
import type { DpdWanted } from "./engine/wanted.ts";

/** In a machine that is emulated and busy. */
const timeoutMs = 15_000;
const pageItems = 1000;

const guest = z
  .object({ internal_ip: z.string(), inner_mac: z.object({ a: z.array(z.int()) }), vni: z.int() })
  .transform(({ inner_mac: { a }, ...rest }): NatState["target"] => ({
    ...rest,
    inner_mac: formatMac(Uint8Array.from(a)),
  }));
const natEntry = z.object({ external: z.string(), low: z.int(), high: z.int(), target: guest });
const attachedSubnet = z.object({ subnet: z.string(), target: guest });
const tagged = z.object({ tag: z.string(), addr: z.string() });
const link = z.object({ port_id: z.string(), ipv6_enabled: z.boolean(), uplink: z.boolean() });
const settings = z.record(
  z.string(),
  z.object({
    links: z.record(z.string(), z.object({ params: z.record(z.string(), z.unknown()), addrs: z.array(z.string()) })),
  }),
);
const target = z.object({ tag: z.string(), port_id: z.string(), link_id: z.int(), tgt_ip: z.string() });
const route = z.object({
  cidr: z.string(),
  targets: z.array(
    z.union([
      target,
      z.object({ V4: target }).transform(({ V4 }) => V4),
      z.object({ V6: target }).transform(({ V6 }) => V6),
    ]),
  ),
});

/** dpd: what mgd has there, and what it shall have. Rejects when dpd cannot be reached, or refuses something. */
export class DpdClient {
  readonly #dpd: ApiTarget;
  readonly #signal: AbortSignal;

  constructor(dpd: ApiTarget, signal: AbortSignal) {
    this.#dpd = dpd;
    this.#signal = signal;
  }

  /** Let dpd have what nexus says; returns what was done. */
  async apply(wanted: DpdWanted): Promise<readonly string[]> {
    return this.#do(dpdRequests(wanted, await this.#present()));
  }

  /** Let dpd have these routes out of the rack; returns what was done. */
  async applyRoutes(wanted: readonly LearntRoute[]): Promise<readonly string[]> {
    return this.#do(routeRequests(wanted, await this.routes()));
  }

  /** mgd's routes. */
  async routes(): Promise<readonly LearntRoute[]> {
    const all = [...(await this.#list("/route/ipv4", route)), ...(await this.#list("/route/ipv6", route))];
    return all.flatMap(({ cidr: prefix, targets }) => {
      const paths = targets
        .filter(({ tag }) => tag === dpdTag)
        .map(({ port_id: port, link_id: own, tgt_ip: nextHop }) => ({ port, link: own, nextHop }));
      return paths.length === 0 ? [] : [{ prefix, paths }];
    });
  }

  async #present(): Promise<DpdPresent> {
    const links = z.array(link).parse(await this.#get("/links"));
    const own = settings.parse(await this.#get(`/all-settings?tag=${dpdTag}`));
    const loopbacks = [
      ...z.array(tagged).parse(await this.#get("/loopback/ipv4")),
      ...z.array(tagged).parse(await this.#get("/loopback/ipv6")),
    ];
    return {
      links: links.flatMap(({ port_id: port, ipv6_enabled: ipv6, uplink }) => {
        const found = own[port]?.links["0"];
        return !uplink || found === undefined ? [] : [{ port, ipv6, parameters: found.params, addresses: found.addrs }];
      }),
      nat: [...(await this.#nat("ipv4")), ...(await this.#nat("ipv6"))],
      attachedSubnets: await this.#list("/attached_subnet", attachedSubnet),
      loopbacks: loopbacks.filter(({ tag }) => tag === dpdTag).map(({ addr }) => addr),
    };
  }

  async #nat(family: "ipv4" | "ipv6"): Promise<readonly NatState[]> {
    const entries: NatState[] = [];
    for (const address of await this.#list(`/nat/${family}`, z.string())) {
      const own = await this.#list(`/nat/${family}/${address}`, natEntry);
      entries.push(
        ...own.map(({ external, low, high, target: to }) => ({
          external_ip: external,
          first_port: low,
          last_port: high,
          target: to,
        })),
      );
    }
    return entries;
  }

  async #list<Item extends z.ZodType>(path: string, item: Item): Promise<z.output<Item>[]> {
    const page = z.object({ items: z.array(item), next_page: z.string().nullish() });
    const all: z.output<Item>[] = [];
    for (let token = ""; ;) {
      const { items, next_page } = page.parse(await this.#get(`${path}?limit=${pageItems}${token}`));
      all.push(...items);
      if (next_page === undefined || next_page === null) return all;
      token = `&page_token=${encodeURIComponent(next_page)}`;
    }
  }

  async #get(path: string): Promise<unknown> {
    const { status, body } = await requestApi(this.#dpd, { method: "GET", path, timeoutMs, signal: this.#signal });
    if (status !== 200) throw new Error(`GET ${path}: dpd answers ${status}: ${body.slice(0, 200)}`);
    return JSON.parse(body) as unknown;
  }

  async #do(requests: readonly DpdRequest[]): Promise<readonly string[]> {
    const done: string[] = [];
    for (const request of requests) {
      const { method, path } = request;
      const { status, body } = await requestApi(this.#dpd, { ...request, timeoutMs, signal: this.#signal });
      const isGone = method === "DELETE" && status === 404;
      if (!isGone && (status < 200 || status > 299)) {
        throw new Error(`${method} ${path}: dpd answers ${status}: ${body.slice(0, 200)}`);
      }
      done.push(`${method} ${path}`);
    }
    return done;
  }
}
